// The event transports of one server: a hub for each event loop, and how many streams are open.

import NIOCore
import ServiceLifecycle
import Synchronization

package final class EventsHub: Sendable {
    package let configuration: EventsConfiguration
    let streamCounter = StreamCounter()
    /// What waits for the peers of all connections.
    let unread: UnreadBytes
    private let loops = Mutex<[ObjectIdentifier: NIOLoopBound<LoopHub>]>([:])

    package init(_ configuration: EventsConfiguration) {
        self.configuration = configuration
        unread = UnreadBytes(limit: configuration.limits.unreadBytes)
    }

    /// Streams that are open now; a gauge.
    package var streamCount: Int { streamCounter.count }

    /// The hub of `loop`, from which this must be called.
    func loopHub(_ loop: any EventLoop) -> LoopHub {
        loops.withLock { loops in
            let key = ObjectIdentifier(loop)
            if let bound = loops[key] { return bound }
            let bound = NIOLoopBound(
                LoopHub(configuration, streamCounter: streamCounter, loop: loop), eventLoop: loop)
            loops[key] = bound
            return bound
        }.value
    }
}

/// Waits at shutdown until the streams have said goodbye. They are nobody's task, so the server
/// would not wait for them by itself. Each ends in its time: see `EventsTiming.farewell`.
package struct EventsDrain: Service {
    private let hub: EventsHub

    package init(_ hub: EventsHub) { self.hub = hub }

    package func run() async throws {
        try await gracefulShutdown()
        await hub.streamCounter.untilEmpty()
    }
}

/// Counts streams over all event loops.
final class StreamCounter: Sendable {
    private struct State {
        var count = 0
        var waiting: [CheckedContinuation<Void, Never>] = []
    }
    private let state = Mutex(State())

    var count: Int { state.withLock { $0.count } }

    func enter() { state.withLock { $0.count += 1 } }

    func leave() {
        let waiting = state.withLock { state in
            state.count -= 1
            guard state.count == 0 else { return [CheckedContinuation<Void, Never>]() }
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }

    func untilEmpty() async {
        await withCheckedContinuation { continuation in
            let isEmpty = state.withLock { state in
                if state.count > 0 { state.waiting.append(continuation) }
                return state.count == 0
            }
            if isEmpty { continuation.resume() }
        }
    }
}
