// The protocol part of a WebSocket connection: messages in, frames out, pings answered, and a close
// that both ends agree on. What the messages mean is the next handler's business.

package import NIOCore

package final class WebSocketHandler: ChannelDuplexHandler {
    package typealias InboundIn = ByteBuffer
    package typealias InboundOut = WebSocketMessage
    /// Whole frames, so that one encoding can go to many connections.
    package typealias OutboundIn = ByteBuffer
    package typealias OutboundOut = ByteBuffer

    private enum State {
        case open
        /// Our close frame is out; the peer's is awaited.
        case closing
        /// Nothing that comes is looked at any more.
        case closed
    }

    private var parser: WebSocketParser
    private let linger: TimeAmount
    private var state = State.open
    /// A read that waits until what we have to say has gone out.
    private var holdsRead = false

    package init(messageBytes: Int, linger: TimeAmount) {
        parser = WebSocketParser(limit: messageBytes)
        self.linger = linger
    }

    // MARK: In

    package func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard state != .closed else { return }
        parser.append(unwrapInboundIn(data))
        do {
            while state != .closed, let item = try parser.next() { receive(item, context) }
        } catch {
            fail(error, context)
        }
    }

    private func receive(_ item: WebSocketParser.Item, _ context: ChannelHandlerContext) {
        switch item {
        case .text(let bytes): deliver(.text(bytes), context)
        case .binary(let bytes): deliver(.binary(bytes), context)
        case .ping(let bytes):
            guard state == .open else { return }
            context.writeAndFlush(
                wrapOutboundOut(WebSocketFrame.encode(.pong, bytes)), promise: nil)
            deliver(.alive, context)
        case .pong: deliver(.alive, context)
        case .close(let close): peerClosed(close, context)
        }
    }

    /// After our close frame nothing is delivered any more.
    private func deliver(_ message: WebSocketMessage, _ context: ChannelHandlerContext) {
        guard state == .open else { return }
        context.fireChannelRead(wrapInboundOut(message))
    }

    package func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    // MARK: Close (section 7)

    package func triggerUserOutboundEvent(
        context: ChannelHandlerContext, event: Any, promise: EventLoopPromise<Void>?
    ) {
        guard let close = event as? WebSocketClose else {
            return context.triggerUserOutboundEvent(event, promise: promise)
        }
        guard state == .open else {
            promise?.succeed()
            return
        }
        state = .closing
        context.writeAndFlush(wrapOutboundOut(close.frame), promise: promise)
        // The peer has this long for its own close frame.
        context.eventLoop.assumeIsolated().scheduleTask(in: linger) { [self] in
            if state == .closing { hangUp(context) }
        }
    }

    private func peerClosed(_ close: WebSocketClose, _ context: ChannelHandlerContext) {
        if state == .open {
            context.writeAndFlush(wrapOutboundOut(WebSocketClose(close.code).frame), promise: nil)
        }
        hangUp(context)
    }

    private func fail(_ close: WebSocketClose, _ context: ChannelHandlerContext) {
        if state == .open {
            context.writeAndFlush(wrapOutboundOut(close.frame), promise: nil)
        }
        hangUp(context)
    }

    /// The server closes the connection first, and softly: closing with unread input would reset
    /// it, and the peer might lose our close frame.
    private func hangUp(_ context: ChannelHandlerContext) {
        state = .closed
        context.close(mode: .output, promise: nil)
    }

    package func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event as? ChannelEvent == .inputClosed {
            state = .closed
            context.close(promise: nil)
        }
        context.fireUserInboundEventTriggered(event)
    }

    // MARK: Back-pressure

    /// A peer that reads nothing is not read from: its pings and commands cannot fill our memory.
    package func read(context: ChannelHandlerContext) {
        if context.channel.isWritable {
            context.read()
        } else {
            holdsRead = true
        }
    }

    package func channelWritabilityChanged(context: ChannelHandlerContext) {
        if holdsRead, context.channel.isWritable {
            holdsRead = false
            context.read()
        }
        context.fireChannelWritabilityChanged()
    }
}

package enum WebSocketMessage: Sendable, Hashable {
    case text(ByteBuffer)
    case binary(ByteBuffer)
    /// A ping or a pong: the peer is there.
    case alive
}
