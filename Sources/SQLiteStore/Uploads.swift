// Uploads under way: what has come of each, and until when it is kept.

package import Domain
package import Foundation
import GRDB

extension SQLiteStore {
    package func removeUpload(_ id: Upload.ID) async throws {
        try await writer.write { database in
            try database.run("DELETE FROM upload WHERE id = ?", [id.rawValue])
            return ((), [])
        }
    }

    package func upload(_ id: Upload.ID) async throws -> Upload {
        try await read { database in
            guard let upload = try database.upload("upload.id = ?", [id.rawValue]) else {
                throw Problem(.noSuchUpload)
            }
            return upload
        }
    }

    package func commit(
        offset: Int, length: Int?, of id: Upload.ID, until expiresAt: Date?, limits: Limits
    ) async throws {
        try await writer.write { database in
            let noted = try database.row(
                """
                UPDATE upload SET offset = max(offset, ?), length = coalesce(length, ?),
                    expiresAt = max(expiresAt, coalesce(?, expiresAt))
                WHERE id = ? AND (SELECT deleted FROM batch WHERE id = upload.batch) = 0
                RETURNING image, batch
                """, [offset, length, expiresAt?.timeIntervalSince1970, id.rawValue])
            guard let noted, let batch = Batch.ID(noted["batch"] as String) else {
                throw Problem(.noSuchUpload)
            }
            if noted["image"] as String? == nil {
                // Counted already, as it came.
                try database.requireRoom(forBytes: 0, of: try database.batch(batch).keeper, limits)
            } else {
                try database.countBytes(of: id, limits)
            }
            return ((), [])
        }
    }

    package func openUploads(after place: Upload.ID?, limit: Int) async throws -> [Upload] {
        try await read { database in
            try Row.fetchAll(
                database,
                sql: """
                    SELECT upload.* FROM upload INDEXED BY uploadOpen
                    JOIN batch ON batch.id = upload.batch AND batch.deleted = 0
                    WHERE upload.complete = 0 AND upload.id > ? ORDER BY upload.id LIMIT ?
                    """, arguments: [place?.rawValue ?? "", limit]
            ).map(Upload.init)
        }
    }

    package func upload(of image: Image.ID) async throws -> Upload? {
        try await read { database in
            try database.upload("upload.image = ?", [image.rawValue])
        }
    }
}

extension Database {
    /// The upload for which `condition` holds, unless its batch is deleted.
    fileprivate func upload(_ condition: String, _ values: StatementArguments) throws -> Upload? {
        try row(
            """
            SELECT upload.* FROM upload JOIN batch ON batch.id = upload.batch
            WHERE \(condition) AND batch.deleted = 0
            """, values
        ).map(Upload.init)
    }

    /// Counts what an upload holds beyond what it had announced at its creation: the length, once it
    /// is known, and until then the bytes that have come.
    /// - Throws: `batch-full`, `owner-full`, `too-many-bytes`.
    fileprivate func countBytes(of upload: Upload.ID, _ limits: Limits) throws {
        let grown = try row(
            """
            SELECT image.id, image.batch, image.bytes, coalesce(upload.length, upload.offset) AS held,
                batch.bytes - image.bytes AS others, batch.keeper
            FROM upload JOIN image ON image.id = upload.image JOIN batch ON batch.id = image.batch
            WHERE upload.id = ? AND coalesce(upload.length, upload.offset) > image.bytes
            """, [upload.rawValue])
        guard let grown else { return }
        let held: Int = grown["held"]
        try limits.requireRoom(forBytes: grown["others"] as Int + held)
        guard let batch = Batch.ID(grown["batch"] as String) else {
            throw Unreadable(table: "batch")
        }
        let more = held - (grown["bytes"] as Int)
        try requireRoom(forBytes: more, of: Owner(id: grown["keeper"]), limits)
        try requireDropRoom(in: batch, files: 0, bytes: more, of: held, at: nil)
        try setBytes(held, of: grown["id"], in: grown["batch"])
    }
}
