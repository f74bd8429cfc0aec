// Who may send while all places are taken. The clock is held.

import Domain
import NIOCore
import Synchronization
import Testing

@testable import Web

@Suite("Traffic")
struct TrafficTests {
    private final class Clock: Sendable {
        private let seconds = Mutex<Int64>(1)
        func pass(_ count: Int64) { seconds.withLock { $0 += count } }
        @Sendable func now() -> NIODeadline {
            .uptimeNanoseconds(0) + .seconds(seconds.withLock { $0 })
        }
    }

    private let clock = Clock()

    private func traffic(_ limit: Int) -> Traffic {
        Traffic(limit: limit, bufferBytes: 24 << 20, now: clock.now)
    }

    @Test("refuses one more while all bring what their places are worth")
    func full() throws {
        let traffic = traffic(2)
        let senders = try (0..<2).map { _ in try traffic.enter(Stop()) }
        for _ in 0..<5 {
            clock.pass(6)
            for sender in senders { sender.note(6 * 9_000) }
            #expect(throws: Problem.self) { try traffic.check() }
            #expect(throws: Problem.self) { try traffic.enter(Stop()) }
        }
        traffic.leave(senders[0])
        _ = try traffic.enter(Stop())
        #expect(traffic.count == 2)
    }

    @Test("gives the place of who brings the least to who comes, where that is next to nothing")
    func trickling() throws {
        let traffic = traffic(3)
        let stops = (0..<3).map { _ in Stop() }
        let senders = try stops.map { try traffic.enter($0) }
        // Nobody is judged before a while has passed.
        #expect(throws: Problem.self) { try traffic.enter(Stop()) }
        clock.pass(6)
        senders[0].note(1 << 20)
        senders[1].note(160 * 6)
        senders[2].note(500 * 6)
        try traffic.check()
        let fresh = Stop()
        let late = try traffic.enter(fresh)
        #expect(stops.map(\.reason) == [nil, .tooSlow, nil])
        #expect(traffic.count == 3)
        // Its request ends later, and takes nobody's place along.
        traffic.leave(senders[1])
        #expect(traffic.count == 3)
        // Who has come just now is not judged by the little time it had.
        _ = try traffic.enter(Stop())
        #expect(stops.map(\.reason) == [nil, .tooSlow, .tooSlow] && fresh.reason == nil)
        traffic.leave(late)
        #expect(traffic.count == 2)
    }
}
