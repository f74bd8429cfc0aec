// Where the logs stand that were asked for lately, so that a poll with nothing new reads no store.
// Only this process writes the logs and each commit is noted here, so what is known stays true.

struct Positions {
    /// More are too few to ask the store for: then all are forgotten.
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
