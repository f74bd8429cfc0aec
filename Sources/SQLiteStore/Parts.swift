// Parts of photos (tus concatenation): uploads without an image, and how many of them there may be.

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
            let batch = try database.batch(upload.batch)
            try database.requireRoom(forUploadIn: batch, bytes: upload.length ?? 0, limits)
            let query = """
                SELECT count(*) FROM upload INDEXED BY partByBatch
                WHERE batch = ? AND image IS NULL
                """
            let parts =
                try Int.fetchOne(
                    database.cachedStatement(sql: query), arguments: [upload.batch.rawValue]) ?? 0
            try limits.requireRoom(forPartsBeside: parts)
            try database.requireDropRoom(
                in: upload.batch, files: 0, bytes: upload.length ?? 0, of: upload.length ?? 0,
                at: date)
            try database.insert(upload, under: key, at: date)
            return (Made(upload, isNew: true), [])
        }
    }

    package func moveParts(_ parts: [Upload.ID], to batch: Batch.ID) async throws {
        try await writer.write { database in
            _ = try database.batchRow(batch)
            for part in parts {
                try database.run(
                    "UPDATE upload SET batch = ? WHERE id = ? AND image IS NULL",
                    [batch.rawValue, part.rawValue])
            }
            return ((), [])
        }
    }
}
