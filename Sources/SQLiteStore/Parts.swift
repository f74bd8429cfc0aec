// Parts of photos (tus concatenation), and batches that are made for one upload: how many there may be,
// and when they are removed.

package import Domain
package import Foundation
import GRDB

extension SQLiteStore {
    package func createPart(
        _ upload: Upload, limits: Limits, under key: RequestKey?, at date: Date
    ) async throws -> Made<Upload> {
        try await writer.write { database in
            if let key, let known = try database.upload(under: key, in: upload.batch, at: date) {
                return (Made(known, isNew: false), [])
            }
            _ = try database.batchRow(upload.batch)
            let parts =
                try Int.fetchOne(
                    database,
                    sql: "SELECT count(*) FROM upload WHERE batch = ? AND image IS NULL",
                    arguments: [upload.batch.rawValue]) ?? 0
            guard parts < limits.imagesPerBatch else {
                throw Problem(
                    .batchFull, "The batch has \(parts) unfinished parts.",
                    limit: limits.imagesPerBatch, actual: parts + 1)
            }
            try database.insert(upload, under: key, at: date)
            return (Made(upload, isNew: true), [])
        }
    }

    package func moveParts(_ parts: [Upload.ID], to batch: Batch.ID) async throws {
        try await writer.write { database in
            _ = try database.batchRow(batch)
            for part in parts {
                try database.execute(
                    sql: "UPDATE upload SET batch = ? WHERE id = ? AND image IS NULL",
                    arguments: [batch.rawValue, part.rawValue])
            }
            return ((), [])
        }
    }

    package func deleteUnused(_ id: Batch.ID) async throws {
        try await writer.write { database in
            // The first event is that the batch was made.
            try database.execute(
                sql: """
                    DELETE FROM batch WHERE id = ?1 AND seq = 1
                        AND NOT EXISTS (SELECT 1 FROM upload WHERE batch = ?1)
                    """, arguments: [id.rawValue])
            guard database.changesCount > 0 else { return ((), []) }
            try database.noteDeletion(of: id)
            return ((), [.deleted(id)])
        }
    }
}
