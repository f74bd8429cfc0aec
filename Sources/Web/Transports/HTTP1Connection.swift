// Stands right behind the HTTP parser of every connection and performs what `HTTP1StateMachine`
// decides. What it keeps is what it performs that with: the application's side of the connection, the
// answer that is being written, the timers.

import HummingbirdCore
import NIOCore
import NIOHTTP1

final class HTTP1Connection: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    let hub: LoopHub
    private let encoder: HTTPResponseEncoder
    private let decoder: ByteToMessageHandler<HTTPRequestDecoder>
    private(set) var context: ChannelHandlerContext?
    private var machine: HTTP1StateMachine
    /// Actions that wait for one that is being performed, which brought them about.
    private var actions: [HTTP1StateMachine.Action] = []
    private var isPerforming = false
    /// Kept with the connection as the application sees it, at its first request.
    private var application: EventLoopPromise<HTTP1Channel.Value?>?
    private var applicationChannel: ApplicationChannel?
    private var poll: Poll?
    /// Where faults may be made on purpose.
    weak var faultyLink: FaultyLink?
    /// The rest of an answer that is written as the client takes it.
    private var outgoing: Outgoing?
    private var deadline: Scheduled<Void>?
    private var continuation: Scheduled<Void>?

    init(
        hub: LoopHub, encoder: HTTPResponseEncoder,
        decoder: ByteToMessageHandler<HTTPRequestDecoder>,
        application: EventLoopPromise<HTTP1Channel.Value?>
    ) {
        self.hub = hub
        self.encoder = encoder
        self.decoder = decoder
        self.application = application
        machine = HTTP1StateMachine(
            hub.configuration.timing, hub.configuration.limits, at: .now())
    }

    // MARK: What happens

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        perform(machine.opened(at: .now()))
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        leave()
        self.context = nil
    }

    func channelInactive(context: ChannelHandlerContext) {
        leave()
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        perform(machine.received(unwrapInboundIn(data), at: .now()))
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        applicationChannel?.receiveComplete()
        context.fireChannelReadComplete()
    }

    func read(context: ChannelHandlerContext) {
        if machine.mayRead { context.read() }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        writeOn()
        applicationChannel?.writabilityChanged()
        context.fireChannelWritabilityChanged()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        let malformed = (error as? HTTPParserError).map { machine.malformed($0) }
        perform(malformed ?? machine.failed(error))
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case ChannelEvent.inputClosed: perform(machine.inputClosed())
        case is ChannelShouldQuiesceEvent: perform(machine.quiesce())
        default: context.fireUserInboundEventTriggered(event)
        }
    }

    // MARK: What is done

    /// Performs `actions`, after those that are still to be performed.
    private func perform(_ new: [HTTP1StateMachine.Action]) {
        actions += new
        guard !isPerforming else { return }
        isPerforming = true
        defer { isPerforming = false }
        var next = actions.startIndex
        while actions.indices.contains(next) {
            perform(actions[next])
            next += 1
        }
        actions = []
    }

    private func perform(_ action: HTTP1StateMachine.Action) {
        switch action {
        case .read: context?.read()
        case .give(let part): give(part)
        case .giveComplete: applicationChannel?.receiveComplete()
        case .giveInputClosed: applicationChannel?.inputClosed()
        case .giveError(let error): applicationChannel?.receive(error: error)
        case .sendContinue: sendContinue()
        case .answer(let head, let isHurried):
            faultyLink?.begin(head)
            answer(head, isHurried: isHurried)
        case .hurry: poll?.hurry()
        case .respond(let answer): respond(answer)
        case .takeWaiting: perform(machine.takeWaiting(at: .now()))
        case .schedule(let timer, let time): schedule(timer, time)
        case .cancel(let timer): cancel(timer)
        case .closeSoftly:
            // SlowReaderTimeout closes it whole, once the client has everything.
            context?.flush()
            context?.close(mode: .output, promise: nil)
        case .close: context?.close(promise: nil)
        case .handOver(let isInputClosed, let isQuiescing):
            leavePipeline(isInputClosed: isInputClosed, isQuiescing: isQuiescing)
        }
    }

    private func schedule(_ timer: HTTP1StateMachine.Timer, _ time: NIODeadline) {
        guard let context else { return }
        let task = context.eventLoop.assumeIsolated().scheduleTask(deadline: time) { [weak self] in
            if let self { fired(timer) }
        }
        switch timer {
        case .deadline: deadline = task
        case .continuation: continuation = task
        }
    }

    private func fired(_ timer: HTTP1StateMachine.Timer) {
        cancel(timer)
        perform(machine.fired(timer, at: .now()))
    }

    /// Also forgets one that has fired.
    private func cancel(_ timer: HTTP1StateMachine.Timer) {
        switch timer {
        case .deadline: deadline.take()?.cancel()
        case .continuation: continuation.take()?.cancel()
        }
    }

    private func sendContinue() {
        let head = HTTPResponseHead(version: .http1_1, status: .continue)
        context?.writeAndFlush(wrapOutboundOut(.head(head)), promise: nil)
    }

    // MARK: Answers of the transports

    func begin(_ poll: Poll, isHurried: Bool) {
        self.poll = poll
        poll.start()
        if isHurried { poll.hurry() }
    }

    func respond(_ response: EventsAnswer) {
        poll = nil
        guard write(.head(response.head), by: .transports) else { return }
        switch response.body {
        case .short(let bytes):
            if bytes.readableBytes > 0 { write(.body(.byteBuffer(bytes)), by: .transports) }
            write(.end(nil), by: .transports)
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
                write(.end(nil), by: .transports)
                return
            }
            write(.body(.byteBuffer(piece)), by: .transports)
            context.flush()
        }
    }

    /// - Returns: whether the response is still expected.
    @discardableResult
    private func write(
        _ part: HTTPServerResponsePart, by writer: HTTP1StateMachine.Writer,
        promise: EventLoopPromise<Void>? = nil
    ) -> Bool {
        switch machine.write(shared(part), by: writer) {
        case .part(let part): context?.write(wrapOutboundOut(hub.dated(part)), promise: promise)
        case .omitted: promise?.succeed()
        case .refused:
            promise?.fail(ChannelError.ioOnClosedChannel)
            return false
        }
        if case .end = part {
            context?.flush()
            faultyLink?.end()
            perform(machine.goOn(at: .now()))
        }
        return true
    }

    /// The head of an answer with what it says of pages of other origins.
    private func shared(_ part: HTTPServerResponsePart) -> HTTPServerResponsePart {
        guard case .head(var head) = part, let request = machine.requestHead else { return part }
        let fields = hub.configuration.crossOrigin(request)
        guard !fields.isEmpty else { return part }
        head.headers.add(contentsOf: fields)
        return .head(head)
    }

    // MARK: The end

    /// Hands the connection to a stream, and removes the HTTP and application handlers and this one
    /// from the pipeline.
    /// - Returns: whether the stream has it now.
    func detach(_ head: HTTPResponseHead, _ handlers: [any ChannelHandler]) -> Bool {
        let head = shared(.head(head))
        let actions = machine.handOver()
        guard let context, !actions.isEmpty else { return false }
        context.write(wrapOutboundOut(hub.dated(head)), promise: nil)
        do {
            try context.pipeline.syncOperations.addHandlers(handlers, position: .after(self))
        } catch {
            context.close(promise: nil)
            return false
        }
        // Before those that wait: the stream begins to write at once.
        for action in actions { perform(action) }
        return true
    }

    private func leavePipeline(isInputClosed: Bool, isQuiescing: Bool) {
        guard let context else { return }
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

    private func leave() {
        for action in machine.closed() { perform(action) }
        actions = []
        poll.take()?.cancel()
        applicationChannel.take()?.separate()
        application.take()?.succeed(nil)
        outgoing = nil
    }
}

// MARK: - The application

extension HTTP1Connection: ApplicationCarrier {
    private func give(_ part: HTTPServerRequestPart) {
        (applicationChannel ?? openApplication())?.receive(part)
    }

    private func openApplication() -> ApplicationChannel? {
        guard let context, let application = self.application.take() else { return nil }
        let channel = ApplicationChannel(of: context.channel, carrier: self)
        do {
            application.succeed(try channel.open())
            applicationChannel = channel
            return channel
        } catch {
            application.fail(error)
            context.close(promise: nil)
            return nil
        }
    }

    func applicationWrites(_ part: HTTPServerResponsePart, promise: EventLoopPromise<Void>?) {
        write(part, by: .application, promise: promise)
    }

    func applicationFlushes() { context?.flush() }

    func applicationReads() { perform(machine.applicationReads(at: .now())) }

    func applicationFinishes() { perform(machine.applicationFinishes()) }

    func applicationCloses() { perform(machine.applicationCloses()) }
}
