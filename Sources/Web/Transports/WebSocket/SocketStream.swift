// The events of a batch over WebSocket, and the client's commands the other way.

import Domain
import NIOCore

final class SocketStream: StreamHandler {
    typealias InboundIn = WebSocketMessage
    typealias OutboundOut = ByteBuffer

    let form = WireForm.webSocket
    var stream: StreamState
    private let owner: Owner?
    private var allowance: CommandAllowance
    private var lastHeard = NIODeadline.now()
    /// Whole messages that wait until a reset is out: replies to commands.
    private var replies: [ByteBuffer] = []

    /// - Parameter owner: in whose name commands are carried out.
    init(hub: LoopHub, fanout: BatchFanout, owner: Owner?) {
        stream = StreamState(hub: hub, fanout: fanout)
        self.owner = owner
        allowance = CommandAllowance(hub.configuration.limits)
    }

    func start(after cursor: Cursor?, with changes: Changes, untilSettled: Bool) {
        follow(after: cursor, with: changes, untilSettled: untilSettled)
    }

    // MARK: Sink

    /// A client that has not even answered pings for three heartbeats counts as one that reads
    /// nothing.
    var isWritable: Bool { stream.isWritable && !isSilent }

    private var isSilent: Bool { silence > patience }

    /// While it is given a document it is not asked whether it is there.
    var isLost: Bool {
        !stream.isWritingReset && silence > patience + stream.hub.configuration.timing.stall
    }

    private var silence: TimeAmount { NIODeadline.now() - lastHeard }

    private var patience: TimeAmount {
        .nanoseconds(3 * stream.hub.configuration.timing.heartbeat.nanoseconds)
    }

    func wroteReset() {
        lastHeard = .now()
        guard !replies.isEmpty else { return }
        for reply in replies { write(reply) }
        replies = []
        flush()
    }

    /// In the middle of a message nothing but the close can be said.
    func end(_ end: Message.End) {
        if !stream.isWritingReset { write(form.encode(.end(end))) }
        close(end.close)
    }

    private func close(_ close: WebSocketClose) {
        guard !stream.isOver, let context = stream.context else { return }
        retire()
        context.triggerUserOutboundEvent(close, promise: nil)
    }

    // MARK: Channel

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let wasSilent = isSilent
        lastHeard = .now()
        if wasSilent { takeMore() }
        switch unwrapInboundIn(data) {
        case .text(let text): receive(text)
        case .binary: close(.unsupportedData("commands are text"))
        case .alive: break
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is ChannelShouldQuiesceEvent { endSoon() }
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
        guard let context = stream.context else { return }
        allowance.begin()
        let configuration = stream.hub.configuration
        context.eventLoop.makeFutureWithTask { [batch = stream.fanout.batch, owner] in
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
        guard !stream.isWritingReset else { return replies.append(frame) }
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
