// The logs of batches: what the feed reads.

package protocol LogStore: CommitSource {
    /// The whole document with the cursor it is at.
    func snapshot(of id: Batch.ID) async throws -> Snapshot
    /// At most `limit` events with a `seq` above `after`, in order, without gaps.
    func log(of id: Batch.ID, after seq: Int, limit: Int) async throws -> LogPage
}

/// The whole document, as JSON text, and the cursor it is at.
package struct Snapshot: Sendable, Hashable {
    package let batch: Batch
    package let document: String

    package init(batch: Batch, document: String) {
        self.batch = batch
        self.document = document
    }
}

/// A stretch of a log.
package struct LogPage: Sendable, Hashable {
    package let batch: Batch
    package let events: [Event]
    /// The oldest event still kept; events before it were trimmed.
    package let firstSeq: Int

    package init(batch: Batch, events: [Event], firstSeq: Int) {
        self.batch = batch
        self.events = events
        self.firstSeq = firstSeq
    }
}
