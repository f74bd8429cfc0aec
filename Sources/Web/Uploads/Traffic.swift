// How many requests send bytes at this moment: the limit, and each one's share of the memory.

import Domain
import Synchronization

final class Traffic: Sendable {
    private let limit: Int
    private let bufferBytes: Int
    private let active = Mutex(0)

    init(limit: Int, bufferBytes: Int) {
        self.limit = limit
        self.bufferBytes = bufferBytes
    }

    /// Counts one more; `leave` must follow. Returns how large its receive buffers may be: about a
    /// dozen of them can be in memory at a time.
    /// - Throws: `too-many-requests`.
    func enter() throws(Problem) -> Int {
        let count = active.withLock { active in
            guard active < limit else { return 0 }
            active += 1
            return active
        }
        guard count > 0 else { throw full }
        return min(256 << 10, max(16 << 10, bufferBytes / (12 * count)))
    }

    /// How many bytes a request gathers before it writes them: large writes while there are few.
    var batchBytes: Int { min(1 << 20, max(64 << 10, bufferBytes / (4 * max(1, count)))) }

    /// Whether a request that is about to begin something would find a place for its bytes.
    /// - Throws: `too-many-requests`.
    func check() throws(Problem) {
        guard count < limit else { throw full }
    }

    private var full: Problem {
        Problem(
            .tooManyRequests, "\(limit) uploads are sending at the moment.", limit: limit,
            actual: limit + 1)
    }

    func leave() { active.withLock { $0 -= 1 } }

    /// A gauge.
    var count: Int { active.withLock { $0 } }
}
