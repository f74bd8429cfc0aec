// Stands next to the socket of each connection, where faults may be made. While a request of a run is
// answered on it, what that run's fault does befalls the connection: real bytes are held, dropped, or cut.
// At all other times it only passes on.

import NIOCore
import NIOHTTP1

final class FaultyLink: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = IOData
    typealias OutboundOut = IOData

    private struct Held {
        let bytes: IOData
        let due: NIODeadline
    }

    /// Bytes that one connection may have waiting here; who has more is cut.
    static let mostHeld = 1 << 20
    /// Bytes of an answer that a proxy keeps before it passes them on (nginx: 8 buffers of 4 KiB).
    static let proxyBuffer = 32 << 10

    private let table: FaultTable
    private var context: ChannelHandlerContext?
    private var run: FaultyRun?
    /// Whether the request is for a WebSocket: no proxy buffers one.
    private var isUpgrade = false
    private var fault: (kind: Fault.Kind, end: NIODeadline)?
    private var held = CircularBuffer<Held>(initialCapacity: 0)
    private var heldBytes = 0
    /// Nothing passes any more, in neither direction.
    private var isDead = false
    /// Asked for while bytes are held: it comes behind them.
    private var isClosing = false
    private var releasing: Scheduled<Void>?
    private var cutting: Scheduled<Void>?

    init(_ table: FaultTable) { self.table = table }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) {
        end()
        releasing?.cancel()
        held.removeAll()
        self.context = nil
    }

    // MARK: The request that is answered

    /// A request for events is answered from now on.
    func begin(_ head: HTTPRequestHead) {
        guard let run = FaultyRun(uri: head.uri), let context else { return }
        self.run = run
        isUpgrade = head.headers.contains(name: "upgrade")
        let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
        if let (fault, end) = table.enter(bound, run) { meet(fault, until: end, isOpen: false) }
    }

    /// The answer is written whole.
    func end() {
        guard let run else { return }
        table.leave(self, run)
        self.run = nil
        cutting?.cancel()
        if case .hold = fault?.kind { releaseAll() }
        fault = nil
    }

    /// What the last fault held goes on first, where the new one lets it.
    /// - Parameter isOpen: whether the connection was there when the fault began.
    func meet(_ fault: Fault, until end: NIODeadline, isOpen: Bool) {
        guard run != nil, let context, !isDead else { return }
        self.fault = (fault.kind, end)
        cutting?.cancel()
        switch fault.kind {
        case .delay, .hold, .slow: releaseAll()
        case .cut(let every):
            releaseAll()
            cut(in: every, before: end)
        case .halfOpen: isDead = true
        case .badGateway where !isOpen: answerBadGateway(context)
        case .badGateway, .outage: cutNow()
        }
    }

    private func cut(in time: TimeAmount, before end: NIODeadline) {
        guard NIODeadline.now() + time < end else { return }
        cutting = context?.eventLoop.assumeIsolated().scheduleTask(in: time) { [weak self] in
            self?.cutNow()
        }
    }

    private func cutNow() {
        isDead = true
        held.removeAll()
        guard let context else { return }
        // Not in the midst of what is just being read.
        let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
        context.eventLoop.execute { bound.value.close(promise: nil) }
    }

    private func answerBadGateway(_ context: ChannelHandlerContext) {
        isDead = true
        let text = "<h1>502 Bad Gateway</h1>\n"
        let answer = ByteBuffer(
            string: "HTTP/1.1 502 Bad Gateway\r\nContent-Type: text/html\r\n"
                + "Content-Length: \(text.utf8.count)\r\nConnection: close\r\n\r\n" + text)
        context.writeAndFlush(wrapOutboundOut(.byteBuffer(answer))).assumeIsolated()
            .whenComplete { [weak self] _ in self?.cutNow() }
    }

    // MARK: Bytes

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if !isDead { context.fireChannelRead(data) }
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard !isDead else {
            promise?.succeed()
            return
        }
        guard isHolding else {
            context.write(data, promise: promise)
            return
        }
        hold(unwrapOutboundIn(data))
        // What lies with a proxy is out, as far as its server knows.
        promise?.succeed()
        if heldBytes > Self.mostHeld { return cutNow() }
        if case .hold = fault?.kind, heldBytes > Self.proxyBuffer { return releaseAll() }
        releaseLater(context)
    }

    func flush(context: ChannelHandlerContext) { context.flush() }

    private var isHolding: Bool {
        if !held.isEmpty { return true }
        guard let fault, fault.end > .now() else { return false }
        switch fault.kind {
        case .delay, .slow: return true
        case .hold: return !isUpgrade
        case .cut, .badGateway, .halfOpen, .outage: return false
        }
    }

    private func hold(_ bytes: IOData) {
        let now = NIODeadline.now()
        let last = max(now, held.last?.due ?? now)
        heldBytes += bytes.readableBytes
        guard let fault, fault.end > now else {
            return held.append(Held(bytes: bytes, due: last))
        }
        switch fault.kind {
        case .delay(let delay, let jitter):
            let more = Int64.random(in: -jitter.nanoseconds...jitter.nanoseconds)
            let due = now + delay + .nanoseconds(more)
            held.append(Held(bytes: bytes, due: max(last, due)))
        case .slow(let rate): holdInPieces(bytes, rate, after: last)
        case .hold: held.append(Held(bytes: bytes, due: isUpgrade ? last : fault.end))
        case .cut, .badGateway, .halfOpen, .outage: held.append(Held(bytes: bytes, due: last))
        }
    }

    /// A tenth of a second's bytes at a time.
    private func holdInPieces(_ bytes: IOData, _ rate: Int, after last: NIODeadline) {
        guard case .byteBuffer(var rest) = bytes else {
            return held.append(Held(bytes: bytes, due: last))
        }
        var due = last
        while let piece = rest.readSlice(length: min(max(1, rate / 10), rest.readableBytes)),
            piece.readableBytes > 0
        {
            due = due + .nanoseconds(Int64(piece.readableBytes) * 1_000_000_000 / Int64(rate))
            held.append(Held(bytes: .byteBuffer(piece), due: due))
        }
    }

    // MARK: Releasing

    private func releaseLater(_ context: ChannelHandlerContext) {
        guard releasing == nil, let due = held.first?.due else { return }
        releasing = context.eventLoop.assumeIsolated().scheduleTask(deadline: due) { [weak self] in
            self?.releasing = nil
            self?.release()
        }
    }

    private func release() {
        guard let context, !isDead else { return }
        let now = NIODeadline.now()
        while let first = held.first, first.due <= now { pass(held.removeFirst(), context) }
        finish(context)
    }

    private func releaseAll() {
        guard let context, !isDead else { return }
        releasing?.cancel()
        releasing = nil
        while let first = held.popFirst() { pass(first, context) }
        finish(context)
    }

    private func pass(_ one: Held, _ context: ChannelHandlerContext) {
        heldBytes -= one.bytes.readableBytes
        context.write(wrapOutboundOut(one.bytes), promise: nil)
    }

    private func finish(_ context: ChannelHandlerContext) {
        context.flush()
        guard held.isEmpty else { return releaseLater(context) }
        if isClosing { context.close(mode: .output, promise: nil) }
    }

    /// A soft close waits for what is held; where nothing passes any more, the peer hears of none.
    func close(
        context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?
    ) {
        guard mode == .output, isDead || !held.isEmpty else {
            return context.close(mode: mode, promise: promise)
        }
        isClosing = true
        promise?.succeed()
    }
}
