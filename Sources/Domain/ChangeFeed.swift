// The one read of a batch: what changed after a cursor. Polling calls it once; a stream calls it
// each time it is woken. A subscriber is a cursor and a wake-up, never a queue, so one that reads
// slowly is only behind and costs no memory.

import Synchronization

package final class ChangeFeed: Sendable {
    /// Events a page of a replay has at most.
    package static let pageSize = 500

    private let store: any LogStore
    private let topics = Mutex<[Batch.ID: Topic]>([:])
    private let heads = Mutex(HeadCache())
    private let documents: Documents

    /// - Parameter documentBytes: of all documents that readers hold at a time, at most.
    /// - Parameter keptBytes: of those that are kept for who asks next.
    package init(
        store: any LogStore, documentBytes: Int = 128 << 20, keptBytes: Int = 16 << 20
    ) {
        self.store = store
        documents = Documents(limit: documentBytes, keptLimit: keptBytes)
        store.observe { [weak self] commit in self?.publish(commit) }
    }

    // MARK: Reading

    /// What changed in `batch` after `cursor`; a reset where there is no cursor or it cannot be
    /// served: an unknown epoch, events that were trimmed, a position that is not yet.
    /// - Throws: `no-such-batch`, `batch-deleted`.
    package func changes(in batch: Batch.ID, after cursor: Cursor?) async throws -> Changes {
        if let cursor, let recent = recentChanges(in: batch, after: cursor) { return recent }
        let deletions = heads.withLock { $0.deletions }
        let changes = try await storedChanges(in: batch, after: cursor)
        heads.withLock { heads in
            guard !changes.hasMore, heads.deletions == deletions else { return }
            heads.learn(changes.cursor, changes.state, of: batch)
        }
        return changes
    }

    private func storedChanges(
        in batch: Batch.ID, after cursor: Cursor?
    ) async throws -> Changes {
        guard let cursor else { return try await reset(batch) }
        let page = try await store.log(of: batch, after: cursor.seq, limit: Self.pageSize)
        guard page.batch.epoch == cursor.epoch,
            page.firstSeq - 1 <= cursor.seq, cursor.seq <= page.batch.seq,
            page.events.first.map({ $0.seq == cursor.seq + 1 }) ?? (cursor.seq == page.batch.seq)
        else { return try await reset(batch) }
        let last = page.events.last?.seq ?? cursor.seq
        return Changes(
            body: .events(page.events), cursor: Cursor(epoch: cursor.epoch, seq: last),
            state: page.batch.state, hasMore: last < page.batch.seq)
    }

    /// The same from memory: answered without waiting when the batch has subscribers and its tail
    /// reaches back to `cursor`, or when `cursor` is known to be the newest; else nil.
    package func recentChanges(in batch: Batch.ID, after cursor: Cursor) -> Changes? {
        topics.withLock { $0[batch]?.changes(after: cursor) }
            ?? heads.withLock { $0.changes(in: batch, after: cursor) }
    }

    private func reset(_ batch: Batch.ID) async throws -> Changes {
        let document = try await document(of: batch)
        return Changes(
            body: .reset(document), cursor: document.cursor, state: document.state, hasMore: false)
    }

    /// The whole document, shared with all who read it now.
    /// - Throws: `no-such-batch`, `batch-deleted`; `unavailable` where too much lies unread.
    package func document(of batch: Batch.ID) async throws -> Document {
        let deletions = heads.withLock { $0.deletions }
        let document = try await documents.document(
            of: batch, isNewest: { isNewest($0.cursor, in: batch) },
            read: { [store] in try await store.snapshot(of: batch) })
        heads.withLock { heads in
            guard heads.deletions == deletions else { return }
            heads.learn(document.cursor, document.state, of: batch)
        }
        return document
    }

    private func isNewest(_ cursor: Cursor, in batch: Batch.ID) -> Bool {
        guard case .events(let events) = recentChanges(in: batch, after: cursor)?.body else {
            return false
        }
        return events.isEmpty
    }

    /// Bytes of the documents that are held; a gauge.
    package var documentBytes: Int { documents.bytes }

    // MARK: Waking

    /// Calls `wake` after each change of the batch's log or of what is live in it, from any thread
    /// and possibly for nothing, until the subscription is cancelled. A wake-up carries nothing:
    /// the subscriber reads. Subscribe first, then read, and nothing can fall between.
    package func subscribe(
        to batch: Batch.ID, wake: @escaping @Sendable (Wake) -> Void
    ) -> Subscription {
        let number = topics.withLock { $0[batch, default: Topic()].add(wake) }
        return Subscription { [weak self] in self?.unsubscribe(number, from: batch) }
    }

    private func unsubscribe(_ number: Int, from batch: Batch.ID) {
        topics.withLock { topics in
            topics[batch]?.remove(number)
            if topics[batch]?.isIdle == true { topics[batch] = nil }
        }
    }

    /// How many subscriptions there are; a gauge.
    package var subscriberCount: Int {
        topics.withLock { $0.values.reduce(0) { $0 + $1.subscriberCount } }
    }

    /// HeadCache first: who is woken must not be told from them that nothing is new.
    private func publish(_ commit: Commit) {
        switch commit {
        case .recorded(let batch, let events):
            documents.forget(batch.id)
            heads.withLock { $0.learn(batch.cursor, batch.state, of: batch.id) }
            update(batch.id, .log) { $0.append(events, of: batch) }
        case .claimed: break
        case .deleted(let batch):
            documents.forget(batch)
            heads.withLock { $0.forgetDeleted(batch) }
            update(batch, .log) { $0.forget() }
        }
    }

    // MARK: Live

    /// Shows `live` as what the image does now.
    package func show(_ live: Live, of image: Image.ID, in batch: Batch.ID) {
        update(batch, .live) { $0.show(live, of: image) }
    }

    /// The image does not move any more, though no event said so: its upload was interrupted.
    package func rest(_ image: Image.ID, in batch: Batch.ID) {
        update(batch, .live) { $0.rest(image) }
    }

    /// What is in motion in the batch, complete, as the JSON text of an object by image.
    package func live(in batch: Batch.ID) -> LiveSnapshot {
        topics.withLock { $0[batch]?.liveSnapshot() } ?? .still
    }

    private func update(_ batch: Batch.ID, _ wake: Wake, _ change: (inout Topic) -> Void) {
        let subscribers = topics.withLock { topics in
            // In place: a copy would copy the tail with each event.
            change(&topics[batch, default: Topic()])
            let subscribers = topics[batch]?.subscribers ?? []
            if topics[batch]?.isIdle == true { topics[batch] = nil }
            return subscribers
        }
        for subscriber in subscribers { subscriber(wake) }
    }
}

/// Why a subscriber is woken: a log must be read at once, live values may wait their turn.
package enum Wake: Sendable, Hashable {
    case log, live
}

/// Holds a wake-up; cancelling it twice is harmless.
package struct Subscription: Sendable {
    package let cancel: @Sendable () -> Void
}

/// The answer of the one read.
package struct Changes: Sendable, Hashable {
    package enum Body: Sendable, Hashable {
        case events([Event])
        /// The whole document: forget everything before it.
        case reset(Document)
    }
    package let body: Body
    /// Where the reader stands after this.
    package let cursor: Cursor
    package let state: Batch.State
    /// There is more after `cursor`: read again at once.
    package let hasMore: Bool

    package init(body: Body, cursor: Cursor, state: Batch.State, hasMore: Bool) {
        self.body = body
        self.cursor = cursor
        self.state = state
        self.hasMore = hasMore
    }
}

/// All live values of a batch at one moment.
package struct LiveSnapshot: Sendable, Hashable {
    /// Different for different texts: a validator for caches.
    package let version: Int
    package let text: String
    package static let still = LiveSnapshot(version: 0, text: "{}")
}
