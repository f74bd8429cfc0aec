// The live values of one batch on one event loop: the newest one goes to each who has an older, no
// faster than `EventsTiming.live`, and is encoded once for all.

import Domain
import NIOCore

final class LiveFanout {
    private let batch: Batch.ID
    private let feed: ChangeFeed
    private let interval: TimeAmount
    private let loop: any EventLoop
    private let wakeFlag: WakeFlag
    /// Whose members get the values.
    weak var fanout: BatchFanout?

    /// The value that went out last.
    private var live = LiveSnapshot.still
    private var tick: Scheduled<Void>?
    /// Not before this may the next go out.
    private var due = NIODeadline.uptimeNanoseconds(0)

    init(
        _ batch: Batch.ID, feed: ChangeFeed, timing: EventsTiming, loop: any EventLoop,
        wakeFlag: WakeFlag
    ) {
        self.batch = batch
        self.feed = feed
        interval = timing.live
        self.loop = loop
        self.wakeFlag = wakeFlag
    }

    func isNew(to subscriber: Subscriber) -> Bool { subscriber.liveVersion != live.version }

    /// Shows the newest value to one who has none.
    func show(to subscriber: Subscriber) {
        // One that is being given a document gets the newest value when it has it.
        guard let sink = subscriber.sink, sink.isWritable else { return }
        let now = feed.live(in: batch)
        write(sink.form.encode(.live(now.text)), now, to: subscriber)
    }

    private func write(_ bytes: ByteBuffer, _ live: LiveSnapshot, to subscriber: Subscriber) {
        subscriber.liveVersion = live.version
        subscriber.liveAt = .now()
        subscriber.sink?.write(bytes)
        subscriber.sink?.flush()
    }

    /// A waiter joins: it may have an older value.
    func add(_ waiter: Waiter) {
        if feed.live(in: batch).version != waiter.liveVersion { schedule() }
    }

    func schedule() {
        guard tick == nil else { return }
        tick = loop.assumeIsolated().scheduleTask(deadline: due) { [self] in
            tick = nil
            wakeFlag.takeLive()
            spread()
        }
    }

    func cancel() { tick.take()?.cancel() }

    private func spread() {
        guard let fanout else { return }
        live = feed.live(in: batch)
        let now = NIODeadline.now()
        due = now + interval
        let isSubscriberEarly = spread(to: fanout.subscribers.members, fanout.log, at: now)
        let isWaiterEarly = wake(fanout.waiters.members, at: now)
        if isSubscriberEarly || isWaiterEarly { schedule() }
    }

    /// - Returns: whether somebody has to get it later.
    private func spread(
        to subscribers: [Subscriber], _ log: LogFollower, at now: NIODeadline
    ) -> Bool {
        var encoded: [WireForm: ByteBuffer] = [:]
        var isSomebodyEarly = false
        for subscriber in subscribers where isNew(to: subscriber) {
            // One that is behind gets the newest value when it has caught up.
            guard subscriber.place >= 0, log.hasReachedHead(subscriber.cursor),
                subscriber.isWritable, let form = subscriber.sink?.form
            else { continue }
            guard now >= subscriber.liveAt + interval else {
                isSomebodyEarly = true
                continue
            }
            let bytes = encoded[form] ?? form.encode(.live(live.text))
            encoded[form] = bytes
            write(bytes, live, to: subscriber)
        }
        return isSomebodyEarly
    }

    /// - Returns: whether somebody has to be woken later.
    private func wake(_ waiters: [Waiter], at now: NIODeadline) -> Bool {
        var isSomebodyEarly = false
        for waiter in waiters where waiter.liveVersion != live.version {
            if now >= waiter.since + interval {
                waiter.complete()
            } else {
                isSomebodyEarly = true
            }
        }
        return isSomebodyEarly
    }
}
