// Stands right behind the HTTP parser of every connection and decides, request by request, who
// answers: the application, or the event transports. One request is answered at a time; what a
// client pipelines behind it waits here, and the socket is not read meanwhile.

import HummingbirdCore
import NIOCore
import NIOHTTP1

final class ConnectionGate: ChannelDuplexHandler, RemovableChannelHandler {
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
    private let encoder: HTTPResponseEncoder
    private let decoder: ByteToMessageHandler<HTTPRequestDecoder>
    private var application: EventLoopPromise<HTTP1Channel.Value?>?
    private var applicationChannel: ApplicationChannel?
    private(set) var context: ChannelHandlerContext?
    private(set) var state = State.idle
    /// The application asked for more of a body.
    private var isAsked = false
    private var waiting = CircularBuffer<HTTPServerRequestPart>(initialCapacity: 0)
    private var poll: Poll?
    /// The client will send nothing more.
    private var isInputClosed = false
    private var isQuiescing = false
    private var patience: Patience
    private var clock: Scheduled<Void>?
    private var isTakingWaiting = false

    private var timing: EventsTiming { hub.configuration.timing }

    init(
        hub: LoopHub, encoder: HTTPResponseEncoder,
        decoder: ByteToMessageHandler<HTTPRequestDecoder>,
        application: EventLoopPromise<HTTP1Channel.Value?>
    ) {
        self.hub = hub
        self.encoder = encoder
        self.decoder = decoder
        self.application = application
        patience = Patience(hub.configuration.timing)
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
        patience.noteInput()
        switch state {
        case .idle:
            if case .head(let head) = part { begin(head) }
        case .application(var exchange):
            exchange.receive(part)
            state = .application(exchange)
            isAsked = false
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
        var exchange = Exchange(head)
        if isQuiescing { exchange.makeLast() }
        if let context, let batchName = EventsRequest.batchName(in: head.uri) {
            let task = EventsTask(
                head, batchName: batchName, on: context.channel, hub.configuration)
            receiveMore(exchange, task)
        } else {
            state = .application(exchange)
            giveToApplication(head, exchange)
        }
    }

    // MARK: The application

    private func giveToApplication(_ head: HTTPRequestHead, _ exchange: Exchange) {
        guard let channel = applicationChannel ?? openApplication() else { return }
        channel.receive(.head(head))
        if exchange.expectsContinue { continueSoon() }
    }

    private func openApplication() -> ApplicationChannel? {
        guard let context else { return nil }
        let channel = ApplicationChannel(of: context.channel, carrier: self)
        do {
            application?.succeed(try channel.open())
            application = nil
            applicationChannel = channel
            return channel
        } catch {
            application?.fail(error)
            application = nil
            context.close(promise: nil)
            return nil
        }
    }

    /// Not at once: where the application refuses by the head alone, the body need not come.
    private func continueSoon() {
        context?.eventLoop.assumeIsolated().scheduleTask(in: timing.continueAfter) { [self] in
            guard case .application(var exchange) = state, exchange.bodyBytes == 0,
                exchange.continues(), let context
            else { return }
            state = .application(exchange)
            let head = HTTPResponseHead(version: .http1_1, status: .continue)
            context.writeAndFlush(wrapOutboundOut(.head(head)), promise: nil)
        }
    }

    // MARK: The event transports

    private func receiveMore(_ exchange: Exchange, _ task: EventsTask) {
        guard !exchange.isReceived else { return answer(exchange, task) }
        state = .receiving(exchange, task)
        // A body has no meaning here. A short one is read away; for a long one, or one that is
        // only offered, nobody waits.
        let announced = exchange.head.headers.first(name: "content-length").flatMap { Int($0) } ?? 0
        guard
            exchange.expectsContinue
                || max(announced, exchange.bodyBytes) > hub.configuration.limits.strayBodyBytes
        else { return }
        var exchange = exchange
        exchange.makeLast()
        answer(exchange, task)
    }

    private func answer(_ exchange: Exchange, _ task: EventsTask) {
        state = .answering(exchange)
        switch task {
        case .refuse(let answer):
            respond(answer)
        case .poll(let request, let wait):
            startPoll(request, wait)
        case .stream(let request):
            openStream(request) { [self] watch in
                let head = EventStream.head(exchange.head.version)
                let form = head.version == .http1_0 ? WireForm.plainEventStream : .eventStream
                let stream = EventStream(form, hub: hub, watch: watch)
                return (head, [stream], stream)
            }
        case .socket(let request, let head, let owner):
            openStream(request) { [self] watch in
                let socket = WebSocketHandler(
                    messageBytes: hub.configuration.limits.messageBytes, linger: timing.linger)
                let stream = SocketStream(hub: hub, watch: watch, owner: owner)
                return (head, [socket, stream], stream)
            }
        }
    }

    private func startPoll(_ request: EventsRequest, _ wait: TimeAmount) {
        guard let context else { return }
        let poll = Poll(request, wait: wait, hub: hub, loop: context.eventLoop) { [self] outcome in
            self.poll = nil
            respond(EventsAnswer(outcome))
        }
        self.poll = poll
        poll.start()
        if isInputClosed || isQuiescing { poll.hurry() }
        // So that a client that leaves is noticed: the socket is read while it waits.
        context.read()
    }

    /// What a stream begins with, and the handlers that take the connection over.
    private typealias Stream = (HTTPResponseHead, [any ChannelHandler], any StreamSink)

    private func openStream(_ request: EventsRequest, _ make: @escaping (Watch) -> Stream) {
        let watch = hub.watch(request.batch)
        watch.changes(after: request.after) { [self] result in
            guard case .answering = state else { return }
            switch result {
            case .failure(let error):
                respond(EventsAnswer(refusing: error))
            case .success(let changes) where request.isOver(changes):
                respond(.over)
            case .success(let changes):
                detach(make(watch)) { sink in
                    sink.start(
                        after: request.after, with: changes, untilSettled: request.untilSettled)
                }
            }
        }
        context?.read()
    }

    /// Gives the connection to a stream: HTTP, the application and this handler leave it.
    private func detach(_ stream: Stream, _ start: (any StreamSink) -> Void) {
        guard let context else { return }
        let (head, handlers, sink) = stream
        state = .detached
        write(.head(head))
        do {
            try context.pipeline.syncOperations.addHandlers(handlers, position: .after(self))
        } catch {
            return context.close(promise: nil)
        }
        leavePipeline(context)
        start(sink)
    }

    private func leavePipeline(_ context: ChannelHandlerContext) {
        let channel = context.channel
        let pipeline = context.pipeline.syncOperations
        leave()
        pipeline.removeHandler(encoder, promise: nil)
        pipeline.removeHandler(decoder, promise: nil)
        pipeline.removeHandler(context: context, promise: nil)
        channel.read()
        // What this handler was told before has to be known by those who follow it.
        if isInputClosed { pipeline.fireUserInboundEventTriggered(ChannelEvent.inputClosed) }
        if isQuiescing { pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent()) }
    }

    // MARK: Responses

    private func respond(_ response: EventsAnswer) {
        guard case .answering(let exchange) = state else { return }
        var headers = response.headers
        if response.status != .notModified, response.status != .noContent {
            headers.replaceOrAdd(name: "content-length", value: "\(response.body.readableBytes)")
        }
        write(.head(HTTPResponseHead(version: .http1_1, status: response.status, headers: headers)))
        if exchange.head.method != .HEAD, response.body.readableBytes > 0 {
            write(.body(.byteBuffer(response.body)))
        }
        write(.end(nil))
        context?.flush()
        proceed()
    }

    func write(_ part: HTTPServerResponsePart, promise: EventLoopPromise<Void>? = nil) {
        var part = part
        switch state {
        case .application(var exchange):
            if case .head(let head) = part, head.status == .continue, !exchange.continues() {
                promise?.succeed()
                return
            }
            part = exchange.answer(part)
            state = .application(exchange)
        case .answering(var exchange):
            part = exchange.answer(part)
            state = .answering(exchange)
        case .idle, .receiving, .closing, .detached:
            break
        }
        context?.write(wrapOutboundOut(part), promise: promise)
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
        patience.noteResponse()
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
        state = .closing
        waiting.removeAll()
        guard let context else { return }
        context.flush()
        context.close(mode: .output, promise: nil)
        context.eventLoop.assumeIsolated().scheduleTask(in: timing.linger) {
            context.close(promise: nil)
        }
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
            case .idle, .receiving, .closing: context.close(promise: nil)
            case .application, .answering, .detached: break
            }
        case is ChannelShouldQuiesceEvent:
            isQuiescing = true
            makeLast()
            poll?.hurry()
            if case .idle = state { context.close(promise: nil) }
        default:
            context.fireUserInboundEventTriggered(event)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        leave()
        context.fireChannelInactive()
    }

    // MARK: Patience

    private func watchClock() {
        guard let context else { return }
        let waiting: Patience.Waiting =
            switch state {
            case .idle: .head
            case .receiving: .body
            case .application(let exchange): isAsked && !exchange.isReceived ? .body : .nothing
            case .answering, .closing, .detached: .nothing
            }
        let deadline = patience.deadline(waiting)
        if let deadline, deadline <= .now() { return context.close(promise: nil) }
        clock = context.eventLoop.assumeIsolated().scheduleTask(
            deadline: deadline ?? .now() + timing.body
        ) { [weak self] in self?.watchClock() }
    }

    private func leave() {
        clock?.cancel()
        clock = nil
        poll?.cancel()
        poll = nil
        applicationChannel?.separate()
        applicationChannel = nil
        application?.succeed(nil)
        application = nil
        waiting.removeAll()
    }
}

extension ConnectionGate: ApplicationCarrier {
    func applicationWrites(_ part: HTTPServerResponsePart, promise: EventLoopPromise<Void>?) {
        guard case .application = state else {
            promise?.fail(ChannelError.ioOnClosedChannel)
            return
        }
        write(part, promise: promise)
        if case .end = part {
            context?.flush()
            proceed()
        }
    }

    func applicationFlushes() { context?.flush() }

    func applicationReads() {
        guard case .application(let exchange) = state else { return }
        isAsked = true
        if !exchange.isReceived || waiting.isEmpty { context?.read() }
    }

    func applicationFinishes() { close() }

    func applicationCloses() { context?.close(promise: nil) }
}
