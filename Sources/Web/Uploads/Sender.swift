import Domain
import NIOCore
import Synchronization

/// A request that sends bytes, and how many it has brought of late.
final class Sender: Sendable {
    /// Bytes a second below which a place may be taken away.
    static let worthwhile = 8.0 * 1_024
    /// How long it is looked at, and how long a new one is left alone.
    private static let window = TimeAmount.seconds(5)

    private struct Recent {
        var since: NIODeadline
        var bytes = 0
        /// In the window before.
        var before: Double = .infinity
    }

    let stop: Stop
    let asker: Asker
    private let recent: Mutex<Recent>

    init(_ stop: Stop, of asker: Asker, at now: NIODeadline) {
        self.stop = stop
        self.asker = asker
        recent = Mutex(Recent(since: now))
    }

    func note(_ bytes: Int) { recent.withLock { $0.bytes += bytes } }

    /// Bytes a second, of the last whole window. Infinite while there is none.
    func rate(at now: NIODeadline) -> Double {
        recent.withLock { recent in
            let elapsed = now - recent.since
            if elapsed >= Self.window {
                let seconds = Double(elapsed.nanoseconds) / 1e9
                recent = Recent(since: now, before: Double(recent.bytes) / seconds)
            }
            return recent.before
        }
    }
}
