import Domain
import NIOCore
import Testing
import Web

@Suite("At shutdown", .timeLimit(.minutes(5)))
struct ShutdownTests {
    @Test("an event stream ends with a hint when to come back")
    func eventStream() async throws {
        try await withDarkroom { fixture in
            try await withWire(fixture) { wire in
                try await wire.request("GET", fixture.path, ["Accept": "text/event-stream"])
                _ = try await wire.head()
                let reader = EventReader(wire)
                _ = try await reader.next()
                await fixture.stop()
                var last: StreamEvent?
                while let event = try await reader.next() { last = event }
                let end = try #require(last)
                #expect(end.name == "end")
                #expect(try end.json()["reason"]?.stringValue == "shutdown")
                #expect(try #require(try end.json()["retryAfterMs"]?.intValue) > 0)
            }
        }
    }

    @Test("a WebSocket ends the same way, and with 1001")
    func socket() async throws {
        try await withDarkroom { fixture in
            try await withWire(fixture) { wire in
                #expect(try await wire.upgrade(fixture.path).status == 101)
                _ = try await wire.message("live")
                await fixture.stop()
                #expect(try await wire.message("end")["reason"]?.stringValue == "shutdown")
                #expect(try await wire.closeCode() == 1001)
                try await wire.send(frame: 8, ByteBuffer(bytes: [0x03, 0xE9]))
                #expect(try await wire.readToEnd() == "")
            }
        }
    }

    @Test("a long poll is answered at once, and idle connections are closed")
    func longPoll() async throws {
        try await withDarkroom { fixture in
            try await withWire(fixture) { idle in
                #expect(try await idle.get("/hello").status == 200)
                try await withWire(fixture) { wire in
                    try await wire.request(
                        "GET", "\(fixture.path)?after=\(fixture.cursor(1))&wait=50")
                    try await fixture.untilSomebodyIsSubscribed()
                    await fixture.stop()
                    let answer = try await wire.answer()
                    #expect(answer.status == 200)
                    #expect(answer.headers["connection"] == "close")
                }
                #expect(try await idle.readToEnd() == "")
            }
        }
    }

    @Test("a client that takes nothing does not hold the server up")
    func deafClient() async throws {
        try await withDarkroom({ $0.timing.linger = .milliseconds(50) }) { fixture in
            try await withWire(fixture) { wire in
                #expect(try await wire.upgrade(fixture.path).status == 101)
                await fixture.stop()
                try await fixture.untilNobodyIsSubscribed()
            }
        }
    }
}

@Suite("A thousand subscribers", .timeLimit(.minutes(5)))
struct ChurnTests {
    @Test("come and go and leave nothing behind")
    func churn() async throws {
        try await withDarkroom { fixture in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<1_000 {
                    if number >= 50 { try await group.next() }
                    group.addTask { try await visit(fixture, number) }
                }
                try await group.waitForAll()
            }
            try await fixture.untilNobodyIsSubscribed()
        }
    }
}

/// Comes one way or another, hears one thing, and leaves without a word.
private func visit(_ fixture: Fixture, _ number: Int) async throws {
    try await withWire(fixture) { wire in
        if number.isMultiple(of: 3) { #expect(try await wire.get("/hello").status == 200) }
        switch number % 4 {
        case 0:
            try await wire.request("GET", fixture.path, ["Accept": "text/event-stream"])
            _ = try await wire.head()
            #expect(try await EventReader(wire).next()?.name == "hello")
        case 1:
            #expect(try await wire.upgrade(fixture.path).status == 101)
            _ = try await wire.message("hello")
        case 2:
            try await wire.request("GET", "\(fixture.path)?after=\(fixture.cursor(1))&wait=50")
        default:
            #expect(try await wire.get(fixture.path).status == 200)
        }
    }
}
