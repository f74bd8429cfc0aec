// A wake-up that is under way is not sent again: however often the feed calls, one task at a time
// waits on the event loop.

import Domain
import Synchronization

final class WakeFlag: Sendable {
    private let log = Atomic(false)
    private let live = Atomic(false)

    /// - Returns: whether somebody must be told.
    func ring(_ wake: Wake) -> Bool {
        switch wake {
        case .log: !log.exchange(true, ordering: .acquiringAndReleasing)
        case .live: !live.exchange(true, ordering: .acquiringAndReleasing)
        }
    }

    func takeLog() -> Bool { log.exchange(false, ordering: .acquiringAndReleasing) }
    func takeLive() { live.store(false, ordering: .releasing) }
    var hasLive: Bool { live.load(ordering: .acquiring) }
}
