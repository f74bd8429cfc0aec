// A connection without a network: what happens is said to the state machine, at a time that the test
// tells, and what it has done about it is noted in words.

import NIOCore
import NIOHTTP1

@testable import Web

struct BareConnection {
    private(set) var machine: HTTP1StateMachine
    private(set) var now = NIODeadline.uptimeNanoseconds(0)
    private(set) var timers: [HTTP1StateMachine.Timer: NIODeadline] = [:]
    /// Who has a request to answer.
    private(set) var writer: HTTP1StateMachine.Writer?
    private(set) var isOver = false
    private(set) var log: [String] = []
    /// What must not happen, and did.
    private(set) var faults: [String] = []
    private var pending: [HTTP1StateMachine.Action] = []

    init(_ timing: EventsTiming = EventsTiming(), _ limits: EventsLimits = EventsLimits()) {
        machine = HTTP1StateMachine(timing, limits, at: now)
        perform(machine.opened(at: now))
    }

    // MARK: What happens

    mutating func receive(_ part: HTTPServerRequestPart) {
        perform(machine.received(part, at: now))
    }

    mutating func receive(error: any Error) {
        if let error = error as? HTTPParserError {
            perform(machine.malformed(error))
        } else {
            perform(machine.failed(error))
        }
    }

    mutating func closeInput() { perform(machine.inputClosed()) }
    mutating func quiesce() { perform(machine.quiesce()) }
    mutating func applicationReads() { perform(machine.applicationReads(at: now)) }
    mutating func applicationFinishes() { perform(machine.applicationFinishes()) }
    mutating func handOver() { perform(machine.handOver()) }

    mutating func disconnect() {
        isOver = true
        perform(machine.closed())
    }

    /// Writes as whoever has the request, or as `other`.
    mutating func write(_ part: HTTPServerResponsePart, as other: HTTP1StateMachine.Writer? = nil) {
        guard let writer = other ?? writer else { return }
        switch machine.write(part, by: writer) {
        case .part(let part): note(describe(part))
        case .omitted: log.append("nothing")
        case .refused: return log.append("refused")
        }
        guard case .end = part else { return }
        self.writer = nil
        perform(machine.goOn(at: now))
    }

    mutating func pass(_ time: TimeAmount) {
        let end = now + time
        while let (timer, due) = timers.min(by: { $0.value < $1.value }), due <= end {
            now = max(now, due)
            timers[timer] = nil
            perform(machine.fired(timer, at: now))
        }
        now = end
    }

    // MARK: What is done

    private mutating func perform(_ actions: [HTTP1StateMachine.Action]) {
        pending += actions
        guard pending.count == actions.count else { return }
        while !pending.isEmpty {
            perform(pending[0])
            pending.removeFirst()
        }
    }

    private mutating func perform(_ action: HTTP1StateMachine.Action) {
        switch action {
        case .read: log.append("read")
        case .give(let part): give(part)
        case .giveComplete: log.append("application: no more for now")
        case .giveInputClosed: log.append("application: input closed")
        case .giveError: log.append("application: error")
        case .sendContinue: note("100")
        case .answer(let head, let isHurried):
            begin("events: \(head.uri)" + (isHurried ? ", at once" : ""), .transports)
        case .hurry: log.append("events: at once")
        case .respond(let answer):
            begin("refuse", .transports)
            write(.head(.init(version: .http1_1, status: answer.status, headers: answer.headers)))
            write(.end(nil))
        case .takeWaiting: perform(machine.takeWaiting(at: now))
        case .schedule(let timer, let time): schedule(timer, time)
        case .cancel(let timer):
            if timers.removeValue(forKey: timer) == nil { faults.append("cancels no \(timer)") }
        case .closeSoftly: end("close softly")
        case .close: end("close")
        case .handOver(let isInputClosed, let isQuiescing):
            end(
                "hand over" + (isInputClosed ? ", input closed" : "")
                    + (isQuiescing ? ", stopping" : ""))
        }
    }

    private mutating func schedule(_ timer: HTTP1StateMachine.Timer, _ time: NIODeadline) {
        if timers[timer] != nil { faults.append("a second \(timer)") }
        if time <= now { faults.append("a \(timer) in the past") }
        timers[timer] = time
    }

    private mutating func give(_ part: HTTPServerRequestPart) {
        switch part {
        case .head(let head): begin("application: \(head.uri)", .application)
        case .body: note("application: body")
        case .end: note("application: end")
        }
    }

    /// Something that only an open connection does.
    private mutating func note(_ what: String) {
        if isOver { faults.append("after the end: \(what)") }
        log.append(what)
    }

    private mutating func begin(_ what: String, _ writer: HTTP1StateMachine.Writer) {
        if self.writer != nil { faults.append("two answers at once: \(what)") }
        self.writer = writer
        note(what)
    }

    private mutating func end(_ how: String) {
        if isOver, how != "close" { faults.append("after the end: \(how)") }
        isOver = true
        log.append(how)
    }

    private func describe(_ part: HTTPServerResponsePart) -> String {
        switch part {
        case .head(let head):
            let isLast = head.headers[canonicalForm: "connection"].contains("close")
            return "\(head.status.code)" + (isLast ? ", the last" : "")
        case .body: return "body"
        case .end: return "sent"
        }
    }
}

/// The head of a request, of HTTP/1.1 if nothing else is said.
func requestHead(
    _ path: String, _ fields: HTTPHeaders = [:], method: HTTPMethod = .GET,
    version: HTTPVersion = .http1_1
) -> HTTPServerRequestPart {
    var headers = fields
    headers.add(name: "host", value: "a")
    return .head(HTTPRequestHead(version: version, method: method, uri: path, headers: headers))
}
