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

    /// Counts one more; `leave` must follow.
    /// - Throws: `too-many-requests`.
    func enter() throws(Problem) {
        let isWelcome = active.withLock { active in
            guard active < limit else { return false }
            active += 1
            return true
        }
        guard isWelcome else { throw full }
    }

    /// How large a request's receive buffers may be at the moment, a power of two. Some twenty of
    /// them can be in memory at a time: on their way through the connection's handlers, in the
    /// request's body, and waiting to be written.
    var receiveBytes: Int {
        let share = bufferBytes / (32 * max(1, count))
        return min(256 << 10, max(8 << 10, 1 << (Int.bitWidth - 1 - share.leadingZeroBitCount)))
    }

    /// How many bytes a request gathers before it writes them.
    var writeBytes: Int { 4 * receiveBytes }

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
