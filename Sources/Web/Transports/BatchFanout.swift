// All who follow one batch on one event loop: the feed wakes them once for all, and each event is
// encoded once for all. `log` reads what they are given, `live` paces the live values.

import Domain
import NIOCore

final class BatchFanout {
    let batch: Batch.ID
    let log: LogFollower
    private let live: LiveFanout
    private let wakeFlag = WakeFlag()
    private let onUnused: (BatchFanout) -> Void
    private var subscription: Subscription?
    private(set) var subscribers = SwapRemoveList<Subscriber>(\.place)
    private(set) var waiters = SwapRemoveList<Waiter>(\.place)
    /// Requests that are still being opened.
    private var visitors = 0

    /// - Parameter readLog: the feed's `changes(in:after:)`, from the store where need be.
    init(
        _ batch: Batch.ID, feed: ChangeFeed, timing: EventsTiming, loop: any EventLoop,
        readLog: @escaping @Sendable (Cursor?) async throws -> Changes,
        onUnused: @escaping (BatchFanout) -> Void
    ) {
        self.batch = batch
        self.onUnused = onUnused
        log = LogFollower(batch, feed: feed, loop: loop, readLog: readLog)
        live = LiveFanout(batch, feed: feed, timing: timing, loop: loop, wakeFlag: wakeFlag)
        log.fanout = self
        live.fanout = self
        subscribe(to: feed, on: loop)
    }

    /// Before the first read, so that nothing can fall between.
    private func subscribe(to feed: ChangeFeed, on loop: any EventLoop) {
        let bound = NIOLoopBound(self, eventLoop: loop)
        subscription = feed.subscribe(to: batch) { [wakeFlag] wake in
            if wakeFlag.ring(wake) { loop.execute { bound.value.wakeUp() } }
        }
    }

    private func wakeUp() {
        if wakeFlag.takeLog() { log.logChanged() }
        if wakeFlag.hasLive { live.schedule() }
    }

    /// What changed after `cursor`, for a request that begins there.
    func changes(after cursor: Cursor?, then use: @escaping LogFollower.Use) {
        visitors += 1
        log.begin(after: cursor) { [self] result in
            use(result)
            visitors -= 1
            leaveIfUnused()
        }
    }

    // MARK: The log grows

    /// Hands what is after the old head to all who stand there.
    func deliver(_ changes: Changes, from old: Cursor) {
        switch changes.body {
        case .events(let events):
            guard !events.isEmpty else { return }
            let burst = Burst(events, epoch: changes.cursor.epoch)
            for subscriber in subscribers.members { give(burst, to: subscriber, from: old) }
        case .reset:
            for subscriber in subscribers.members { advance(subscriber) }
        }
        if !changes.hasMore {
            for waiter in waiters.members { waiter.complete() }
            live.schedule()
        }
    }

    private func give(_ burst: Burst, to subscriber: Subscriber, from old: Cursor) {
        guard subscriber.place >= 0 else { return }
        if subscriber.cursor == old, !subscriber.isReading { subscriber.write(burst) }
        advance(subscriber)
    }

    func endAll(_ end: Message.End) {
        for subscriber in subscribers.members { subscriber.sink?.end(end) }
        for waiter in waiters.members { waiter.complete() }
    }

    // MARK: Subscribers

    /// Adds a subscriber that has been given everything up to its cursor.
    func add(_ subscriber: Subscriber) {
        subscribers.insert(subscriber)
        live.show(to: subscriber)
        advance(subscriber)
    }

    func remove(_ subscriber: Subscriber) {
        subscribers.remove(subscriber)
        leaveIfUnused()
    }

    /// Brings a subscriber as near to the head as its connection takes. Called when either moved.
    func advance(_ subscriber: Subscriber) {
        // Flushing can make a connection writable at once, and then calls this again.
        guard !subscriber.isAdvancing else { return }
        subscriber.isAdvancing = true
        defer { subscriber.isAdvancing = false }
        while subscriber.place >= 0, subscriber.isWritable, !subscriber.isReading {
            if log.hasReachedHead(subscriber.cursor) { return caughtUp(subscriber) }
            guard let changes = log.recent(after: subscriber.cursor),
                case .events(let events) = changes.body, !events.isEmpty
            else { return readOn(subscriber) }
            subscriber.write(Burst(events, epoch: changes.cursor.epoch))
        }
    }

    private func caughtUp(_ subscriber: Subscriber) {
        if subscriber.untilSettled, log.state == .settled { subscriber.sink?.end(.settled) }
        if live.isNew(to: subscriber) { live.schedule() }
    }

    private func readOn(_ subscriber: Subscriber) {
        subscriber.isReading = true
        log.read(after: subscriber.cursor) { [self] result in
            subscriber.isReading = false
            guard subscriber.place >= 0 else { return }
            switch result {
            case .success(let changes): write(changes, to: subscriber)
            case .failure(let error): subscriber.sink?.end(Message.End(error))
            }
        }
    }

    private func write(_ changes: Changes, to subscriber: Subscriber) {
        switch changes.body {
        case .events(let events):
            subscriber.write(Burst(events, epoch: changes.cursor.epoch))
        case .reset(let document):
            subscriber.cursor = changes.cursor
            subscriber.sink?.write(reset: document)
        }
        log.moveToEpoch(of: changes)
        advance(subscriber)
    }

    // MARK: Long polls

    /// Holds `waiter` until the log or the live values change.
    func add(_ waiter: Waiter) {
        waiters.insert(waiter)
        if log.head != nil, !log.hasReachedHead(waiter.cursor) { waiter.complete() }
        live.add(waiter)
    }

    func remove(_ waiter: Waiter) {
        waiters.remove(waiter)
        leaveIfUnused()
    }

    // MARK: Leaving

    private func leaveIfUnused() {
        guard subscribers.members.isEmpty, waiters.members.isEmpty, visitors == 0 else { return }
        live.cancel()
        subscription.take()?.cancel()
        onUnused(self)
    }
}
