// @ts-check
/** What takes a while is done one after another, in the order in which it was given. */

/**
 * @template Value
 * @returns {(act: () => Promise<Value>) => Promise<Value>} one that fails tells its caller, and holds up
 *   none of those after it
 */
export function oneAfterAnother() {
    /** @type {Promise<unknown>} */
    let last = Promise.resolve();
    return (act) => {
        const done = last.then(act, act);
        last = done;
        return done;
    };
}
