// All who follow batches on one event loop: the watches they share, and their heartbeats. Touched
// only on that loop.

import Domain
import NIOCore

final class LoopHub {
    /// Heartbeats are spread over as many moments, so that thousands do not go out at once.
    private static let beats = 16

    let configuration: EventsConfiguration
    private let loop: any EventLoop
    private let census: Census
    private var watches: [Batch.ID: Watch] = [:]
    private var beating = Array(repeating: Places<Subscriber>(\.beatPlace), count: beats)
    private var streams = 0
    private var nextBeat = 0
    private var beatTask: Scheduled<Void>?
    private let heartbeats = WireForm.allCases.map { $0.encode(.heartbeat) }
    private let ping = WebSocketFrame.encode(.ping)

    init(_ configuration: EventsConfiguration, census: Census, loop: any EventLoop) {
        self.configuration = configuration
        self.census = census
        self.loop = loop
    }

    func watch(_ batch: Batch.ID) -> Watch {
        if let watch = watches[batch] { return watch }
        let watch = Watch(
            batch, feed: configuration.feed, timing: configuration.timing, loop: loop,
            readLog: { [configuration] in try await configuration.changes(in: batch, after: $0) }
        ) { [weak self] watch in
            if self?.watches[batch] === watch { self?.watches[batch] = nil }
        }
        watches[batch] = watch
        return watch
    }

    // MARK: Streams

    func add(_ subscriber: Subscriber, to watch: Watch) {
        subscriber.beat = streams % Self.beats
        streams += 1
        census.enter()
        beating[subscriber.beat].insert(subscriber)
        startBeating()
        watch.add(subscriber)
    }

    /// The stream is over, though its connection may still be saying so.
    func remove(_ subscriber: Subscriber, from watch: Watch) {
        guard subscriber.beatPlace >= 0 else { return }
        beating[subscriber.beat].remove(subscriber)
        streams -= 1
        watch.remove(subscriber)
        if streams == 0 {
            beatTask?.cancel()
            beatTask = nil
        }
    }

    /// The connection of a stream that was added is closed.
    func closed() { census.leave() }

    /// How long one stream may go on after the server was asked to stop: the more there are, the
    /// further their ends, and so their returns, lie apart.
    func farewellDelay() -> TimeAmount {
        let most = min(configuration.timing.drainSpread.nanoseconds, Int64(streams) * 1_000_000)
        return .nanoseconds(Int64.random(in: 0...most))
    }

    /// When a client should come back after that, in milliseconds.
    func retryAfter() -> Int { Int.random(in: 500...(1_500 + min(2 * streams, 8_000))) }

    func abortAll() {
        for list in beating { for subscriber in list.members { subscriber.sink?.abort() } }
    }

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
