// Server-Sent Events on a connection that does nothing else any more.

import Domain
import NIOCore
import NIOHTTP1

final class EventStream: StreamHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    let form: WireForm
    var stream: StreamState
    /// What is to be said when a reset is out.
    private var ending: Message.End?

    init(_ form: WireForm, hub: LoopHub, fanout: BatchFanout) {
        self.form = form
        stream = StreamState(hub: hub, fanout: fanout)
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
        let retry = ByteBuffer(string: "retry: \(stream.hub.configuration.timing.retryMs)\n\n")
        write(form == .eventStream ? WireForm.chunk(retry) : retry)
        follow(after: cursor, with: changes, untilSettled: untilSettled)
    }

    // MARK: Sink

    var isWritable: Bool { ending == nil && stream.isWritable }

    var isLost: Bool { false }

    func wroteReset() {
        if let ending { end(ending) }
    }

    func end(_ end: Message.End) {
        guard !stream.isOver, let context = stream.context else { return }
        guard !stream.isWritingReset else {
            ending = end
            return
        }
        write(form.encode(.end(end)))
        if form == .eventStream { write(ByteBuffer(string: "0\r\n\r\n")) }
        flush()
        retire()
        context.close(mode: .output, promise: nil)
    }

    // MARK: Channel

    /// A client of an event stream has nothing more to say.
    func channelRead(context: ChannelHandlerContext, data: NIOAny) {}

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case ChannelEvent.inputClosed: context.close(promise: nil)
        case is ChannelShouldQuiesceEvent: endSoon()
        default: break
        }
    }
}
