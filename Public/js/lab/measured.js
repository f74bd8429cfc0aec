// @ts-check
/**
 * What `scripts/bench transports` has measured, and how many lines of code each transport needs of
 * its own. `scripts/choosing` writes it; the same figures are in docs/choosing.md. Delays are in
 * milliseconds, [median, p99]; the rest is for one reader and a minute, [at work, at rest], `cpu` in
 * milliseconds of the server's.
 */

export const measured = {
    when: "2026-11-24",
    ways: {
        polling5: {
            near: [2500, 5000],
            far: [2600, 5100],
            requests: [12, 12],
            bytes: [112640, 3072],
            cpu: [8, 3],
        },
        polling1: {
            near: [500, 990],
            far: [600, 1140],
            requests: [60, 60],
            bytes: [143360, 15360],
            cpu: [20, 5],
        },
        adaptive: {
            near: [134, 1200],
            far: [236, 1400],
            requests: [226, 30],
            bytes: [206848, 7578],
            cpu: [55, 1],
        },
        long: {
            near: [6, 13],
            far: [103, 156],
            requests: [601, 3],
            bytes: [350208, 819],
            cpu: [24, 0.2],
        },
        sse: {
            near: [6, 7],
            far: [53, 54],
            requests: [0, 0],
            bytes: [149504, 102],
            cpu: [5, 0.1],
        },
        websocket: {
            near: [5, 8],
            far: [53, 54],
            requests: [0, 0],
            bytes: [154624, 102],
            cpu: [4, 0.1],
        },
    },
    lines: {
        polling: {
            page: 91,
            server: 136,
        },
        sse: {
            page: 84,
            server: 112,
        },
        websocket: {
            page: 101,
            server: 632,
        },
    },
};
