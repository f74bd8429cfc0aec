import { settle } from "./held-clock.js";

/** A transport whose every connection is in the test's hands. */
export class Wire {
    connections = [];

    open(name) {
        const wire = this;
        return async function* changes({ after, signal, offer }) {
            const connection = new Connection(name, after, signal, offer);
            wire.connections.push(connection);
            yield* connection.messages();
        };
    }

    get transports() {
        const names = ["polling", "adaptive", "long", "sse", "websocket"];
        return Object.fromEntries(names.map((name) => [name, this.open(name)]));
    }

    /** Those that are open. */
    get alive() {
        return this.connections.filter(({ isClosed }) => !isClosed);
    }

    get last() {
        return this.connections.at(-1);
    }

    get names() {
        return this.connections.map(({ name, after }) => `${name}@${after}`);
    }
}

class Connection {
    #queue = [];
    #wake = () => {};
    hasFailed = false;

    constructor(name, after, signal, offer) {
        Object.assign(this, { name, after, signal, offer });
        signal.addEventListener("abort", () => this.#wake());
    }

    get isClosed() {
        return this.signal.aborted || this.hasFailed;
    }

    async say(...messages) {
        this.#queue.push(...messages.map((message) => ({ message })));
        this.#wake();
        await settle();
    }

    async fail(why = {}) {
        this.hasFailed = true;
        this.#queue.push({ error: Object.assign(new Error("down"), why) });
        this.#wake();
        await settle();
    }

    async *messages() {
        while (true) {
            while (this.#queue.length > 0) {
                const { message, error } = this.#queue.shift();
                if (error) throw error;
                yield message;
            }
            await new Promise((resolve) => {
                this.#wake = resolve;
            });
        }
    }
}
