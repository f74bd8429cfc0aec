// Server-Sent Events on a connection that does nothing else any more.

import Domain
import NIOCore
import NIOHTTP1

final class EventStream: ChannelDuplexHandler, StreamSink {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = Never
    typealias OutboundOut = ByteBuffer

    let form: WireForm
    private let hub: LoopHub
    private let fanout: BatchFanout
    private var context: ChannelHandlerContext?
    private var subscriber: Subscriber?
    /// A reset that is not yet out.
    private var outgoing: Outgoing?
    /// What is to be said when it is.
    private var ending: Message.End?
    private var isOver = false

    init(_ form: WireForm, hub: LoopHub, fanout: BatchFanout) {
        self.form = form
        self.hub = hub
        self.fanout = fanout
    }

    /// The head of the answer. An HTTP/1.0 client gets a body that ends with the connection.
    static func head(_ version: HTTPVersion) -> HTTPResponseHead {
        var headers: HTTPHeaders = [
            "content-type": "text/event-stream", "cache-control": "no-cache, no-transform",
            "x-accel-buffering": "no", "incremental": "?1", "vary": "Accept", "connection": "close",
        ]
        if version != .http1_0 { headers.add(name: "transfer-encoding", value: "chunked") }
        return HTTPResponseHead(version: version, status: .ok, headers: headers)
    }

    /// The first bytes: how to come back, where the stream starts, and all there is so far.
    func start(after cursor: Cursor?, with changes: Changes, untilSettled: Bool) {
        let timing = hub.configuration.timing
        let retry = ByteBuffer(string: "retry: \(timing.retryMs)\n\n")
        write(form == .eventStream ? WireForm.chunk(retry) : retry)
        let subscriber = Subscriber(opening: self, after: cursor, changes, untilSettled, timing)
        self.subscriber = subscriber
        hub.add(subscriber, to: fanout)
        flush()
    }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) { leave() }

    // MARK: Sink

    var isWritable: Bool {
        !isOver && outgoing == nil && ending == nil && context?.channel.isWritable == true
    }

    var isLost: Bool { false }

    func write(_ bytes: ByteBuffer) {
        guard !isOver, let context else { return }
        context.write(wrapOutboundOut(bytes), promise: nil)
    }

    func write(reset document: Document) {
        outgoing = Outgoing(reset: document, form)
        writeOn()
    }

    /// As much of a reset as the connection takes.
    private func writeOn() {
        guard let context, !isOver else { return }
        while context.channel.isWritable, let piece = outgoing?.next(form) {
            if outgoing?.isWhole == true { outgoing = nil }
            context.writeAndFlush(wrapOutboundOut(piece), promise: nil)
        }
        if outgoing == nil, let ending { end(ending) }
    }

    func flush() { context?.flush() }

    func end(_ end: Message.End) {
        guard !isOver, let context else { return }
        guard outgoing == nil else {
            ending = end
            return
        }
        write(form.encode(.end(end)))
        if form == .eventStream { write(ByteBuffer(string: "0\r\n\r\n")) }
        flush()
        isOver = true
        retire()
        context.close(mode: .output, promise: nil)
    }

    func abort() { context?.close(promise: nil) }

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

    /// A client of an event stream has nothing more to say.
    func channelRead(context: ChannelHandlerContext, data: NIOAny) {}

    func channelInactive(context: ChannelHandlerContext) {
        leave()
        context.fireChannelInactive()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        writeOn()
        if let subscriber, isWritable { fanout.advance(subscriber) }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case ChannelEvent.inputClosed:
            context.close(promise: nil)
        case is ChannelShouldQuiesceEvent:
            context.eventLoop.assumeIsolated().scheduleTask(in: hub.farewellDelay()) { [self] in
                end(.shutdown(retryAfterMs: hub.retryAfter()))
            }
        default:
            break
        }
    }
}

extension Subscriber {
    /// A subscriber whose first read is done: greets it and gives it what was read.
    convenience init(
        opening sink: any StreamSink, after cursor: Cursor?, _ changes: Changes,
        _ untilSettled: Bool, _ timing: EventsTiming
    ) {
        let heartbeatMs = timing.heartbeat.nanoseconds / 1_000_000
        switch changes.body {
        case .reset(let document):
            self.init(at: changes.cursor, untilSettled: untilSettled, sink: sink)
            sink.write(sink.form.encode(.hello(changes.cursor, heartbeatMs: heartbeatMs)))
            sink.write(reset: document)
        case .events(let events):
            let start = cursor ?? changes.cursor
            self.init(at: start, untilSettled: untilSettled, sink: sink)
            sink.write(sink.form.encode(.hello(start, heartbeatMs: heartbeatMs)))
            write(Burst(events, epoch: changes.cursor.epoch))
        }
    }
}
