// Stands right behind the HTTP parser of every connection and decides, request by request, who
// answers: the application, or the event transports. One request is answered at a time; what a
// client pipelines behind it waits here, and the socket is not read meanwhile.

import Domain
import HummingbirdCore
import NIOCore
import NIOHTTP1

final class HTTP1Connection: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    enum State {
        case idle
        /// The application answers.
        case application(Exchange)
        /// We answer, once the request is complete.
        case receiving(Exchange, EventsTask)
        case answering(Exchange)
        /// Our last byte is out; what comes is read away until the peer closes too.
        case closing
        /// A stream has the connection.
        case detached
    }

    let hub: LoopHub
    let encoder: HTTPResponseEncoder
    let decoder: ByteToMessageHandler<HTTPRequestDecoder>
    var application: EventLoopPromise<HTTP1Channel.Value?>?
    var applicationChannel: ApplicationChannel?
    private(set) var context: ChannelHandlerContext?
    var state = State.idle
    /// The application asked for more of a body.
    var isAsked = false
    private(set) var waiting = CircularBuffer<HTTPServerRequestPart>(initialCapacity: 0)
    var poll: Poll?
    /// Where faults may be made on purpose.
    weak var faultyLink: FaultyLink?
    /// The rest of an answer that is written as the client takes it.
    private var outgoing: Outgoing?
    /// The client will send nothing more.
    private(set) var isInputClosed = false
    private(set) var isQuiescing = false
    var timeouts: ConnectionTimeouts
    private var clock: Scheduled<Void>?
    private var isTakingWaiting = false

    var timing: EventsTiming { hub.configuration.timing }

    init(
        hub: LoopHub, encoder: HTTPResponseEncoder,
        decoder: ByteToMessageHandler<HTTPRequestDecoder>,
        application: EventLoopPromise<HTTP1Channel.Value?>
    ) {
        self.hub = hub
        self.encoder = encoder
        self.decoder = decoder
        self.application = application
        timeouts = ConnectionTimeouts(hub.configuration.timing, hub.configuration.limits)
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        watchClock()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        leave()
        self.context = nil
    }

    // MARK: Requests

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if case .detached = state { return }
        receive(unwrapInboundIn(data))
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        applicationChannel?.receiveComplete()
        context.fireChannelReadComplete()
    }

    private func receive(_ part: HTTPServerRequestPart) {
        guard waiting.isEmpty, takesInput else { return enqueue(part) }
        take(part)
    }

    private var takesInput: Bool {
        switch state {
        case .idle, .receiving, .closing, .detached: true
        case .application(let exchange): !exchange.isReceived
        case .answering: false
        }
    }

    private func enqueue(_ part: HTTPServerRequestPart) {
        waiting.append(part)
        if waiting.count > hub.configuration.limits.pipelinedParts { context?.close(promise: nil) }
    }

    private func take(_ part: HTTPServerRequestPart) {
        timeouts.note(part)
        switch state {
        case .idle:
            if case .head(let head) = part { begin(head) }
        case .application(var exchange):
            exchange.receive(part)
            state = .application(exchange)
            isAsked = false
            timeouts.pause()
            applicationChannel?.receive(part)
            proceed()
        case .receiving(var exchange, let task):
            exchange.receive(part)
            receiveMore(exchange, task)
        case .answering, .closing, .detached:
            break
        }
    }

    private func begin(_ head: HTTPRequestHead) {
        guard Exchange.namesItsHost(head) else {
            state = .answering(.malformed)
            return respond(EventsAnswer(refusing: Problem(.badRequest, "One Host must be named.")))
        }
        var exchange = Exchange(head)
        if isQuiescing { exchange.makeLast() }
        if let context, let batchName = EventsRequest.batchName(in: head.uri) {
            faultyLink?.begin(head)
            let task = EventsTask(
                head, batchName: batchName, on: context.channel, hub.configuration)
            receiveMore(exchange, task)
        } else {
            state = .application(exchange)
            giveToApplication(head, exchange)
        }
    }

    // MARK: Responses

    func respond(_ response: EventsAnswer) {
        guard case .answering = state else { return }
        var headers = response.headers
        if response.hasLength {
            headers.replaceOrAdd(name: "content-length", value: "\(response.body.count)")
        }
        write(.head(HTTPResponseHead(version: .http1_1, status: response.status, headers: headers)))
        switch response.body {
        case .short(let bytes):
            if bytes.readableBytes > 0 { write(.body(.byteBuffer(bytes))) }
            finishAnswer()
        case .long(let text):
            outgoing = text
            writeOn()
        }
    }

    /// As much of a long answer as the connection takes.
    private func writeOn() {
        while let context, outgoing != nil, context.channel.isWritable {
            guard let piece = outgoing?.next() else {
                outgoing = nil
                return finishAnswer()
            }
            write(.body(.byteBuffer(piece)))
            context.flush()
        }
    }

    private func finishAnswer() {
        write(.end(nil))
        context?.flush()
        proceed()
    }

    func write(_ part: HTTPServerResponsePart, promise: EventLoopPromise<Void>? = nil) {
        var part = part
        switch state {
        case .application(var exchange):
            guard exchange.takes(part) else {
                promise?.succeed()
                return
            }
            part = exchange.answer(part)
            state = .application(exchange)
        case .answering(var exchange):
            guard exchange.takes(part) else { return }
            part = exchange.answer(part)
            state = .answering(exchange)
        case .idle, .receiving, .closing, .detached:
            break
        }
        context?.write(wrapOutboundOut(hub.dated(part)), promise: promise)
    }

    /// Goes on to the next request, or ends the connection, where the current one is done.
    func proceed() {
        let exchange: Exchange
        switch state {
        case .application(let current), .answering(let current): exchange = current
        case .idle, .receiving, .closing, .detached: return
        }
        if exchange.isAnswered, exchange.isLast { return close() }
        guard exchange.isComplete else { return }
        state = .idle
        faultyLink?.end()
        timeouts.noteResponse()
        takeWaiting()
        if case .idle = state, waiting.isEmpty, isInputClosed || isQuiescing { return close() }
        if takesInput { context?.read() }
    }

    private func takeWaiting() {
        guard !waiting.isEmpty, !isTakingWaiting else { return }
        isTakingWaiting = true
        defer { isTakingWaiting = false }
        while takesInput, let part = waiting.popFirst() { take(part) }
        applicationChannel?.receiveComplete()
    }

    /// Closes softly: with unread input a plain close would reset the connection, and the client
    /// might lose the response.
    func close() {
        if case .closing = state { return }
        state = .closing
        waiting.removeAll()
        clock?.cancel()
        guard let context else { return }
        context.flush()
        // The output watch closes it whole, once the client has everything.
        context.close(mode: .output, promise: nil)
        context.read()
    }

    // MARK: The channel's other events

    /// While a request is with the application, the application says when to read; while we hold
    /// an answer back, what comes is kept; and a long poll reads only to see its client leave.
    func read(context: ChannelHandlerContext) {
        switch state {
        case .idle, .receiving, .closing, .detached: context.read()
        case .application: break
        case .answering: if waiting.isEmpty { context.read() }
        }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        writeOn()
        applicationChannel?.writabilityChanged()
        context.fireChannelWritabilityChanged()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        switch state {
        case .closing, .detached:
            // The peer sends what it likes; it is not read any more.
            break
        case _ where !(error is HTTPParserError):
            applicationChannel?.receive(error: error)
            context.close(promise: nil)
        case .idle, .receiving:
            state = .answering(.malformed)
            respond(EventsAnswer(malformed: error))
        case .application(let exchange) where !exchange.isReceived:
            applicationChannel?.receive(error: error)
        case .application, .answering:
            makeLast()
        }
    }

    private func makeLast() {
        switch state {
        case .application(var exchange):
            exchange.makeLast()
            state = .application(exchange)
        case .answering(var exchange):
            exchange.makeLast()
            state = .answering(exchange)
        case .receiving(var exchange, let task):
            exchange.makeLast()
            state = .receiving(exchange, task)
        case .idle, .closing, .detached: break
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case ChannelEvent.inputClosed:
            isInputClosed = true
            applicationChannel?.inputClosed()
            poll?.hurry()
            switch state {
            case .idle, .receiving: close()
            case .application, .answering, .closing, .detached: break
            }
        case is ChannelShouldQuiesceEvent:
            isQuiescing = true
            makeLast()
            poll?.hurry()
            if case .idle = state { close() }
        default:
            context.fireUserInboundEventTriggered(event)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        leave()
        context.fireChannelInactive()
    }

    // MARK: ConnectionTimeouts

    private func watchClock() {
        guard let context else { return }
        let waiting: ConnectionTimeouts.Waiting =
            switch state {
            case .idle: .head
            case .receiving: .body
            case .application(let exchange): isAsked && !exchange.isReceived ? .body : .nothing
            case .answering, .closing, .detached: .nothing
            }
        let deadline = timeouts.deadline(waiting)
        if let deadline, deadline <= .now() { return context.close(promise: nil) }
        clock = context.eventLoop.assumeIsolated().scheduleTask(
            deadline: deadline ?? .now() + timing.body
        ) { [weak self] in self?.watchClock() }
    }

    func leave() {
        clock?.cancel()
        clock = nil
        poll?.cancel()
        poll = nil
        applicationChannel?.separate()
        applicationChannel = nil
        application?.succeed(nil)
        application = nil
        waiting.removeAll()
        outgoing = nil
    }
}
