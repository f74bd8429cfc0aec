// The newest position of each log that was read lately, so that a poll with nothing new reads nothing
// from the store. It stays true because only this process writes the logs, and it notes each commit.

struct HeadCache {
    /// Batches that are kept; when one more comes, all are forgotten and read again as they are needed.
    private static let limit = 8_192

    private var known: [Batch.ID: (cursor: Cursor, state: Batch.State)] = [:]
    /// How often a batch was deleted. A read that began before must not bring it back.
    private(set) var deletions = 0

    /// Nothing, where the cursor is the newest position; nil where that is not known.
    func changes(in batch: Batch.ID, after cursor: Cursor) -> Changes? {
        guard let position = known[batch], position.cursor == cursor else { return nil }
        return Changes(body: .events([]), cursor: cursor, state: position.state, hasMore: false)
    }

    /// Commits and reads come in any order: the later position stands.
    mutating func learn(_ cursor: Cursor, _ state: Batch.State, of batch: Batch.ID) {
        if let old = known[batch], old.cursor.epoch == cursor.epoch, old.cursor.seq > cursor.seq {
            return
        }
        if known.count >= Self.limit, known[batch] == nil { known = [:] }
        known[batch] = (cursor, state)
    }

    mutating func forgetDeleted(_ batch: Batch.ID) {
        known[batch] = nil
        deletions += 1
    }
}
