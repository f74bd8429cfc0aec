import Domain
import NIOCore
import Testing

@testable import Web

@Suite("A fault on purpose", .timeLimit(.minutes(5)))
struct FaultTests {
    private let run = FaultyRun("mine")
    private let stream = ["Accept": "text/event-stream"]

    /// Runs `body` against a server where faults may be made.
    private func withFaults(
        _ body: @Sendable @escaping (Fixture, FaultTable) async throws -> Void
    ) async throws {
        let table = FaultTable()
        try await withDarkroom({
            $0.faults = table
            $0.timing.farewell = .milliseconds(200)
        }) { try await body($0, table) }
    }

    private func begin(
        _ table: FaultTable, _ kind: Fault.Kind, for length: TimeAmount = .hours(1)
    ) throws {
        try table.begin(Fault(kind: kind, length: length), for: try #require(run))
    }

    /// Where a lane of some run asks.
    private func path(_ fixture: Fixture, _ run: String = "mine", after seq: Int = 1) -> String {
        "\(fixture.path)?after=\(fixture.cursor(seq))&lane=\(run).sse.1"
    }

    private func open(_ wire: Wire, _ path: String) async throws -> EventReader {
        try await wire.request("GET", path, stream)
        let head = try await wire.head()
        #expect(head.status == 200)
        let reader = EventReader(wire)
        #expect(try await reader.next()?.name == "hello")
        return reader
    }

    @Test("touches the streams of its run and nobody else's")
    func others() async throws {
        try await withFaults { fixture, table in
            try await withWire(fixture) { mine in
                try await withWire(fixture) { other in
                    try await withWire(fixture) { unnamed in
                        _ = try await open(mine, path(fixture))
                        let others = try await open(other, path(fixture, "theirs"))
                        let nobodys = try await open(
                            unnamed, "\(fixture.path)?after=\(fixture.cursor(1))")
                        try begin(table, .outage)
                        _ = try await mine.readToEnd()
                        try await fixture.addImage()
                        #expect(try await others.nextChange()?.id == fixture.cursor(2))
                        #expect(try await nobodys.nextChange()?.id == fixture.cursor(2))
                    }
                }
            }
        }
    }

    @Test("leaves a connection alone once its answer is given")
    func afterwards() async throws {
        try await withFaults { fixture, table in
            try await withWire(fixture) { wire in
                #expect(try await wire.get(path(fixture)).status == 200)
                #expect(table.linkCount == 0)
                for kind in [Fault.Kind.outage, .halfOpen, .badGateway, .cut(every: .zero)] {
                    try begin(table, kind)
                    #expect(try await wire.get("/hello").body == "hello\n")
                }
            }
        }
    }

    @Test("that is an outage closes without an answer, until it is over")
    func outage() async throws {
        try await withFaults { fixture, table in
            try begin(table, .outage)
            try await withWire(fixture) { wire in
                try await wire.request("GET", path(fixture))
                #expect(try await wire.readToEnd().isEmpty)
            }
            try begin(table, .outage, for: .zero)
            try await withWire(fixture) { wire in
                let answer = try await wire.get(path(fixture))
                #expect(answer.status == 200)
            }
            try await fixture.untilNobodyIsSubscribed()
        }
    }

    @Test("that is a lost server cuts what is open and answers what comes with 502")
    func badGateway() async throws {
        try await withFaults { fixture, table in
            try await withWire(fixture) { wire in
                _ = try await open(wire, path(fixture))
                try begin(table, .badGateway)
                _ = try await wire.readToEnd()
            }
            try await withWire(fixture) { wire in
                let answer = try await wire.get(path(fixture))
                #expect(answer.status == 502 && answer.body.contains("502 Bad Gateway"))
                #expect(try await wire.readToEnd().isEmpty)
            }
            try await withWire(fixture) { wire in
                let answer = try await wire.upgrade(path(fixture))
                #expect(answer.status == 502)
            }
            try await fixture.untilNobodyIsSubscribed()
        }
    }

    @Test("that cuts gives each stream its time")
    func cut() async throws {
        try await withFaults { fixture, table in
            try begin(table, .cut(every: .milliseconds(100)))
            for _ in 0..<2 {
                try await withWire(fixture) { wire in
                    _ = try await open(wire, path(fixture))
                    _ = try await wire.readToEnd()
                }
            }
            try await fixture.untilNobodyIsSubscribed()
        }
    }

    @Test("that is a half-open connection lets nothing arrive and closes nothing")
    func halfOpen() async throws {
        try await withFaults { fixture, table in
            try await withWire(fixture) { mine in
                try await withWire(fixture) { other in
                    _ = try await open(mine, path(fixture))
                    let others = try await open(other, path(fixture, "theirs"))
                    try begin(table, .halfOpen)
                    try await fixture.addImage()
                    #expect(try await others.nextChange()?.id == fixture.cursor(2))
                    // It is still there, and was told nothing, until the server itself ends.
                    #expect(fixture.hub.streamCount == 2)
                    await fixture.stop()
                    #expect(try await !mine.readToEnd().contains("change"))
                }
            }
        }
    }

    @Test("that holds bytes keeps a stream's, and neither a whole answer's nor a socket's")
    func hold() async throws {
        try await withFaults { fixture, table in
            try await withWire(fixture) { mine in
                try await withWire(fixture) { socket in
                    let reader = try await open(mine, path(fixture))
                    #expect(try await socket.upgrade(path(fixture)).status == 101)
                    try begin(table, .hold)
                    try await fixture.addImage()
                    #expect(try await socket.message("change")["type"]?.stringValue == "change")
                    try await withWire(fixture) { poll in
                        let answer = try await poll.get(path(fixture))
                        #expect(answer.body.contains("\"seq\":2"))
                    }
                    // A new fault lets go what the last one held.
                    try begin(table, .hold)
                    #expect(try await reader.nextChange()?.id == fixture.cursor(2))
                    try await fixture.addImage()
                    #expect(try await socket.message("change")["type"]?.stringValue == "change")
                    // What is held when the connection is cut never comes.
                    try begin(table, .outage)
                    #expect(try await !mine.readToEnd().contains("change"))
                }
            }
        }
    }

    @Test("that delays keeps the order and loses nothing")
    func delay() async throws {
        try await withFaults { fixture, table in
            let delay = TimeAmount.milliseconds(150)
            try begin(table, .delay(by: delay, jitter: .milliseconds(50)))
            try await withWire(fixture) { wire in
                let asked = NIODeadline.now()
                let reader = try await open(wire, path(fixture))
                #expect(NIODeadline.now() - asked >= .milliseconds(100))
                for seq in 2...6 {
                    try await fixture.addImage()
                    if seq == 4 { try begin(table, .delay(by: delay, jitter: .zero), for: .zero) }
                }
                for seq in 2...6 {
                    #expect(try await reader.nextChange()?.id == fixture.cursor(seq))
                }
            }
        }
    }

    @Test("that is a slow reader lets so many bytes a second through")
    func slow() async throws {
        try await withFaults { fixture, table in
            try begin(table, .slow(bytesPerSecond: 4_000))
            try await withWire(fixture) { wire in
                let asked = NIODeadline.now()
                let answer = try await wire.get(path(fixture))
                let took = NIODeadline.now() - asked
                #expect(answer.status == 200)
                // The head alone has more than 200 bytes.
                #expect(took >= .milliseconds(50))
            }
        }
    }

    @Test("is refused where as many runs as may be have one, and forgotten when it is over")
    func most() throws {
        let table = FaultTable()
        for number in 0..<FaultTable.most {
            let run = try #require(FaultyRun("r\(number)"))
            try table.begin(Fault(kind: .outage, length: .hours(1)), for: run)
        }
        let refusal = #expect(throws: Problem.self) { try begin(table, .outage) }
        #expect(refusal?.code == .tooManyRequests && refusal?.limit == FaultTable.most)
        let first = try #require(FaultyRun("r0"))
        try table.begin(Fault(kind: .outage, length: .zero), for: first)
        try begin(table, .outage)
    }

    @Test(
        "is asked for in plain values, and others are told the limit",
        arguments: [
            (["ms": 99], 100, 99), (["ms": 30_001], 30_000, 30_001), (["ms": "3000"], 30_000, nil),
            (["ms": .number(1.5)], 30_000, nil), (["fault": "delay", "delayMs": 0], 1, 0),
            (["fault": "delay", "delayMs": 10, "jitterMs": 11], 10, 11),
            (["everyMs": 5], 100, 5), (["fault": "slow", "bytesPerSecond": 99], 100, 99),
            (["fault": "flood"], nil, nil), (["fault": 7], nil, nil),
        ] as [([String: JSON], Int?, Int?)])
    func values(members: [String: JSON], limit: Int?, actual: Int?) throws {
        let members = ["fault": "cut"].merging(members) { $1 }
        let refusal = #expect(throws: Problem.self) { _ = try Fault(reading: members) }
        #expect(refusal?.code == .badRequest)
        #expect(refusal?.limit == limit && refusal?.actual == actual)
    }

    @Test("has usual values for what is not said")
    func usual() throws {
        for name in Fault.names {
            #expect(try Fault(reading: ["fault": .string(name)]).length == .seconds(3))
        }
    }

    @Test("befalls the run that a request names, and no other name is one")
    func names() {
        #expect(FaultyRun(uri: "/e?after=x.1&lane=k3f.sse.1")?.name == "k3f")
        let others = [
            "/e", "/e?lane=", "/e?lane=.sse", "/e?lane=K3F.sse.1", "/e?plane=k3f.sse.1",
            "/e?lane=k%333f.sse.1", "/e?lane=" + String(repeating: "a", count: 33),
            "/lane=k3f?after=1",
        ]
        for uri in others { #expect(FaultyRun(uri: uri) == nil, "\(uri)") }
    }
}
