// All who follow batches on one event loop: the fanouts they share, and their heartbeats. Touched
// only on that loop.

import Domain
import Foundation
import NIOCore
import NIOHTTP1

final class LoopHub {
    /// Heartbeats are spread over as many moments, so that thousands do not go out at once.
    private static let beats = 16

    let configuration: EventsConfiguration
    private let loop: any EventLoop
    private let streamCounter: StreamCounter
    private var fanouts: [Batch.ID: BatchFanout] = [:]
    private var beating = Array(repeating: SwapRemoveList<Subscriber>(\.beatPlace), count: beats)
    private var streams = 0
    private var nextBeat = 0
    private var beatTask: Scheduled<Void>?
    private var date = (second: 0, text: "")
    private let heartbeats = WireForm.allCases.map { $0.encode(.heartbeat) }
    private let ping = WebSocketFrame.encode(.ping)

    init(_ configuration: EventsConfiguration, streamCounter: StreamCounter, loop: any EventLoop) {
        self.configuration = configuration
        self.streamCounter = streamCounter
        self.loop = loop
    }

    /// RFC 9110, section 6.6.1: every answer says when it was given. The application's do already.
    func dated(_ part: HTTPServerResponsePart) -> HTTPServerResponsePart {
        guard case .head(var head) = part, !head.status.isInterim,
            !head.headers.contains(name: "date")
        else { return part }
        head.headers.add(name: "date", value: httpDate())
        return .head(head)
    }

    /// Now; written out once a second.
    private func httpDate() -> String {
        let second = Int(Date().timeIntervalSince1970)
        if second != date.second {
            date = (second, Date(timeIntervalSince1970: Double(second)).httpDate)
        }
        return date.text
    }

    func fanout(_ batch: Batch.ID) -> BatchFanout {
        if let fanout = fanouts[batch] { return fanout }
        let fanout = BatchFanout(
            batch, feed: configuration.feed, timing: configuration.timing, loop: loop,
            readLog: { [configuration] in try await configuration.changes(in: batch, after: $0) }
        ) { [weak self] fanout in
            if self?.fanouts[batch] === fanout { self?.fanouts[batch] = nil }
        }
        fanouts[batch] = fanout
        return fanout
    }

    // MARK: Streams

    func add(_ subscriber: Subscriber, to fanout: BatchFanout) {
        subscriber.beat = streams % Self.beats
        streams += 1
        streamCounter.enter()
        beating[subscriber.beat].insert(subscriber)
        startBeating()
        fanout.add(subscriber)
    }

    /// The stream is over, though its connection may still be saying so.
    func remove(_ subscriber: Subscriber, from fanout: BatchFanout) {
        guard subscriber.beatPlace >= 0 else { return }
        beating[subscriber.beat].remove(subscriber)
        streams -= 1
        fanout.remove(subscriber)
        if streams == 0 {
            beatTask?.cancel()
            beatTask = nil
        }
    }

    /// The connection of a stream that was added is closed.
    func closed() { streamCounter.leave() }

    /// How long one stream may go on after the server was asked to stop: the more there are, the
    /// further their ends, and so their returns, lie apart.
    func farewellDelay() -> TimeAmount {
        let most = min(configuration.timing.drainSpread.nanoseconds, Int64(streams) * 1_000_000)
        return .nanoseconds(Int64.random(in: 0...most))
    }

    /// When a client should come back after that, in milliseconds.
    func retryAfter() -> Int { Int.random(in: 500...(1_500 + min(2 * streams, 8_000))) }

    // MARK: Heartbeats

    private func startBeating() {
        guard beatTask == nil, streams > 0 else { return }
        let interval = TimeAmount.nanoseconds(
            configuration.timing.heartbeat.nanoseconds / Int64(Self.beats))
        beatTask = loop.assumeIsolated().scheduleTask(in: interval) { [weak self] in
            self?.beatTask = nil
            self?.beat()
            self?.startBeating()
        }
    }

    private func beat() {
        for subscriber in beating[nextBeat].members {
            guard subscriber.beatPlace >= 0, let sink = subscriber.sink else { continue }
            beat(sink)
        }
        nextBeat = (nextBeat + 1) % Self.beats
    }

    private func beat(_ sink: any StreamSink) {
        if sink.isLost { return sink.abort() }
        guard sink.isWritable else { return }
        sink.write(heartbeats[sink.form.rawValue])
        if sink.form == .webSocket { sink.write(ping) }
        sink.flush()
    }
}
