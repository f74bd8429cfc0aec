import Domain
import Testing

/// What a reader of the feed has in the end: the events it was given, in order.
private typealias Reader = @Sendable (Fixture, _ after: String?, _ upTo: Int) async throws -> Seen

private struct Seen: Sendable, Equatable {
    var reset: JSON?
    var events: [String] = []
    var cursor: String?
}

@Suite("The three transports", .timeLimit(.minutes(5)))
struct EquivalenceTests {
    private static let readers: [(String, Reader)] = [
        ("polling", { try await poll($0, after: $1, upTo: $2, wait: nil) }),
        ("long poll", { try await poll($0, after: $1, upTo: $2, wait: 20) }),
        ("SSE", readEventStream), ("WebSocket", readSocket),
    ]

    @Test("give the same events, from the first to the last, while they happen", arguments: 0..<4)
    func sameEvents(transport: Int) async throws {
        let (name, read) = Self.readers[transport]
        try await withDarkroom { fixture in
            async let seen = read(fixture, fixture.cursor(0), lastSeq)
            try await developPhotos(fixture)
            let log = try await fixture.log()
            #expect(log.count == lastSeq)
            let got = try await seen
            #expect(got.events == log, "\(name)")
            #expect(got.cursor == fixture.cursor(lastSeq))
            #expect(got.reset == nil)
        }
    }

    @Test("go on from a cursor in the middle", arguments: 0..<4)
    func resumes(transport: Int) async throws {
        let read = Self.readers[transport].1
        try await withDarkroom { fixture in
            try await developPhotos(fixture)
            let seen = try await read(fixture, fixture.cursor(20), lastSeq)
            #expect(seen.events == Array(try await fixture.log().dropFirst(20)))
        }
    }

    @Test(
        "reset a reader that has nothing, or a cursor that cannot be served", arguments: 0..<4,
        [nil, "zzz.3", "future", "no cursor at all"])
    func resets(transport: Int, after: String?) async throws {
        let read = Self.readers[transport].1
        try await withDarkroom { fixture in
            try await developPhotos(fixture)
            let after = after == "future" ? fixture.cursor(99) : after
            let seen = try await read(fixture, after, lastSeq)
            let document = try await fixture.store.snapshot(of: fixture.batch.id).document
            #expect(seen.reset == (try JSON(parsing: document)))
            #expect(seen.events.isEmpty)
            #expect(seen.cursor == fixture.cursor(lastSeq))
        }
    }

    @Test("tell a batch that does not exist from one that was deleted", arguments: ["", "ws"])
    func missing(kind: String) async throws {
        try await withDarkroom { fixture in
            try await fixture.store.deleteBatch(fixture.batch.id)
            for (path, status) in [
                (fixture.path, 410), ("/api/batches/\(Batch.ID.random())/events", 404),
                ("/api/batches/b_x/events", 404), ("\(fixture.path)?wait=soon", 400),
                ("\(fixture.path)?until=noon", 400), ("\(fixture.path)?after=%zz", 400),
            ] {
                let answer = try await withWire(fixture) { wire in
                    if kind == "ws" {
                        _ = try await wire.upgrade(path)
                        return ""
                    }
                    let stream = try await wire.get(path, ["Accept": "text/event-stream"])
                    let poll = try await wire.get(path)
                    #expect(stream.status == status && poll.status == status)
                    #expect(poll.headers["content-type"] == "application/problem+json")
                    return poll.body
                }
                if kind == "" { #expect(try JSON(parsing: answer)["code"] != nil) }
            }
        }
    }
}

/// What `developPhotos` records, with the batch's first event.
private let lastSeq = 41

private func developPhotos(_ fixture: Fixture) async throws {
    for number in 0..<5 {
        let image = try await fixture.addImage("\(number).jpg")
        let blob = Blob(sha256: String(repeating: "0", count: 64), size: 3)
        try await fixture.record(.uploaded(blob), of: image)
        fixture.feed.show(Live(received: number), of: image.id, in: fixture.batch.id)
        try await fixture.record(.processing, of: image)
        try await fixture.record(.failed(Problem(.timedOut)), of: image)
        try await fixture.record(.retried, of: image)
        try await fixture.record(.cancelled, of: image)
    }
}

private func poll(
    _ fixture: Fixture, after: String?, upTo last: Int, wait: Int?
) async throws -> Seen {
    try await withWire(fixture) { wire in
        var seen = Seen(cursor: after)
        repeat {
            let after = seen.cursor.map { "after=\($0.replacing(" ", with: "%20"))&" } ?? ""
            let answer = try await wire.get(
                "\(fixture.path)?\(after)\(wait.map { "wait=\($0)" } ?? "")")
            let body = try answer.json()
            if let reset = body["reset"] { seen.reset = reset["document"] }
            seen.events += body["events"]?.items.map(\.text) ?? []
            seen.cursor = body["cursor"]?.stringValue
        } while seen.cursor != fixture.cursor(last)
        return seen
    }
}

@Sendable private func readEventStream(
    _ fixture: Fixture, after: String?, upTo last: Int
) async throws -> Seen {
    try await withWire(fixture) { wire in
        let after = after.map { "?after=\($0.replacing(" ", with: "%20"))" } ?? ""
        try await wire.request("GET", fixture.path + after, ["Accept": "text/event-stream"])
        #expect(try await wire.head().status == 200)
        let reader = EventReader(wire)
        var seen = Seen()
        while seen.cursor != fixture.cursor(last), let event = try await reader.next() {
            if event.name == "reset" { seen.reset = try event.json()["document"] }
            if event.name == "change" { seen.events.append(try event.json().text) }
            if let id = event.id { seen.cursor = id }
        }
        return seen
    }
}

@Sendable private func readSocket(
    _ fixture: Fixture, after: String?, upTo last: Int
) async throws -> Seen {
    try await withWire(fixture) { wire in
        let after = after.map { "?after=\($0.replacing(" ", with: "%20"))" } ?? ""
        #expect(try await wire.upgrade(fixture.path + after).status == 101)
        var seen = Seen()
        while seen.cursor != fixture.cursor(last), let message = try await wire.message() {
            switch message["type"]?.stringValue {
            case "reset":
                seen.reset = message["document"]
                seen.cursor = message["cursor"]?.stringValue
            case "change":
                seen.events.append(message["event"]?.text ?? "")
                seen.cursor = message["cursor"]?.stringValue
            default: break
            }
        }
        return seen
    }
}

extension JSON {
    fileprivate var items: [JSON] {
        guard case .array(let items) = self else { return [] }
        return items
    }
}
