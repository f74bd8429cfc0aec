// What the streams of both transports do alike: they write a subscriber's messages to a connection
// that does nothing else any more, and leave when it ends. How a stream begins, what it hears and how it
// ends is the transport's: see EventStream and SocketStream.

import Domain
import NIOCore

/// What a stream keeps.
struct StreamState {
    let hub: LoopHub
    let fanout: BatchFanout
    fileprivate(set) var context: ChannelHandlerContext?
    fileprivate var subscriber: Subscriber?
    /// A reset that is not yet out.
    fileprivate var outgoing: Outgoing?
    /// Nothing more is written by the stream itself.
    fileprivate(set) var isOver = false

    init(hub: LoopHub, fanout: BatchFanout) {
        self.hub = hub
        self.fanout = fanout
    }

    var isWritingReset: Bool { outgoing != nil }

    /// Whether something can be written now that is no part of a reset.
    var isWritable: Bool { !isOver && outgoing == nil && context?.channel.isWritable == true }
}

protocol StreamHandler: ChannelInboundHandler, StreamSink where OutboundOut == ByteBuffer {
    var stream: StreamState { get set }
    /// Writes what had to wait for a reset.
    func wroteReset()
}

extension StreamHandler {
    /// Says where the stream starts, writes what was read, and follows the batch from there.
    func follow(after cursor: Cursor?, with changes: Changes, untilSettled: Bool) {
        let subscriber = Subscriber(
            opening: self, after: cursor, changes, untilSettled, stream.hub.configuration.timing)
        stream.subscriber = subscriber
        stream.hub.add(subscriber, to: stream.fanout)
        flush()
    }

    // MARK: Sink

    func write(_ bytes: ByteBuffer) {
        guard !stream.isOver else { return }
        stream.context?.write(wrapOutboundOut(bytes), promise: nil)
    }

    func write(reset document: Document) {
        stream.outgoing = Outgoing(reset: document, form)
        writeOn()
    }

    /// As much of a reset as the connection takes.
    private func writeOn() {
        guard let context = stream.context, !stream.isOver else { return }
        while context.channel.isWritable, let piece = stream.outgoing?.next(form) {
            let isWhole = stream.outgoing?.isWhole == true
            if isWhole { stream.outgoing = nil }
            context.writeAndFlush(wrapOutboundOut(piece), promise: nil)
            if isWhole { wroteReset() }
        }
    }

    func flush() { stream.context?.flush() }

    func abort() { stream.context?.close(promise: nil) }

    // MARK: The end

    /// The stream has said its last; its connection may still be closing.
    func retire() {
        stream.isOver = true
        if let subscriber = stream.subscriber {
            stream.hub.remove(subscriber, from: stream.fanout)
        }
    }

    private func leave() {
        guard stream.subscriber != nil else { return }
        retire()
        stream.subscriber = nil
        stream.context = nil
        stream.hub.closed()
    }

    /// The server stops: the stream ends when its turn comes.
    func endSoon() {
        let hub = stream.hub
        stream.context?.eventLoop.assumeIsolated().scheduleTask(in: hub.farewellDelay()) { [self] in
            end(.shutdown(retryAfterMs: hub.retryAfter()))
        }
    }

    // MARK: Channel

    func handlerAdded(context: ChannelHandlerContext) { stream.context = context }

    func handlerRemoved(context: ChannelHandlerContext) { leave() }

    func channelInactive(context: ChannelHandlerContext) {
        leave()
        context.fireChannelInactive()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        writeOn()
        takeMore()
    }

    /// Takes what the connection has room for now.
    func takeMore() {
        if let subscriber = stream.subscriber, isWritable { stream.fanout.advance(subscriber) }
    }
}
