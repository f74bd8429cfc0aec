// The events of a batch over WebSocket, and the client's commands the other way.

import Domain
import NIOCore

final class SocketStream: ChannelInboundHandler, StreamSink {
    typealias InboundIn = WebSocketMessage
    typealias OutboundOut = ByteBuffer

    let form = WireForm.webSocket
    private let hub: LoopHub
    private let fanout: BatchFanout
    private let owner: Owner?
    private var context: ChannelHandlerContext?
    private var subscriber: Subscriber?
    private var allowance: CommandAllowance
    private var lastHeard = NIODeadline.now()
    /// A reset that is not yet out, and whole messages that wait for it: replies to commands.
    private var outgoing: Outgoing?
    private var replies: [ByteBuffer] = []
    private var isOver = false

    /// - Parameter owner: in whose name commands are carried out.
    init(hub: LoopHub, fanout: BatchFanout, owner: Owner?) {
        self.hub = hub
        self.fanout = fanout
        self.owner = owner
        allowance = CommandAllowance(hub.configuration.limits)
    }

    func start(after cursor: Cursor?, with changes: Changes, untilSettled: Bool) {
        let timing = hub.configuration.timing
        let subscriber = Subscriber(opening: self, after: cursor, changes, untilSettled, timing)
        self.subscriber = subscriber
        hub.add(subscriber, to: fanout)
        flush()
    }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) { leave() }

    // MARK: Sink

    /// A client that has not even answered pings for three heartbeats counts as one that reads
    /// nothing.
    var isWritable: Bool {
        !isOver && outgoing == nil && context?.channel.isWritable == true && !isSilent
    }

    private var isSilent: Bool { silence > patience }

    /// While it is given a document it is not asked whether it is there.
    var isLost: Bool {
        outgoing == nil && silence > patience + hub.configuration.timing.stall
    }

    private var silence: TimeAmount { NIODeadline.now() - lastHeard }

    private var patience: TimeAmount {
        .nanoseconds(3 * hub.configuration.timing.heartbeat.nanoseconds)
    }

    func write(_ bytes: ByteBuffer) {
        guard !isOver, let context else { return }
        context.write(wrapOutboundOut(bytes), promise: nil)
    }

    func write(reset document: Document) {
        outgoing = Outgoing(reset: document, form)
        writeOn()
    }

    /// As much of a reset as the connection takes, in fragments of one message.
    private func writeOn() {
        guard let context, !isOver else { return }
        while context.channel.isWritable, let piece = outgoing?.next(form) {
            if outgoing?.isWhole == true {
                outgoing = nil
                lastHeard = .now()
            }
            context.writeAndFlush(wrapOutboundOut(piece), promise: nil)
        }
        guard outgoing == nil, !replies.isEmpty else { return }
        for reply in replies { write(reply) }
        replies = []
        flush()
    }

    func flush() { context?.flush() }

    /// In the middle of a message nothing but the close can be said.
    func end(_ end: Message.End) {
        if outgoing == nil { write(form.encode(.end(end))) }
        close(end.close)
    }

    func abort() { context?.close(promise: nil) }

    private func close(_ close: WebSocketClose) {
        guard !isOver, let context else { return }
        isOver = true
        retire()
        context.triggerUserOutboundEvent(close, promise: nil)
    }

    private func retire() {
        if let subscriber { hub.remove(subscriber, from: fanout) }
    }

    private func leave() {
        guard subscriber != nil else { return }
        isOver = true
        retire()
        subscriber = nil
        context = nil
        hub.closed()
    }

    // MARK: Channel

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let wasSilent = isSilent
        lastHeard = .now()
        if wasSilent, let subscriber { fanout.advance(subscriber) }
        switch unwrapInboundIn(data) {
        case .text(let text): receive(text)
        case .binary: close(.unsupportedData("commands are text"))
        case .alive: break
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        leave()
        context.fireChannelInactive()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        writeOn()
        if let subscriber, isWritable { fanout.advance(subscriber) }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard event is ChannelShouldQuiesceEvent else { return }
        context.eventLoop.assumeIsolated().scheduleTask(in: hub.farewellDelay()) { [self] in
            end(.shutdown(retryAfterMs: hub.retryAfter()))
        }
    }

    // MARK: Commands

    private func receive(_ text: ByteBuffer) {
        switch allowance.take(at: .now()) {
        case .refuseAll:
            close(.policy("too many commands"))
        case .refuse:
            reply(to: SocketCommand(text).id, Problem(.tooManyRequests))
        case .allow:
            carryOut(SocketCommand(text))
        }
    }

    private func carryOut(_ command: SocketCommand) {
        switch command.kind {
        case .success(.ping(let value)):
            reply(to: command.id, ["pong": value])
        case .success(.image(let verb, let image, let key)):
            perform(verb, image, key, for: command.id)
        case .failure(let problem):
            reply(to: command.id, problem)
        }
    }

    private func perform(
        _ command: ImageCommand, _ image: Image.ID, _ key: IdempotencyKey?, for id: JSON
    ) {
        guard let context else { return }
        allowance.begin()
        let configuration = hub.configuration
        context.eventLoop.makeFutureWithTask { [batch = fanout.batch, owner] in
            try await configuration.performed(command, image, batch, owner, key)
        }.assumeIsolated().whenComplete { [self] result in
            allowance.end()
            switch result {
            case .success(let image): reply(to: id, ["image": image])
            case .failure(let error): reply(to: id, error as? Problem ?? Problem(.internal))
            }
        }
    }

    private func reply(to id: JSON, _ problem: Problem) {
        reply(to: id, ["problem": problem.member])
    }

    private func reply(to id: JSON, _ members: [String: JSON]) {
        var members = members
        members["type"] = "reply"
        members["reply"] = id
        let text = ByteBuffer(string: JSON.object(members).text)
        let frame = WebSocketFrame.encode(.text, text)
        guard outgoing == nil else { return replies.append(frame) }
        write(frame)
        flush()
    }
}

extension Message.End {
    fileprivate var close: WebSocketClose {
        switch self {
        case .settled, .deleted: .normal
        case .shutdown: .goingAway
        case .unavailable: .unavailable
        }
    }
}
