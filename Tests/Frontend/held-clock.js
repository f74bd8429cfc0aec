/** A clock that stands still until a test moves it. */
export class HeldClock {
    #now = 0;
    #lastID = 0;
    #timers = new Map();

    now() {
        return this.#now;
    }

    set(run, ms) {
        this.#lastID += 1;
        this.#timers.set(this.#lastID, { run, due: this.#now + ms });
        return this.#lastID;
    }

    clear(id) {
        this.#timers.delete(id);
    }

    get pending() {
        return this.#timers.size;
    }

    /** Moves on, running each timer at its own moment, and lets promises settle between them. */
    async advance(ms) {
        const end = this.#now + ms;
        await settle();
        while (true) {
            const [next] = [...this.#timers]
                .filter(([, { due }]) => due <= end)
                .sort(([, a], [, b]) => a.due - b.due);
            if (!next) break;
            this.#timers.delete(next[0]);
            this.#now = Math.max(this.#now, next[1].due);
            next[1].run();
            await settle();
        }
        this.#now = end;
    }

    /** The machine slept: time went by and no timer ran. */
    sleep(ms) {
        this.#now += ms;
    }
}

export async function settle() {
    for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
    await new Promise((resolve) => setImmediate(resolve));
}
