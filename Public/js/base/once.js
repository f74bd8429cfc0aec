// @ts-check
/** What is made once, when it is asked for first. */

/**
 * @template Value
 * @param {() => Promise<Value>} make
 * @returns {() => Promise<Value>} one that fails is made anew the next time
 */
export function once(make) {
    /** @type {Promise<Value> | null} */
    let made = null;
    return () => {
        made ??= make().catch((error) => {
            made = null;
            throw error;
        });
        return made;
    };
}
