// Readers that take what is written slowly, or not at all: one rule for answers, downloads and streams.

import Domain
import NIOCore
import Testing
import Web

@Suite("A reader", .timeLimit(.minutes(5)))
struct SlowReaderTests {
    /// What makes the server write more than a kernel takes in.
    private enum Kind: CaseIterable {
        case answer, download, poll, eventStream, plainEventStream, webSocket, pipelined

        func ask(_ wire: Wire, _ fixture: Fixture, version: String = "1.1") async throws {
            switch self {
            case .answer: try await wire.request("GET", "/large", version: version)
            case .download: try await wire.request("GET", "/pieces", version: version)
            case .poll: try await wire.request("GET", fixture.path, version: version)
            case .eventStream:
                try await wire.request("GET", fixture.path, ["Accept": "text/event-stream"])
            case .plainEventStream:
                let accept = ["Accept": "text/event-stream"]
                try await wire.request("GET", fixture.path, accept, version: "1.0")
            case .webSocket:
                #expect(try await wire.upgrade(fixture.path).status == 101)
            case .pipelined:
                for _ in 0..<20 { try await wire.request("GET", "/pieces") }
            }
        }
    }

    /// A document of several pieces.
    private func fill(_ fixture: Fixture) async throws {
        let name = (0..<4).map { _ in String(repeating: "n", count: 250) }.joined(separator: "/")
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            for _ in 0..<200 { tasks.addTask { try await fixture.addImage(name) } }
            try await tasks.waitForAll()
        }
    }

    @Test("that takes nothing is given up, whatever it was given", arguments: Kind.allCases)
    private func stopped(kind: Kind) async throws {
        try await withDarkroom({ $0.timing.stall = .milliseconds(200) }) { fixture in
            try await fill(fixture)
            let (ends, end) = AsyncStream<Void>.makeStream()
            try await withStoppedWire(fixture, onClose: { end.finish() }) { wire in
                try await kind.ask(wire, fixture)
                for await _ in ends {}
            }
            try await fixture.untilNobodyIsSubscribed()
            while fixture.feed.documentBytes > 0 { await Task.yield() }
        }
    }

    @Test("that takes nothing does not hold up a stop", arguments: Kind.allCases)
    private func farewell(kind: Kind) async throws {
        try await withDarkroom({ $0.timing.farewell = .milliseconds(200) }) { fixture in
            try await fill(fixture)
            let (ends, end) = AsyncStream<Void>.makeStream()
            try await withStoppedWire(fixture, onClose: { end.finish() }) { wire in
                try await kind.ask(wire, fixture)
                await fixture.stop()
                for await _ in ends {}
            }
        }
    }

    @Test(
        "that is slow gets all of an answer, though nothing follows it on its connection",
        arguments: ["1.0", "1.1"])
    func last(version: String) async throws {
        try await withDarkroom({ $0.timing.linger = .milliseconds(1) }) { fixture in
            for path in ["/large", "/pieces"] {
                try await withWire(fixture) { wire in
                    try await wire.request(
                        "GET", path, ["Connection": "close"], version: version)
                    #expect(try await wire.answer().body.utf8.count == large)
                    #expect(try await wire.readToEnd() == "")
                }
            }
        }
    }

    @Test("that has closed its own side gets all of an answer")
    func halfClosed() async throws {
        try await withDarkroom { fixture in
            try await withWire(fixture) { wire in
                try await wire.request("GET", "/large")
                wire.finish()
                #expect(try await wire.answer().body.utf8.count == large)
                #expect(try await wire.readToEnd() == "")
            }
        }
    }

    @Test("gets a long reset in pieces, and what comes after it, over every transport")
    func longReset() async throws {
        // Nobody answers the pings here, and who is silent for three heartbeats gets no other: on a busy
        // machine the first of them must not come later than that.
        try await withDarkroom({ $0.timing.heartbeat = .seconds(2) }) { fixture in
            try await fill(fixture)
            let document = try JSON(
                parsing: try await fixture.store.snapshot(of: fixture.batch.id).document)
            for kind in [Kind.eventStream, .plainEventStream, .webSocket, .poll] {
                let seen = try await withWire(fixture, receiveBuffer: 32_768) { wire in
                    try await kind.ask(wire, fixture)
                    return try await reset(from: wire, kind)
                }
                #expect(seen == document)
            }
        }
    }

    private func reset(from wire: Wire, _ kind: Kind) async throws -> JSON? {
        switch kind {
        case .eventStream, .plainEventStream:
            _ = try await wire.head()
            let reader = EventReader(wire, isChunked: kind == .eventStream)
            #expect(try await reader.next()?.name == "hello")
            let reset = try #require(try await reader.next())
            #expect(reset.name == "reset")
            #expect(try await reader.next()?.name == "live")
            return try reset.json()["document"]
        case .webSocket:
            let reset = try await wire.message("reset")
            _ = try await wire.message("heartbeat")
            return reset["document"]
        default:
            return try await wire.answer().json()["reset"]?["document"]
        }
    }
}
