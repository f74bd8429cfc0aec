// What a connection does, in the order it does it. Reading and the application's smaller news are left
// out where they say nothing.

import NIOCore
import NIOHTTP1
import Testing

@testable import Web

private let events = "/api/batches/b/events"

/// What happens to a connection.
private enum Step {
    /// A whole request.
    case get(String, HTTPHeaders = [:], HTTPVersion = .http1_1)
    /// One of a request whose body is still to come.
    case post(String, HTTPHeaders = [:])
    case body(Int)
    case end
    /// A whole answer, or its parts, from whoever has the request.
    case answer
    case head
    case sent
    case asks, finishes
    case closesInput, stops, garbage, fails, disconnects
    case streams
    case pass(TimeAmount)
}

private struct Case: CustomTestStringConvertible {
    let testDescription: String
    let steps: [Step]
    let does: [String]

    init(_ description: String, _ steps: [Step], _ does: [String]) {
        testDescription = description
        self.steps = steps
        self.does = does
    }
}

@Suite("The state machine of a connection")
struct HTTP1StateMachineTests {
    @Test(
        "answers one request after the other",
        arguments: [
            Case("the application", [.get("/a"), .answer], ["application: /a", "200", "sent"]),
            Case("the transports", [.get(events), .answer], ["events: \(events)", "200", "sent"]),
            Case(
                "in turns", [.get("/a"), .answer, .get(events), .answer, .get("/b")],
                [
                    "application: /a", "200", "sent", "events: \(events)", "200", "sent",
                    "application: /b",
                ]),
            Case(
                "what is pipelined waits",
                [.get("/a"), .get(events), .get("/b"), .answer, .answer, .answer],
                [
                    "application: /a", "200", "sent", "events: \(events)", "200", "sent",
                    "application: /b", "200", "sent",
                ]),
            Case(
                "an answer before the request is whole holds up the next",
                [.post("/a"), .answer, .body(1), .end, .get("/b")],
                ["application: /a", "200", "sent", "application: body", "application: /b"]),
            Case(
                "a short body for events is read away",
                [.post(events, ["content-length": "2"]), .body(2), .end, .answer],
                ["events: \(events)", "200", "sent"]),
        ])
    fileprivate func exchanges(_ example: Case) { check(example) }

    @Test(
        "ends softly after the last answer",
        arguments: [
            Case(
                "the client says so", [.get("/a", ["connection": "close"]), .answer],
                ["application: /a", "200, the last", "sent", "close softly"]),
            Case(
                "HTTP/1.0", [.get("/a", [:], .http1_0), .answer],
                ["application: /a", "200, the last", "sent", "close softly"]),
            Case(
                "an upgrade that we do not know", [.get("/a", ["upgrade": "h2c"]), .answer],
                ["application: /a", "200, the last", "sent", "close softly"]),
            Case(
                "what is pipelined behind is not answered",
                [.get("/a", ["connection": "close"]), .get("/b"), .answer],
                ["application: /a", "200, the last", "sent", "close softly"]),
            Case(
                "no Host", [.get("/a", ["host": "b"])],
                ["refuse", "400, the last", "sent", "close softly"]),
            Case("no HTTP", [.garbage], ["refuse", "400, the last", "sent", "close softly"]),
            Case(
                "no HTTP behind a whole request", [.get("/a"), .garbage, .answer],
                ["application: /a", "200, the last", "sent", "close softly"]),
            Case(
                "a long body for events",
                [.post(events, ["content-length": "65537"]), .answer, .body(65_537)],
                ["events: \(events)", "200, the last", "sent", "close softly"]),
            Case(
                "more of a body for events than was announced",
                [.post(events), .body(65_536), .body(1), .answer],
                ["events: \(events)", "200, the last", "sent", "close softly"]),
            Case(
                "a body that is only offered to events",
                [.post(events, ["expect": "100-continue"]), .answer],
                ["events: \(events)", "200, the last", "sent", "close softly"]),
            Case(
                "the application is done", [.get("/a"), .finishes],
                ["application: /a", "close softly"]),
            Case(
                "but not while the transports answer", [.get(events), .finishes, .answer],
                ["events: \(events)", "200", "sent"]),
        ])
    fileprivate func lastAnswers(_ example: Case) { check(example) }

    @Test(
        "ends softly when its client or the server goes",
        arguments: [
            Case("the client, idle", [.closesInput], ["close softly"]),
            Case(
                "the client, in the middle of a request for events",
                [.post(events), .closesInput], ["close softly"]),
            Case(
                "the client, waiting for an answer", [.get("/a"), .closesInput, .answer],
                ["application: /a", "200", "sent", "close softly"]),
            Case(
                "the client, with more requests before",
                [.get("/a"), .get("/b"), .closesInput, .answer, .answer],
                [
                    "application: /a", "200", "sent", "application: /b", "200", "sent",
                    "close softly",
                ]),
            Case(
                "the client, of a long poll", [.get(events), .closesInput, .answer],
                ["events: \(events)", "events: at once", "200", "sent", "close softly"]),
            Case(
                "the client, before its poll's turn",
                [.get("/a"), .get(events), .closesInput, .answer],
                ["application: /a", "200", "sent", "events: \(events), at once"]),
            Case("the server, idle", [.stops], ["close softly"]),
            Case(
                "the server, with an answer under way", [.get("/a"), .stops, .answer],
                ["application: /a", "200, the last", "sent", "close softly"]),
            Case(
                "the server, holding a poll", [.get(events), .stops, .answer],
                ["events: \(events)", "events: at once", "200, the last", "sent", "close softly"]),
        ])
    fileprivate func goings(_ example: Case) { check(example) }

    @Test(
        "ends at once",
        arguments: [
            Case(
                "an error of the socket", [.get("/a"), .fails],
                ["application: /a", "application: error", "close"]),
            Case("no request", [.pass(.seconds(14)), .pass(.seconds(1))], ["close"]),
            Case(
                "no next request", [.get("/a"), .answer, .pass(.seconds(75))],
                ["application: /a", "200", "sent", "close"]),
            Case(
                "a body that does not come",
                [.post("/a"), .asks, .body(4_095), .asks, .pass(.seconds(40))],
                ["application: /a", "application: body", "close"]),
            Case(
                "a body that nobody reads, for events", [.post(events), .pass(.seconds(40))],
                ["close"]),
        ])
    fileprivate func giveUps(_ example: Case) { check(example) }

    @Test(
        "waits",
        arguments: [
            Case("for an answer", [.get("/a"), .pass(.hours(1))], ["application: /a"]),
            Case("for news", [.get(events), .pass(.hours(1))], ["events: \(events)"]),
            Case(
                "for a body that the application does not ask for",
                [.post("/a"), .body(1), .pass(.hours(1))],
                ["application: /a", "application: body"]),
            Case(
                "longer for a body of which enough came",
                [
                    .post("/a"), .asks, .pass(.seconds(39)), .body(4_096), .asks,
                    .pass(.seconds(39)),
                ],
                ["application: /a", "application: body"]),
            Case(
                "for the peer's end", [.closesInput, .pass(.hours(1))], ["close softly"]),
        ])
    fileprivate func waits(_ example: Case) { check(example) }

    @Test(
        "says 100 Continue",
        arguments: [
            Case(
                "after a while",
                [.post("/a", ["expect": "100-continue"]), .pass(.milliseconds(500))],
                ["application: /a", "100"]),
            Case(
                "not where the body came without it",
                [.post("/a", ["expect": "100-continue"]), .body(1), .pass(.milliseconds(500))],
                ["application: /a", "application: body"]),
            Case(
                "not where the application refused",
                [.post("/a", ["expect": "100-continue"]), .head, .pass(.milliseconds(500))],
                ["application: /a", "200"]),
            Case(
                "not where nobody expects it", [.post("/a"), .pass(.milliseconds(500))],
                ["application: /a"]),
        ])
    fileprivate func continues(_ example: Case) { check(example) }

    @Test(
        "leaves itself to a stream",
        arguments: [
            Case(
                "with no timer left", [.get(events), .streams, .pass(.hours(1))],
                ["events: \(events)", "hand over"]),
            Case(
                "with what it was told", [.get(events), .closesInput, .stops, .streams],
                [
                    "events: \(events)", "events: at once", "events: at once",
                    "hand over, input closed, stopping",
                ]),
            Case(
                "not once it is closed", [.get(events), .disconnects, .streams],
                ["events: \(events)"]),
            Case(
                "and does nothing more",
                [.get(events), .streams, .get("/a"), .closesInput, .stops, .garbage, .fails],
                ["events: \(events)", "hand over"]),
        ])
    fileprivate func streams(_ example: Case) { check(example) }

    @Test("closes where more is pipelined than may wait")
    func flood() {
        var limits = EventsLimits()
        limits.pipelinedParts = 3
        var connection = BareConnection(EventsTiming(), limits)
        for _ in 0..<3 {
            connection.receive(requestHead("/a"))
            connection.receive(.end(nil))
        }
        #expect(connection.log.last == "close")
        #expect(connection.faults == [])
    }

    @Test("refuses what nobody asked of the writer")
    func wrongWriter() {
        var connection = BareConnection()
        let head = HTTPServerResponsePart.head(.init(version: .http1_1, status: .ok))
        connection.write(head, as: .application)
        connection.receive(requestHead(events))
        connection.receive(.end(nil))
        connection.write(head, as: .application)
        #expect(connection.log == ["refused", "events: \(events)", "refused"])
    }

    @Test("keeps a connection small: less than 200 bytes")
    func size() { #expect(MemoryLayout<HTTP1StateMachine>.size < 200) }

    private func check(_ example: Case) {
        var connection = BareConnection()
        for step in example.steps { connection.take(step) }
        let silent = [
            "read", "application: end", "application: no more for now", "application: input closed",
        ]
        #expect(connection.log.filter { !silent.contains($0) } == example.does)
        #expect(connection.faults == [])
    }
}

extension BareConnection {
    fileprivate mutating func take(_ step: Step) {
        switch step {
        case .get(let path, let fields, let version):
            receive(requestHead(path, fields, version: version))
            receive(.end(nil))
        case .post(let path, let fields): receive(requestHead(path, fields, method: .POST))
        case .body(let bytes): receive(.body(ByteBuffer(repeating: 7, count: bytes)))
        case .end: receive(.end(nil))
        case .answer:
            take(.head)
            take(.sent)
        case .head:
            write(.head(.init(version: .http1_1, status: .ok, headers: ["content-length": "0"])))
        case .sent: write(.end(nil))
        case .asks: applicationReads()
        case .finishes: applicationFinishes()
        case .closesInput: closeInput()
        case .stops: quiesce()
        case .garbage: receive(error: HTTPParserError.invalidMethod)
        case .fails: receive(error: ChannelError.eof)
        case .disconnects: disconnect()
        case .streams: handOver()
        case .pass(let time): pass(time)
        }
    }
}
