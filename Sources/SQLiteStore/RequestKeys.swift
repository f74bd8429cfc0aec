// Requests under keys: what each has made or changed, written together with that.

package import Domain
package import Foundation
import GRDB

extension SQLiteStore {
    package func upload(
        under key: RequestKey, in batch: Batch.ID, at date: Date
    ) async throws -> Upload? {
        try await read { try $0.upload(under: key, in: batch, at: date) }
    }

    package func isKeyed(_ upload: Upload.ID) async throws -> Bool {
        try await read { database in
            let sql = "SELECT 1 FROM requestKey WHERE upload = ?"
            return try database.row(sql, [upload.rawValue]) != nil
        }
    }

    package func forgetKeys(at date: Date) async throws {
        var forgotten: Int
        repeat {
            // In slices, as a day of many uploads leaves many.
            forgotten = try await writer.write { database in
                try database.run(
                    """
                    DELETE FROM requestKey WHERE (scope, word, place) IN (
                        SELECT scope, word, place FROM requestKey WHERE keptUntil <= ? LIMIT 500)
                    """, [date.timeIntervalSince1970])
                return (database.changesCount, [])
            }
        } while forgotten > 0
    }
}

extension Database {
    /// The same request, if it came before.
    /// - Parameter scope: the batch, or the owner for what makes one.
    /// - Throws: `key-reused`.
    func request(under key: RequestKey, in scope: String, at date: Date) throws -> Row? {
        let found = try row(
            """
            SELECT requestKey.* FROM requestKey
            JOIN batch ON batch.id = requestKey.batch AND batch.deleted = 0
            WHERE scope = ? AND word = ? AND place = ? AND (keptUntil IS NULL OR keptUntil > ?)
            """, [scope, key.word, key.place, date.timeIntervalSince1970])
        guard let found else { return nil }
        guard found["request"] == key.request else { throw Problem(.keyReused) }
        return found
    }

    func upload(under key: RequestKey, in batch: Batch.ID, at date: Date) throws -> Upload? {
        guard let request = try request(under: key, in: batch.rawValue, at: date) else {
            return nil
        }
        let id = request["upload"] as String?
        return try row("SELECT * FROM upload WHERE id = ?", [id]).map(Upload.init)
    }

    /// Keeps the request that has just been done.
    /// - Parameter upload: what it made; it is known for as long as that is under way.
    func keep(
        _ key: RequestKey?, in scope: String, batch: Batch.ID, upload: Upload.ID? = nil,
        at date: Date
    ) throws {
        guard let key else { return }
        let end = date.addingTimeInterval(RequestKey.memory).timeIntervalSince1970
        try run(
            """
            INSERT OR REPLACE INTO requestKey
                (scope, word, place, request, batch, upload, keptUntil)
            VALUES (?, ?, ?, ?, ?, ?, ?)
            """,
            [
                scope, key.word, key.place, key.request, batch.rawValue, upload?.rawValue,
                upload == nil ? end : nil,
            ])
    }

    /// The upload of the image has ended.
    func endKeys(of image: Image, at date: Date) throws {
        let end = date.addingTimeInterval(RequestKey.memory).timeIntervalSince1970
        try run(
            """
            UPDATE requestKey SET keptUntil = ?
            WHERE upload = (SELECT id FROM upload WHERE image = ?) AND keptUntil IS NULL
            """, [end, image.id.rawValue])
    }

    /// The image expired: its sender may begin anew.
    func forgetKeys(of image: Image) throws {
        try run(
            "DELETE FROM requestKey WHERE upload = (SELECT id FROM upload WHERE image = ?)",
            [image.id.rawValue])
    }
}
