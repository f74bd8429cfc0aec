// What an HTTP/1.1 connection does, as a value without a network: each method takes what happened and
// the time, and returns the actions to perform, in their order. `HTTP1Connection` performs them and
// decides nothing.
//
// Requests are answered one at a time, by the application or by the event transports. What a client
// pipelines behind one waits here, and the socket is not read meanwhile.

import Domain
import NIOCore
import NIOHTTP1

struct HTTP1StateMachine {
    private enum State {
        case idle
        case busy(Exchange, Phase)
        /// Our last byte is out; what comes is read away until the peer closes too.
        case closing
        /// The connection is closed, or a stream's.
        case over
    }

    /// The application answers also before the request is complete, the transports once it is.
    private enum Phase { case application, receiving, answering }

    private let continueAfter: TimeAmount
    private let strayBodyBytes: Int
    private let pipelinedParts: Int
    private var state = State.idle
    private var timeouts: ConnectionTimeouts
    private var timers = Timers()
    private var waiting = CircularBuffer<HTTPServerRequestPart>(initialCapacity: 0)
    /// A `takeWaiting` is under way.
    private var isTakingWaiting = false
    /// The application asked for more of a body.
    private var isAsked = false
    /// The client will send nothing more.
    private var isInputClosed = false
    private var isQuiescing = false

    init(_ timing: EventsTiming, _ limits: EventsLimits, at now: NIODeadline) {
        continueAfter = timing.continueAfter
        strayBodyBytes = limits.strayBodyBytes
        pipelinedParts = limits.pipelinedParts
        timeouts = ConnectionTimeouts(timing, limits, at: now)
    }

    mutating func opened(at now: NIODeadline) -> [Action] { checkDeadline(at: now) }

    // MARK: Requests

    mutating func received(_ part: HTTPServerRequestPart, at now: NIODeadline) -> [Action] {
        if case .over = state { return [] }
        if waiting.isEmpty, takesInput { return take(part, at: now) }
        waiting.append(part)
        return waiting.count > pipelinedParts ? close() : []
    }

    private var takesInput: Bool {
        switch state {
        case .idle, .busy(_, .receiving), .closing, .over: true
        case .busy(let exchange, .application): !exchange.isReceived
        case .busy(_, .answering): false
        }
    }

    /// While a request is with the application, the application says when to read; while an answer
    /// is held back, what comes is kept; and a long poll reads only to see its client leave.
    var mayRead: Bool {
        switch state {
        case .idle, .busy(_, .receiving), .closing, .over: true
        case .busy(_, .application): false
        case .busy(_, .answering): waiting.isEmpty
        }
    }

    private mutating func take(_ part: HTTPServerRequestPart, at now: NIODeadline) -> [Action] {
        timeouts.note(part, at: now)
        switch state {
        case .idle:
            guard case .head(let head) = part else { return [] }
            return begin(head, at: now)
        case .busy(var exchange, .application):
            exchange.receive(part)
            state = .busy(exchange, .application)
            isAsked = false
            timeouts.pause(at: now)
            return [.give(part)] + goOn(at: now)
        case .busy(var exchange, .receiving):
            exchange.receive(part)
            return receiveMore(exchange)
        case .busy(_, .answering), .closing, .over:
            return []
        }
    }

    /// The head of the request that is being answered.
    var requestHead: HTTPRequestHead? {
        guard case .busy(let exchange, _) = state else { return nil }
        return exchange.head
    }

    private mutating func begin(_ head: HTTPRequestHead, at now: NIODeadline) -> [Action] {
        guard Exchange.namesItsHost(head) else {
            state = .busy(.malformed, .answering)
            let problem = Problem(.badRequest, "One Host must be named.")
            return [.respond(EventsAnswer(refusing: problem))]
        }
        var exchange = Exchange(head)
        if isQuiescing { exchange.makeLast() }
        if EventsRequest.batchName(in: head.uri) != nil { return receiveMore(exchange) }
        state = .busy(exchange, .application)
        guard exchange.expectsContinue else { return [.give(.head(head))] }
        // Not at once: where the application refuses by the head alone, the body need not come.
        return [.give(.head(head)), timers.schedule(.continuation, now + continueAfter)]
    }

    private mutating func receiveMore(_ exchange: Exchange) -> [Action] {
        guard !exchange.isReceived else { return answer(exchange) }
        state = .busy(exchange, .receiving)
        // A body has no meaning here. A short one is read away; for a long one, or one that is
        // only offered, nobody waits.
        guard exchange.expectsContinue || exchange.hasBody(over: strayBodyBytes) else { return [] }
        var exchange = exchange
        exchange.makeLast()
        return answer(exchange)
    }

    private mutating func answer(_ exchange: Exchange) -> [Action] {
        state = .busy(exchange, .answering)
        return [.answer(exchange.head, isHurried: isInputClosed || isQuiescing)]
    }

    /// Takes one part of what was pipelined; the next may have to wait for what becomes of it.
    mutating func takeWaiting(at now: NIODeadline) -> [Action] {
        if takesInput, let part = waiting.popFirst() { return take(part, at: now) + [.takeWaiting] }
        isTakingWaiting = false
        return [.giveComplete] + readOn()
    }

    // MARK: Responses

    /// A part of the response to the current request, as the client is to get it.
    mutating func write(_ part: HTTPServerResponsePart, by writer: Writer) -> Writing {
        guard case .busy(var exchange, let phase) = state else { return .refused }
        switch (phase, writer) {
        case (.application, .application), (.answering, .transports):
            guard exchange.takes(part) else { return .omitted }
            let part = exchange.answer(part)
            state = .busy(exchange, phase)
            return .part(part)
        case (.application, _), (.receiving, _), (.answering, _): return .refused
        }
    }

    /// Called after the last part of a request or of a response: goes on to the next request, or
    /// ends the connection, where the current one is done.
    mutating func goOn(at now: NIODeadline) -> [Action] {
        guard case .busy(let exchange, _) = state else { return [] }
        if exchange.isAnswered, exchange.isLast { return closeSoftly() }
        guard exchange.isComplete else { return [] }
        state = .idle
        timeouts.noteResponse(at: now)
        let cancels = timers.cancel(.continuation)
        if waiting.isEmpty { return cancels + readOn() }
        if isTakingWaiting { return cancels }
        isTakingWaiting = true
        return cancels + [.takeWaiting]
    }

    private mutating func readOn() -> [Action] {
        switch state {
        case .idle where waiting.isEmpty && (isInputClosed || isQuiescing): closeSoftly()
        case .closing, .over: []
        case .idle, .busy: takesInput ? [.read] : []
        }
    }

    // MARK: The application

    mutating func applicationReads(at now: NIODeadline) -> [Action] {
        guard case .busy(let exchange, .application) = state else { return [] }
        isAsked = true
        timeouts.resume(at: now)
        return !exchange.isReceived || waiting.isEmpty ? [.read] : []
    }

    /// The application has written its last response.
    mutating func applicationFinishes() -> [Action] {
        switch state {
        case .idle, .busy(_, .application): closeSoftly()
        // The application has ended because the client will send nothing more; the transports'
        // answer to its last request is still to come.
        case .busy(_, .receiving), .busy(_, .answering), .closing, .over: []
        }
    }

    mutating func applicationCloses() -> [Action] { close() }

    // MARK: The end

    /// Bytes have come that are no HTTP.
    mutating func malformed(_ error: HTTPParserError) -> [Action] {
        switch state {
        case .idle, .busy(_, .receiving):
            state = .busy(.malformed, .answering)
            return [.respond(EventsAnswer(malformed: error))]
        case .busy(let exchange, .application) where !exchange.isReceived:
            return [.giveError(error)]
        case .busy, .closing, .over:
            makeLast()
            return []
        }
    }

    mutating func failed(_ error: any Error) -> [Action] {
        switch state {
        case .closing, .over: []
        case .idle, .busy: [.giveError(error)] + close()
        }
    }

    mutating func inputClosed() -> [Action] {
        isInputClosed = true
        return switch state {
        case .idle, .busy(_, .receiving): [.giveInputClosed] + closeSoftly()
        case .busy(_, .application), .closing: [.giveInputClosed]
        case .busy(_, .answering): [.giveInputClosed, .hurry]
        case .over: []
        }
    }

    /// The server stops.
    mutating func quiesce() -> [Action] {
        isQuiescing = true
        makeLast()
        return switch state {
        case .idle: closeSoftly()
        case .busy(_, .answering): [.hurry]
        case .busy, .closing, .over: []
        }
    }

    /// A stream takes the connection; nothing happens where no request is being answered any more.
    mutating func handOver() -> [Action] {
        guard case .busy(_, .answering) = state else { return [] }
        return closed() + [.handOver(isInputClosed: isInputClosed, isQuiescing: isQuiescing)]
    }

    /// The connection is closed.
    mutating func closed() -> [Action] { end(.over) }

    private mutating func close() -> [Action] {
        if case .over = state { return [] }
        return end(.over) + [.close]
    }

    private mutating func closeSoftly() -> [Action] { end(.closing) + [.closeSoftly, .read] }

    private mutating func end(_ state: State) -> [Action] {
        self.state = state
        waiting.removeAll()
        return timers.cancelAll()
    }

    /// No other request is answered after the current one.
    private mutating func makeLast() {
        guard case .busy(var exchange, let phase) = state else { return }
        exchange.makeLast()
        state = .busy(exchange, phase)
    }

    // MARK: Time

    mutating func fired(_ timer: Timer, at now: NIODeadline) -> [Action] {
        guard timers.clear(timer) else { return [] }
        switch timer {
        case .deadline: return checkDeadline(at: now)
        case .continuation: return sendContinue()
        }
    }

    /// What is waited for changes often, so the timer is set for what was waited for, and looks
    /// what that is now.
    private mutating func checkDeadline(at now: NIODeadline) -> [Action] {
        let deadline = timeouts.deadline(awaited)
        if let deadline, deadline <= now { return close() }
        return [timers.schedule(.deadline, deadline ?? timeouts.nextLook(at: now))]
    }

    private var awaited: ConnectionTimeouts.Waiting {
        switch state {
        case .idle: .head
        case .busy(_, .receiving): .body
        case .busy(let exchange, .application): isAsked && !exchange.isReceived ? .body : .nothing
        case .busy(_, .answering), .closing, .over: .nothing
        }
    }

    private mutating func sendContinue() -> [Action] {
        guard case .busy(var exchange, .application) = state, exchange.bodyBytes == 0,
            exchange.continues()
        else { return [] }
        state = .busy(exchange, .application)
        return [.sendContinue]
    }
}
