// Which run has which fault, and the connections on which its requests are answered now. Nobody else's
// connection is ever in here. In memory alone; a fault ends by itself.

import Domain
import NIOCore
import Synchronization

package final class FaultTable: Sendable {
    /// Faults at a time: one a run.
    static let most = 64

    private struct Lasting {
        let fault: Fault
        let end: NIODeadline
    }
    private struct State {
        var faults: [FaultyRun: Lasting] = [:]
        var links: [FaultyRun: [ObjectIdentifier: NIOLoopBound<FaultyLink>]] = [:]
    }
    private let state = Mutex(State())

    package init() {}

    /// Begins a fault in place of the run's last one.
    /// - Throws: `too-many-requests` where as many runs as may be have one.
    func begin(_ fault: Fault, for run: FaultyRun) throws(Problem) {
        let end = NIODeadline.now() + fault.length
        let links = try state.withLock { state throws(Problem) in
            state.faults = state.faults.filter { $0.value.end > .now() }
            guard state.faults[run] != nil || state.faults.count < Self.most else {
                throw Problem(
                    .tooManyRequests, "So many runs have a fault already.", limit: Self.most,
                    actual: state.faults.count + 1)
            }
            state.faults[run] = Lasting(fault: fault, end: end)
            return Array((state.links[run] ?? [:]).values)
        }
        for link in links {
            link.eventLoop.execute { link.value.meet(fault, until: end, isOpen: true) }
        }
    }

    /// A request of the run is answered over `link` from now on.
    /// - Returns: the fault that it meets, and its end.
    func enter(_ link: NIOLoopBound<FaultyLink>, _ run: FaultyRun) -> (Fault, NIODeadline)? {
        let key = ObjectIdentifier(link.value)
        return state.withLock { state in
            state.links[run, default: [:]][key] = link
            guard let lasting = state.faults[run], lasting.end > .now() else { return nil }
            return (lasting.fault, lasting.end)
        }
    }

    /// No request of the run is answered over `link` any more.
    func leave(_ link: FaultyLink, _ run: FaultyRun) {
        let key = ObjectIdentifier(link)
        state.withLock { state in
            state.links[run]?[key] = nil
            if state.links[run]?.isEmpty == true { state.links[run] = nil }
        }
    }

    /// Connections that carry a request of a run now.
    var linkCount: Int { state.withLock { $0.links.values.reduce(0) { $0 + $1.count } } }
}
