// One batch as one event loop sees it: a single wake-up from the feed for all subscribers of the
// loop, and one encoding of each event for all of them.

import Domain
import NIOCore
import Synchronization

final class BatchFanout {
    let batch: Batch.ID
    private let feed: ChangeFeed
    private let readLog: @Sendable (Cursor?) async throws -> Changes
    private let loop: any EventLoop
    private let timing: EventsTiming
    private let onUnused: (BatchFanout) -> Void

    private let wakeFlag = WakeFlag()
    private var subscription: Subscription?
    private var subscribers = SwapRemoveList<Subscriber>(\.place)
    private var waiters = SwapRemoveList<Waiter>(\.place)
    /// Requests that are still being opened.
    private var visitors = 0

    /// The newest position known here, and the batch's state there. Nil until something was read.
    private var head: Cursor?
    private var state = Batch.State.open
    /// How often the log was said to have changed.
    private var rings = 0
    /// Reads of the store under way: those who stand at the same place share one, unless the log
    /// has changed since it began.
    private var reads: [Reading: [(Result<Changes, any Error>) -> Void]] = [:]

    private struct Reading: Hashable {
        let cursor: Cursor?
        let rings: Int
    }

    private var live = LiveSnapshot.still
    private var liveTick: Scheduled<Void>?
    /// Not before this may the next live value go out.
    private var liveDue = NIODeadline.uptimeNanoseconds(0)

    /// - Parameter readLog: the feed's `changes(in:after:)`, from the store where need be.
    init(
        _ batch: Batch.ID, feed: ChangeFeed, timing: EventsTiming, loop: any EventLoop,
        readLog: @escaping @Sendable (Cursor?) async throws -> Changes,
        onUnused: @escaping (BatchFanout) -> Void
    ) {
        self.batch = batch
        self.feed = feed
        self.readLog = readLog
        self.timing = timing
        self.loop = loop
        self.onUnused = onUnused
        subscribeToFeed()
    }

    /// Before the first read, so that nothing can fall between.
    private func subscribeToFeed() {
        let bound = NIOLoopBound(self, eventLoop: loop)
        subscription = feed.subscribe(to: batch) { [wakeFlag, loop] wake in
            if wakeFlag.ring(wake) { loop.execute { bound.value.answerBell() } }
        }
    }

    // MARK: Reading

    /// What changed after `cursor`, from memory where that is possible.
    func changes(
        after cursor: Cursor?, then use: @escaping (Result<Changes, any Error>) -> Void
    ) {
        visitors += 1
        let finish = { [self] (result: Result<Changes, any Error>) in
            use(result)
            visitors -= 1
            leaveIfUnused()
        }
        if let cursor, let known = known(after: cursor) {
            learn(known, rings)
            return finish(.success(known))
        }
        read(after: cursor, then: finish)
    }

    private func known(after cursor: Cursor) -> Changes? {
        if cursor == head {
            return Changes(body: .events([]), cursor: cursor, state: state, hasMore: false)
        }
        return feed.recentChanges(in: batch, after: cursor)
    }

    private func read(
        after cursor: Cursor?, then use: @escaping (Result<Changes, any Error>) -> Void
    ) {
        let reading = Reading(cursor: cursor, rings: rings)
        reads[reading, default: []].append(use)
        guard reads[reading]?.count == 1 else { return }
        loop.makeFutureWithTask { [readLog] in
            try await readLog(cursor)
        }.assumeIsolated().whenComplete { [self] result in
            if case .success(let changes) = result { learn(changes, reading.rings) }
            for use in reads.removeValue(forKey: reading) ?? [] { use(result) }
        }
    }

    /// Takes over what a read found, and looks again where the log changed while it ran.
    private func learn(_ changes: Changes, _ ringsBefore: Int) {
        guard head == nil, !changes.hasMore else { return }
        head = changes.cursor
        state = changes.state
        if rings != ringsBefore { loop.assumeIsolated().execute { self.follow() } }
    }

    // MARK: Waking

    private func answerBell() {
        if wakeFlag.takeLog() {
            rings += 1
            follow()
        }
        if wakeFlag.hasLive { scheduleLive() }
    }

    /// Reads what is after the newest known position and hands it to all who stand there.
    private func follow() {
        while let head {
            guard let changes = feed.recentChanges(in: batch, after: head) else {
                return read(after: head) { [self] in adopt($0, from: head) }
            }
            guard deliver(changes, from: head) else { return }
        }
    }

    private func adopt(_ result: Result<Changes, any Error>, from old: Cursor) {
        switch result {
        case .success(let changes):
            if deliver(changes, from: old) { follow() }
        case .failure(let error):
            head = nil
            endAll(Message.End(error))
        }
    }

    /// - Returns: whether there is more to read.
    private func deliver(_ changes: Changes, from old: Cursor) -> Bool {
        guard old == head else { return true }
        head = changes.cursor
        state = changes.state
        switch changes.body {
        case .events(let events):
            guard !events.isEmpty else { return changes.hasMore }
            let burst = Burst(events, epoch: changes.cursor.epoch)
            for subscriber in subscribers.members { give(burst, to: subscriber, from: old) }
        case .reset:
            for subscriber in subscribers.members { advance(subscriber) }
        }
        if !changes.hasMore {
            for waiter in waiters.members { waiter.complete() }
            scheduleLive()
        }
        return changes.hasMore
    }

    private func give(_ burst: Burst, to subscriber: Subscriber, from old: Cursor) {
        guard subscriber.place >= 0 else { return }
        if subscriber.cursor == old, !subscriber.isReading { subscriber.write(burst) }
        advance(subscriber)
    }

    // MARK: Subscribers

    /// Adds a subscriber that has been given everything up to its cursor.
    func add(_ subscriber: Subscriber) {
        subscribers.insert(subscriber)
        showLive(to: subscriber)
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
            if hasReachedHead(subscriber.cursor) { return caughtUp(subscriber) }
            guard let changes = feed.recentChanges(in: batch, after: subscriber.cursor),
                case .events(let events) = changes.body, !events.isEmpty
            else { return readOn(subscriber) }
            subscriber.write(Burst(events, epoch: changes.cursor.epoch))
        }
    }

    private func caughtUp(_ subscriber: Subscriber) {
        if subscriber.untilSettled, state == .settled { subscriber.sink?.end(.settled) }
        if subscriber.liveVersion != live.version { scheduleLive() }
    }

    private func readOn(_ subscriber: Subscriber) {
        subscriber.isReading = true
        read(after: subscriber.cursor) { [self] result in
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
        if let head, head.epoch != changes.cursor.epoch {
            self.head = changes.cursor
            state = changes.state
        }
        advance(subscriber)
    }

    /// A read of the store can be ahead of the head for as long as the wake-up is on its way.
    private func hasReachedHead(_ cursor: Cursor) -> Bool {
        guard let head else { return false }
        return cursor.epoch == head.epoch && cursor.seq >= head.seq
    }

    private func endAll(_ end: Message.End) {
        for subscriber in subscribers.members { subscriber.sink?.end(end) }
        for waiter in waiters.members { waiter.complete() }
    }

    // MARK: Long polls

    /// Holds `waiter` until the log or the live values change.
    func add(_ waiter: Waiter) {
        waiters.insert(waiter)
        if head != nil, !hasReachedHead(waiter.cursor) { waiter.complete() }
        if feed.live(in: batch).version != waiter.liveVersion { scheduleLive() }
    }

    func remove(_ waiter: Waiter) {
        waiters.remove(waiter)
        leaveIfUnused()
    }

    // MARK: Live

    private func showLive(to subscriber: Subscriber) {
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

    private func scheduleLive() {
        guard liveTick == nil else { return }
        liveTick = loop.assumeIsolated().scheduleTask(deadline: liveDue) { [self] in
            liveTick = nil
            wakeFlag.takeLive()
            spreadLive()
        }
    }

    private func spreadLive() {
        live = feed.live(in: batch)
        let now = NIODeadline.now()
        liveDue = now + timing.live
        var encoded: [WireForm: ByteBuffer] = [:]
        var somebodyIsEarly = false
        for subscriber in subscribers.members where subscriber.liveVersion != live.version {
            // One that is behind gets the newest value when it has caught up.
            guard subscriber.place >= 0, hasReachedHead(subscriber.cursor), subscriber.isWritable,
                let form = subscriber.sink?.form
            else { continue }
            guard now >= subscriber.liveAt + timing.live else {
                somebodyIsEarly = true
                continue
            }
            let bytes = encoded[form] ?? form.encode(.live(live.text))
            encoded[form] = bytes
            write(bytes, live, to: subscriber)
        }
        for waiter in waiters.members where waiter.liveVersion != live.version {
            guard now >= waiter.since + timing.live else {
                somebodyIsEarly = true
                continue
            }
            waiter.complete()
        }
        if somebodyIsEarly { scheduleLive() }
    }

    // MARK: Leaving

    private func leaveIfUnused() {
        guard subscribers.members.isEmpty, waiters.members.isEmpty, visitors == 0 else { return }
        liveTick?.cancel()
        liveTick = nil
        subscription?.cancel()
        subscription = nil
        onUnused(self)
    }
}

extension Message.End {
    init(_ error: any Error) {
        switch (error as? Problem)?.code {
        case .noSuchBatch, .batchDeleted: self = .deleted
        default: self = .unavailable(retryAfterMs: Int.random(in: 1_000...5_000))
        }
    }
}

/// A wake-up that is under way is not sent again: however often the feed calls, one task at a time
/// waits on the event loop.
private final class WakeFlag: Sendable {
    private let log = Atomic(false)
    private let live = Atomic(false)

    /// - Returns: whether somebody must be told.
    func ring(_ wake: Wake) -> Bool {
        switch wake {
        case .log: !log.exchange(true, ordering: .acquiringAndReleasing)
        case .live: !live.exchange(true, ordering: .acquiringAndReleasing)
        }
    }

    func takeLog() -> Bool { log.exchange(false, ordering: .acquiringAndReleasing) }
    func takeLive() { live.store(false, ordering: .releasing) }
    var hasLive: Bool { live.load(ordering: .acquiring) }
}
