// Who may send while all places are taken. The clock is held.

import Domain
import NIOCore
import Synchronization
import Testing

@testable import Web

@Suite("Places among the requests that send")
struct UploadRequestsTests {
    private final class Clock: Sendable {
        private let seconds = Mutex<Int64>(1)
        func pass(_ count: Int64) { seconds.withLock { $0 += count } }
        @Sendable func now() -> NIODeadline {
            .uptimeNanoseconds(0) + .seconds(seconds.withLock { $0 })
        }
    }

    private let clock = Clock()

    private func requests(_ limit: Int) -> UploadRequests {
        UploadRequests(limit: limit, bufferBytes: 24 << 20, now: clock.now)
    }

    @Test("refuses one more while all bring what their places are worth")
    func full() throws {
        let requests = requests(2)
        let senders = try (0..<2).map { _ in try requests.enter(Stop()) }
        for _ in 0..<5 {
            clock.pass(6)
            for sender in senders { sender.note(6 * 9_000) }
            #expect(throws: Problem.self) { try requests.requirePlace() }
            #expect(throws: Problem.self) { try requests.enter(Stop()) }
        }
        requests.leave(senders[0])
        _ = try requests.enter(Stop())
        #expect(requests.sending == 2)
    }

    @Test("gives the place of who brings the least to who comes, where that is next to nothing")
    func trickling() throws {
        let requests = requests(3)
        let stops = (0..<3).map { _ in Stop() }
        let senders = try stops.map { try requests.enter($0) }
        // Nobody is judged before a while has passed.
        #expect(throws: Problem.self) { try requests.enter(Stop()) }
        clock.pass(6)
        senders[0].note(1 << 20)
        senders[1].note(160 * 6)
        senders[2].note(500 * 6)
        try requests.requirePlace()
        let fresh = Stop()
        let late = try requests.enter(fresh)
        #expect(stops.map(\.reason) == [nil, .tooSlow, nil])
        #expect(requests.sending == 3)
        // Its request ends later, and takes nobody's place along.
        requests.leave(senders[1])
        #expect(requests.sending == 3)
        // Who has come just now is not judged by the little time it had.
        _ = try requests.enter(Stop())
        #expect(stops.map(\.reason) == [nil, .tooSlow, .tooSlow] && fresh.reason == nil)
        requests.leave(late)
        #expect(requests.sending == 2)
    }

    @Test("whose address has more places than others loses one to them, and nobody all")
    func fairShares() throws {
        let requests = requests(4)
        let (many, few) = (Asker(id: "many"), Asker(id: "few"))
        let stops = (0..<4).map { _ in Stop() }
        for stop in stops { _ = try requests.enter(stop, of: many) }
        // No more for itself, though another would find a place.
        #expect(throws: Problem.self) { try requests.enter(Stop(), of: many) }
        try requests.requirePlace(for: few)

        let own = [Stop(), Stop()]
        for stop in own { _ = try requests.enter(stop, of: few) }
        #expect(stops.filter { $0.reason == .displaced }.count == 2)
        // Two and two: who comes now would only take what another has no more of.
        #expect(throws: Problem.self) { try requests.enter(Stop(), of: few) }
        #expect(throws: Problem.self) { try requests.requirePlace(for: many) }
        _ = try requests.enter(Stop(), of: Asker(id: "third"))
        #expect(own.filter { $0.reason == .displaced }.count <= 1)
        #expect(requests.sending == 4)
    }
}
