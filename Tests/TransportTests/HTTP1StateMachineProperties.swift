// Whatever happens to a connection, and in whatever order: never two answers at once, an answer for
// each request in its order, nothing after the end, and each timer is cancelled or fires once.

import NIOCore
import NIOHTTP1
import TestSupport
import Testing

@testable import Web

@Suite("Any connection")
struct HTTP1StateMachineProperties {
    @Test("answers each request once and in order, does nothing after its end, and leaves no timer")
    func anyOrder() throws {
        let seed = chosenSeed()
        for round in 0..<chosenRounds(usually: 3_000) {
            let seed = seed &+ UInt64(round)
            var life = Life(seed)
            life.live()
            try #require(life.faults == [], "REVELA_TEST_SEED=\(seed)\n\(life.story)")
        }
    }
}

/// One connection from its opening to its end, as chance has it.
private struct Life {
    private var dice: Dice
    private var connection = BareConnection()
    /// What the client still sends.
    private var parts: [HTTPServerRequestPart] = []
    private var sentRequests = 0
    private var isInputClosed = false
    /// Its head was written.
    private var hasHead = false
    private var unanswered: [String] = []

    init(_ seed: UInt64) {
        dice = Dice(seed: seed)
        for number in 0..<Int.random(in: 1...6, using: &dice) { addRequest(number) }
    }

    var story: String { connection.log.joined(separator: "\n") }

    var faults: [String] { connection.faults + answerFaults + timerFaults }

    mutating func live() {
        for _ in 0..<Int.random(in: 0...60, using: &dice) { step() }
        settle()
        if !connection.isOver, answers < sentRequests {
            unanswered = ["\(answers) of \(sentRequests) requests were answered"]
        }
        connection.disconnect()
        for _ in 0..<10 { step() }
    }

    private var answers: Int { connection.log.count { $0 == "sent" } }

    /// The numbers of the requests that somebody was to answer.
    private var begun: [Int] {
        connection.log.compactMap { line in
            guard line.hasPrefix("application: /") || line.hasPrefix("events: /") else {
                return nil
            }
            let number = line.split(separator: "?").last?.prefix { $0.isNumber }
            return number.flatMap { Int($0) }
        }
    }

    private var answerFaults: [String] {
        var faults = unanswered
        if begun != Array(0..<begun.count) { faults.append("answered \(begun)") }
        let refused = connection.log.count { $0 == "refuse" }
        if answers > begun.count + refused { faults.append("\(answers) to \(begun.count)") }
        return faults
    }

    private var timerFaults: [String] { connection.timers.keys.map { "\($0) is left" } }
}

// MARK: - What happens

extension Life {
    private mutating func addRequest(_ number: Int) {
        let path = Bool.random(using: &dice) ? "/a" : "/api/batches/b/events"
        var fields = HTTPHeaders()
        if oneOf(10) { fields.add(name: "connection", value: "close") }
        if oneOf(6) { fields.add(name: "expect", value: "100-continue") }
        if oneOf(10) { fields.add(name: "content-length", value: "100000") }
        if oneOf(20) { fields.add(name: "upgrade", value: "h2c") }
        parts.append(
            requestHead(
                "\(path)?\(number)", fields, method: oneOf(5) ? .HEAD : .POST,
                version: oneOf(15) ? .http1_0 : .http1_1))
        for _ in 0..<Int.random(in: 0...2, using: &dice) {
            let count = Int.random(in: 1...50_000, using: &dice)
            parts.append(.body(ByteBuffer(repeating: 7, count: count)))
        }
        parts.append(.end(nil))
    }

    private mutating func step() {
        switch Int.random(in: 0..<40, using: &dice) {
        case 0..<12: receive()
        case 12..<26: write()
        case 26..<30: connection.applicationReads()
        case 30..<34: connection.pass(.milliseconds(.random(in: 0...30_000, using: &dice)))
        case 34: connection.pass(.seconds(.random(in: 0...200, using: &dice)))
        case 35: if oneOf(3) { closeInput() }
        case 36: if oneOf(3) { connection.quiesce() }
        case 37: handOver()
        case 38: if oneOf(3) { connection.applicationFinishes() }
        default: fail()
        }
    }

    /// Answers all that came and all that still comes.
    private mutating func settle() {
        for _ in 0..<200 where !connection.isOver {
            receive()
            write()
        }
    }

    private mutating func receive() {
        guard !isInputClosed, !parts.isEmpty else { return }
        let part = parts.removeFirst()
        connection.receive(part)
        if case .end = part { sentRequests += 1 }
    }

    private mutating func write() {
        switch (hasHead, connection.writer) {
        case (_, nil): hasHead = false
        case (false, _):
            var headers: HTTPHeaders = ["content-length": "3"]
            if oneOf(10) { headers.add(name: "connection", value: "close") }
            connection.write(.head(.init(version: .http1_1, status: .ok, headers: headers)))
            hasHead = true
        case (true, _) where oneOf(2): connection.write(.body(.byteBuffer(ByteBuffer())))
        case (true, _):
            hasHead = false
            connection.write(.end(nil))
        }
    }

    private mutating func closeInput() {
        isInputClosed = true
        connection.closeInput()
    }

    private mutating func handOver() {
        guard connection.writer == .transports, !hasHead else { return }
        connection.handOver()
    }

    /// Something goes wrong for good.
    private mutating func fail() {
        switch Int.random(in: 0..<12, using: &dice) {
        case 0:
            isInputClosed = true
            connection.receive(error: HTTPParserError.invalidMethod)
        case 1: connection.receive(error: ChannelError.eof)
        case 2: connection.disconnect()
        default: break
        }
    }

    private mutating func oneOf(_ count: Int) -> Bool {
        Int.random(in: 0..<count, using: &dice) == 0
    }
}
