// The log of one batch as one event loop reads it: from memory where that is possible, and otherwise
// from the store, once for all who stand at the same place.

import Domain
import NIOCore

final class LogFollower {
    typealias Use = (Result<Changes, any Error>) -> Void

    private let batch: Batch.ID
    private let feed: ChangeFeed
    private let loop: any EventLoop
    private let readLog: @Sendable (Cursor?) async throws -> Changes
    /// Who is told what comes after the head.
    weak var fanout: BatchFanout?

    /// The newest position known here, and the batch's state there. Nil until something was read.
    private(set) var head: Cursor?
    private(set) var state = Batch.State.open
    /// How often the log was said to have changed.
    private var wakes = 0
    /// Reads of the store under way. Those who stand at the same place share one, unless the log
    /// has changed since it began.
    private var reads: [Reading: [Use]] = [:]

    private struct Reading: Hashable {
        let cursor: Cursor?
        let wakes: Int
    }

    /// - Parameter readLog: the feed's `changes(in:after:)`, from the store where need be.
    init(
        _ batch: Batch.ID, feed: ChangeFeed, loop: any EventLoop,
        readLog: @escaping @Sendable (Cursor?) async throws -> Changes
    ) {
        self.batch = batch
        self.feed = feed
        self.loop = loop
        self.readLog = readLog
    }

    /// A read of the store can be ahead of the head for as long as the wake-up is on its way.
    func hasReachedHead(_ cursor: Cursor) -> Bool {
        guard let head else { return false }
        return cursor.epoch == head.epoch && cursor.seq >= head.seq
    }

    // MARK: Reading

    /// What changed after `cursor`, for somebody who begins there.
    func begin(after cursor: Cursor?, then use: @escaping Use) {
        guard let cursor, let known = known(after: cursor) else {
            return read(after: cursor, then: use)
        }
        learn(known, wakes)
        use(.success(known))
    }

    private func known(after cursor: Cursor) -> Changes? {
        if cursor == head {
            return Changes(body: .events([]), cursor: cursor, state: state, hasMore: false)
        }
        return recent(after: cursor)
    }

    /// What memory has after `cursor`; nil where it does not reach back so far.
    func recent(after cursor: Cursor) -> Changes? { feed.recentChanges(in: batch, after: cursor) }

    func read(after cursor: Cursor?, then use: @escaping Use) {
        let reading = Reading(cursor: cursor, wakes: wakes)
        reads[reading, default: []].append(use)
        guard reads[reading]?.count == 1 else { return }
        loop.makeFutureWithTask { [readLog] in
            try await readLog(cursor)
        }.assumeIsolated().whenComplete { [self] result in
            if case .success(let changes) = result { learn(changes, reading.wakes) }
            for use in reads.removeValue(forKey: reading) ?? [] { use(result) }
        }
    }

    /// Takes over what a read found, and looks again where the log changed while it ran.
    private func learn(_ changes: Changes, _ wakesBefore: Int) {
        guard head == nil, !changes.hasMore else { return }
        move(to: changes)
        if wakes != wakesBefore { loop.assumeIsolated().execute { self.follow() } }
    }

    private func move(to changes: Changes) {
        head = changes.cursor
        state = changes.state
    }

    /// Takes over where the log begins anew.
    func moveToEpoch(of changes: Changes) {
        if let head, head.epoch != changes.cursor.epoch { move(to: changes) }
    }

    // MARK: Following

    func logChanged() {
        wakes += 1
        follow()
    }

    /// Reads what is after the head, and passes it on.
    private func follow() {
        while let head {
            guard let changes = recent(after: head) else {
                return read(after: head) { [self] in followed($0, from: head) }
            }
            guard pass(changes, from: head) else { return }
        }
    }

    private func followed(_ result: Result<Changes, any Error>, from old: Cursor) {
        switch result {
        case .success(let changes):
            if pass(changes, from: old) { follow() }
        case .failure(let error):
            head = nil
            fanout?.endAll(Message.End(error))
        }
    }

    /// - Returns: whether there is more to read.
    private func pass(_ changes: Changes, from old: Cursor) -> Bool {
        guard old == head else { return true }
        move(to: changes)
        fanout?.deliver(changes, from: old)
        return changes.hasMore
    }
}
