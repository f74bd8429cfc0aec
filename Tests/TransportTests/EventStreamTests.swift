import Domain
import NIOCore
import Testing
import Web

@Suite("Server-Sent Events", .timeLimit(.minutes(5)))
struct EventStreamTests {
    private func open(
        _ fixture: Fixture, _ wire: Wire, _ query: String = "", _ headers: [String: String] = [:]
    ) async throws -> EventReader {
        let headers = headers.merging(["Accept": "text/event-stream"]) { $1 }
        try await wire.request("GET", fixture.path + query, headers)
        #expect(try await wire.head().status == 200)
        return EventReader(wire)
    }

    @Test("begin at once: how to come back, where the stream starts, what is live")
    func firstBytes() async throws {
        try await withDarkroom { fixture in
            try await withWire(fixture) { wire in
                let accept = ["Accept": "text/event-stream"]
                try await wire.request(
                    "GET", "\(fixture.path)?after=\(fixture.cursor(1))", accept)
                let head = try await wire.head()
                #expect(head.headers["content-type"] == "text/event-stream")
                #expect(head.headers["cache-control"] == "no-cache, no-transform")
                #expect(head.headers["x-accel-buffering"] == "no")
                #expect(head.headers["incremental"] == "?1")
                let reader = EventReader(wire)
                let hello = try #require(try await reader.next())
                #expect(reader.retry == "2000")
                #expect(hello.name == "hello" && hello.id == nil)
                #expect(try hello.json()["cursor"]?.stringValue == fixture.cursor(1))
                #expect(try hello.json()["heartbeatMs"]?.intValue == 15_000)
                #expect(try isNow(hello.json()["at"]?.stringValue))
                let live = try #require(try await reader.next())
                #expect(live == StreamEvent(name: "live", data: "{\"live\":{}}"))
            }
        }
    }

    @Test("give an event's id after its data, so that one cut between them comes again")
    func idComesLast() async throws {
        try await withDarkroom { fixture in
            try await fixture.addImage()
            try await withWire(fixture) { wire in
                try await wire.request(
                    "GET", "\(fixture.path)?after=\(fixture.cursor(1))",
                    ["Accept": "text/event-stream"])
                #expect(try await wire.head().status == 200)
                let before = try await wire.take(until: "id: \(fixture.cursor(2))\n\n")
                #expect(before.contains("event: change\ndata: "))
                #expect(before.contains("\"seq\":2"))
            }
        }
    }

    @Test("go on after the last event seen, whatever the URL says")
    func lastEventID() async throws {
        try await withDarkroom { fixture in
            for _ in 0..<3 { try await fixture.addImage() }
            try await withWire(fixture) { wire in
                let seen = ["Last-Event-ID": fixture.cursor(3)]
                let reader = try await open(fixture, wire, "?after=\(fixture.cursor(1))", seen)
                #expect(try await reader.nextChange()?.id == fixture.cursor(4))
            }
        }
    }

    @Test("carry heartbeats as events")
    func heartbeats() async throws {
        try await withDarkroom({ $0.timing.heartbeat = .milliseconds(30) }) { fixture in
            try await withWire(fixture) { wire in
                let reader = try await open(fixture, wire)
                var beats = 0
                while beats < 3, let event = try await reader.next() {
                    if event.name != "heartbeat" { continue }
                    #expect(event.data == "{}" && event.id == nil)
                    beats += 1
                }
            }
        }
    }

    @Test("send the newest live value, not every one")
    func live() async throws {
        try await withDarkroom { fixture in
            let image = try await fixture.addImage()
            try await withWire(fixture) { wire in
                let reader = try await open(fixture, wire, "?after=\(fixture.cursor(2))")
                _ = try await reader.next()
                let began = ContinuousClock.now
                for received in 1...500 {
                    fixture.feed.show(
                        Live(received: received), of: image.id, in: fixture.batch.id)
                }
                var count = 0
                while let event = try await reader.next() {
                    count += 1
                    if event.data.contains("\"received\":500}") { break }
                }
                // Ten a second, and the one that the stream began with.
                let most = 3 + (ContinuousClock.now - began) / .milliseconds(100)
                #expect(Double(count) < most)
            }
        }
    }

    @Test("end when the batch is settled, for who asks so, and stay ended")
    func untilSettled() async throws {
        try await withDarkroom { fixture in
            let image = try await fixture.addImage()
            try await withWire(fixture) { wire in
                let query = "?after=\(fixture.cursor(2))&until=settled"
                let reader = try await open(fixture, wire, query)
                try await fixture.record(.cancelled, of: image)
                var last: StreamEvent?
                while let event = try await reader.next() { last = event }
                #expect(last == StreamEvent(name: "end", data: "{\"reason\":\"settled\"}"))
            }
            let again = try await withWire(fixture) {
                try await $0.get(
                    "\(fixture.path)?until=settled",
                    ["Accept": "text/event-stream", "Last-Event-ID": fixture.cursor(4)])
            }
            #expect(again.status == 204)
        }
    }

    @Test("stay open over a settled batch for everybody else")
    func openAgain() async throws {
        try await withDarkroom { fixture in
            let image = try await fixture.addImage()
            try await fixture.record(.cancelled, of: image)
            try await withWire(fixture) { wire in
                let reader = try await open(fixture, wire, "?after=\(fixture.cursor(4))")
                _ = try await reader.next()
                try await fixture.addImage()
                #expect(try await reader.nextChange()?.id == fixture.cursor(5))
            }
        }
    }

    @Test("end when the batch is deleted")
    func deleted() async throws {
        try await withDarkroom { fixture in
            try await withWire(fixture) { wire in
                let reader = try await open(fixture, wire)
                _ = try await reader.next()
                try await fixture.store.deleteBatch(fixture.batch.id)
                var last: StreamEvent?
                while let event = try await reader.next() { last = event }
                #expect(last?.data == "{\"reason\":\"deleted\"}")
            }
            try await fixture.untilNobodyIsSubscribed()
        }
    }

    @Test("come without chunks to HTTP/1.0")
    func oldHTTP() async throws {
        try await withDarkroom { fixture in
            try await withWire(fixture) { wire in
                let accept = ["Accept": "text/event-stream"]
                try await wire.request("GET", fixture.path, accept, version: "1.0")
                let head = try await wire.head()
                #expect(head.headers["transfer-encoding"] == nil)
                #expect(head.headers["connection"] == "close")
                let reader = EventReader(wire, isChunked: false)
                #expect(try await reader.next()?.name == "hello")
                #expect(try await reader.next()?.name == "reset")
            }
        }
    }

    @Test("wait for a reader that is slow, and lose nothing")
    func slowReader() async throws {
        try await withDarkroom { fixture in
            let image = try await fixture.addImage()
            try await withWire(fixture, receiveBuffer: 4_096) { wire in
                let reader = try await open(fixture, wire, "?after=\(fixture.cursor(0))")
                let excuse = String(repeating: "x", count: 40_000)
                try await fixture.record(
                    .uploaded(Blob(sha256: "0", size: 3)), of: image)
                // More than the kernel's buffers of both ends hold.
                for _ in 0..<150 {
                    try await fixture.record(.failed(Problem(.timedOut, excuse)), of: image)
                    try await fixture.record(.retried, of: image)
                }
                let log = try await fixture.log()
                var events: [String] = []
                while events.count < log.count, let event = try await reader.next() {
                    if event.name == "change" { events.append(event.data) }
                }
                #expect(events == log)
            }
        }
    }
}
