// Batches that are deleted: gone for everybody in one short transaction, and then removed a slice at a
// time, since thousands of photos in one transaction would keep everybody else from writing. What a
// server leaves half removed the next one goes on with.

package import Domain
import GRDB

extension SQLiteStore {
    package func deleteBatch(_ id: Batch.ID) async throws {
        try await writer.write { database in
            _ = try database.batchRow(id)
            try database.run("UPDATE batch SET deleted = 1 WHERE id = ?", [id.rawValue])
            try database.run("DELETE FROM waitingBatch WHERE batch = ?", [id.rawValue])
            try database.removeDropLinks(of: id)
            try database.noteDeletion(of: id)
            return ((), [.deleted(id)])
        }
    }

    package func deleteUnused(_ id: Batch.ID) async throws {
        try await writer.write { database in
            // The first event is that the batch was made.
            try database.run(
                """
                DELETE FROM batch WHERE id = ?1 AND seq = 1 AND deleted = 0
                    AND NOT EXISTS (SELECT 1 FROM upload WHERE batch = ?1)
                """, [id.rawValue])
            guard database.changesCount > 0 else { return ((), []) }
            try database.noteDeletion(of: id)
            return ((), [.deleted(id)])
        }
    }

    package func purge() async throws -> Bool {
        let query = "SELECT id FROM batch INDEXED BY batchDeleted WHERE deleted = 1 LIMIT 1"
        guard let batch = try await read({ try $0.row(query, [])?["id"] as String? }) else {
            return false
        }
        try await writer.write { database in
            try database.purge(batch)
            return ((), [])
        }
        return true
    }
}

extension Database {
    /// So that whoever asks for the batch is told what became of it.
    fileprivate func noteDeletion(of id: Batch.ID) throws {
        try run("INSERT OR IGNORE INTO deletedBatch (id) VALUES (?)", [id.rawValue])
    }

    /// One slice of what the batch holds; the batch itself once it holds nothing.
    fileprivate func purge(_ batch: String) throws {
        for slice in Deletion.slices {
            try run(slice, [batch])
            if changesCount > 0 { return }
        }
        try run("DELETE FROM batch WHERE id = ?", [batch])
    }
}

enum Deletion {
    /// Each removes a few milliseconds' worth of a batch. An image takes its renditions, its upload and
    /// its job with it.
    fileprivate static let slices = [
        "DELETE FROM image WHERE id IN (SELECT id FROM image WHERE batch = ? LIMIT 50)",
        "DELETE FROM upload WHERE id IN (SELECT id FROM upload WHERE batch = ? LIMIT 200)",
        """
        DELETE FROM requestKey WHERE (scope, word, place) IN (
            SELECT scope, word, place FROM requestKey WHERE batch = ? LIMIT 200)
        """,
        """
        DELETE FROM event WHERE batch = ?1 AND seq IN (
            SELECT seq FROM event WHERE batch = ?1 ORDER BY seq LIMIT 500)
        """,
    ]

    /// Batches that end, by their ends.
    static let endSchema = """
        ALTER TABLE batch ADD COLUMN expiresAt REAL;
        CREATE INDEX batchByEnd ON batch (expiresAt)
            WHERE expiresAt IS NOT NULL AND deleted = 0;
        """

    static let schema = """
        ALTER TABLE batch ADD COLUMN deleted INTEGER NOT NULL DEFAULT 0;
        CREATE INDEX batchDeleted ON batch (deleted) WHERE deleted = 1;
        """
}
