// Stands right behind the socket of every connection and sees to it that what is written is also
// taken: one rule for answers, downloads and streams alike. Whoever has bytes waiting takes some of
// them in each stretch of time, however slowly, or is given up; and a connection whose last byte is
// written is closed only when the peer has it. Once the server is asked to stop, nobody has longer
// than `EventsTiming.farewell`.
//
// "Taken" is what the peer's system has acknowledged, as the kernel counts it. A write that ended
// says less: megabytes can lie in the kernel for somebody who reads nothing.

import Foundation
import NIOCore
import Synchronization

final class SlowReaderTimeout: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = IOData

    /// Where the peer stood when it had last taken enough, and where it must come next.
    private struct Mark {
        let at: NIODeadline
        let goal: UInt64
    }

    private let timing: EventsTiming
    private let limits: EventsLimits
    private let unread: UnreadBytes
    private var written: UInt64 = 0
    private var mark: Mark?
    private var look: Scheduled<Void>?
    private var farewell: Scheduled<Void>?
    /// What of the unread bytes is counted for this connection.
    private var counted = 0
    private var isInputClosed = false
    private var isEnding = false

    init(_ timing: EventsTiming, _ limits: EventsLimits, _ unread: UnreadBytes) {
        self.timing = timing
        self.limits = limits
        self.unread = unread
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        written += UInt64(unwrapOutboundIn(data).readableBytes)
        context.write(data, promise: promise)
    }

    func flush(context: ChannelHandlerContext) {
        context.flush()
        count(context)
        guard mark == nil, !isEnding else { return }
        // Nothing was waiting before: the peer has had all but this.
        mark = Mark(at: .now(), goal: 1)
        lookLater(context)
    }

    // MARK: Looking

    private func lookLater(_ context: ChannelHandlerContext) {
        guard look == nil else { return }
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        look = context.eventLoop.assumeIsolated().scheduleTask(in: period) {
            let (watch, context) = bound.value
            watch.look = nil
            watch.look(context)
        }
    }

    private var period: TimeAmount {
        isEnding ? timing.linger : .nanoseconds(timing.stall.nanoseconds / 12)
    }

    private func look(_ context: ChannelHandlerContext) {
        count(context)
        withTaken(context) { [self] taken in judge(taken, context) }
    }

    private func judge(_ taken: UInt64, _ context: ChannelHandlerContext) {
        guard taken < written else {
            mark = nil
            if isEnding { end(context) }
            return
        }
        let now = NIODeadline.now()
        if let mark, taken < mark.goal {
            guard now - mark.at < patience else { return giveUp(context) }
        } else {
            mark = Mark(at: now, goal: taken + min(UInt64(limits.takenBytes), written - taken))
        }
        lookLater(context)
    }

    /// While memory is short nobody holds any for long without taking some of it.
    private var patience: TimeAmount {
        unread.isMuch ? min(timing.stall, timing.shortStall) : timing.stall
    }

    /// Calls `use` with the bytes that the peer has acknowledged; with all, where the system does
    /// not say.
    private func withTaken(_ context: ChannelHandlerContext, _ use: @escaping (UInt64) -> Void) {
        guard let provider = context.channel as? any SocketOptionProvider else {
            return use(written)
        }
        let info: EventLoopFuture<TCPInfo> = provider.unsafeGetSocketOption(
            level: .tcp, name: .tcp_info)
        info.assumeIsolated().whenComplete { [written] result in
            switch result {
            case .success(let info): use(info.bytesAcked)
            case .failure: use(written)
            }
        }
    }

    /// With a reset: the kernel, too, shall keep nothing for somebody who takes nothing.
    private func giveUp(_ context: ChannelHandlerContext) {
        if let provider = context.channel as? any SocketOptionProvider {
            provider.setSoLinger(linger(l_onoff: 1, l_linger: 0)).whenComplete { _ in }
        }
        context.close(promise: nil)
    }

    /// What waits in our own memory beyond what every connection may have.
    private func count(_ context: ChannelHandlerContext) {
        let bytes =
            context.channel.isWritable
            ? 0 : (try? context.channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0
        unread.change(by: bytes - counted)
        counted = bytes
    }

    // MARK: The end

    /// Half a close ends a connection softly: what is written goes out, the peer may close itself,
    /// and after a while we do.
    func close(
        context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?
    ) {
        guard mode == .output, !isEnding else { return context.close(mode: mode, promise: promise) }
        isEnding = true
        // A channel whose input is closed would close whole at once, and lose what waits.
        if isInputClosed {
            promise?.succeed()
        } else {
            context.close(mode: .output, promise: promise)
        }
        if mark == nil { mark = Mark(at: .now(), goal: 1) }
        look?.cancel()
        look = nil
        if isInputClosed { look(context) } else { lookLater(context) }
    }

    /// The peer has everything: closing with unread input would reset the connection, and it might
    /// lose some of that, so it has a moment more.
    private func end(_ context: ChannelHandlerContext) {
        guard !isInputClosed else { return context.close(promise: nil) }
        let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
        look = context.eventLoop.assumeIsolated().scheduleTask(in: timing.linger) {
            bound.value.close(promise: nil)
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event as? ChannelEvent == .inputClosed {
            isInputClosed = true
            if isEnding { look(context) }
        }
        if event is ChannelShouldQuiesceEvent, farewell == nil {
            let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
            farewell = context.eventLoop.assumeIsolated().scheduleTask(in: timing.farewell) {
                let (watch, context) = bound.value
                watch.giveUp(context)
            }
        }
        context.fireUserInboundEventTriggered(event)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        look?.cancel()
        look = nil
        farewell?.cancel()
        farewell = nil
        unread.change(by: -counted)
        counted = 0
    }
}

/// The bytes of all connections that wait in memory because their peers do not take them.
package final class UnreadBytes: Sendable {
    private let total = Atomic(0)
    private let limit: Int

    init(limit: Int) { self.limit = limit }

    /// Whether there are so many that nobody may hold some for long.
    var isMuch: Bool { total.load(ordering: .relaxed) > limit }

    fileprivate func change(by bytes: Int) {
        guard bytes != 0 else { return }
        total.add(bytes, ordering: .relaxed)
    }
}

/// Linux's `struct tcp_info` (linux/tcp.h) up to the field we read; older kernels fill in less.
private struct TCPInfo: Sendable {
    /// `tcpi_state` to `tcpi_max_pacing_rate`: 120 bytes.
    private var before:
        (
            UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64,
            UInt64, UInt64, UInt64, UInt64
        ) = (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
    let bytesAcked: UInt64
}
