// Batches, their documents and their logs.

package import Domain
package import Foundation
import GRDB

extension SQLiteStore: Store {
    package func observe(_ observer: @escaping @Sendable (Commit) -> Void) {
        writer.observe(observer)
    }

    package func createBatch(
        _ id: Batch.ID, owner: Owner, asker: Asker, recipe: Recipe, under key: RequestKey?,
        at date: Date
    ) async throws -> Made<Batch> {
        let epoch = newEpoch()
        let (batch, event) = try Batch.create(
            id: id, owner: owner, epoch: epoch, recipe: recipe, at: date)
        let recipeText = try JSON(encoding: recipe).text
        return try await writer.write { database in
            if let known = try database.batch(under: key, of: owner, at: date) {
                return (Made(known, isNew: false), [])
            }
            try database.execute(
                sql: """
                    INSERT INTO batch
                        (id, owner, asker, createdAt, epoch, recipe, state, seq, imageCount,
                        unfinishedCount)
                    VALUES (?, ?, ?, ?, ?, ?, ?, 0, 0, 0)
                    """,
                arguments: [
                    id.rawValue, owner.id, asker.id, date.timestamp, epoch, recipeText,
                    batch.state.rawValue,
                ])
            try database.save(batch, appending: [event])
            try database.keep(key, in: owner.id, batch: id, at: date)
            return (Made(batch, isNew: true), [.recorded(batch, [event])])
        }
    }

    package func batch(_ id: Batch.ID) async throws -> Batch {
        try await read { try $0.batch(id) }
    }

    package func batches(
        of owner: Owner, after place: BatchSummary.Place?, limit: Int
    ) async throws -> [BatchSummary] {
        try await read { database in
            try Row.fetchAll(
                database,
                sql: """
                    SELECT id, createdAt, state, imageCount FROM batch
                    WHERE owner = ?1 AND (?2 IS NULL OR createdAt < ?2 OR (createdAt = ?2 AND id > ?3))
                    ORDER BY createdAt DESC, id LIMIT ?4
                    """,
                arguments: [owner.id, place?.createdAt, place?.id, limit]
            ).map {
                BatchSummary(
                    id: $0["id"], createdAt: $0["createdAt"], state: $0["state"],
                    images: $0["imageCount"], prints: try database.prints(in: $0["id"]))
            }
        }
    }

    package func snapshot(of id: Batch.ID) async throws -> Snapshot {
        try await read { database in
            let row = try database.batchRow(id)
            let images = try Row.fetchAll(
                database, sql: "SELECT id, document FROM image WHERE batch = ? ORDER BY id",
                arguments: [id.rawValue])
            // The members in the order in which `JSON.text` writes them, so that a document read
            // from here and one folded from events have the same text.
            let members = images.map { "\"\($0["id"] as String)\":\($0["document"] as String)" }
            let document = """
                {"createdAt":"\(row["createdAt"] as String)","id":"\(id)",\
                "images":{\(members.joined(separator: ","))},\
                "recipe":\(row["recipe"] as String),"state":"\(row["state"] as String)"}
                """
            return Snapshot(batch: try Batch(row), document: document)
        }
    }

    package func images(
        of id: Batch.ID, after position: Int?, limit: Int
    ) async throws -> ImagePage {
        try await read { database in
            let images = try Row.fetchAll(
                database,
                sql: """
                    SELECT * FROM image WHERE batch = ? AND document ->> '$.position' > ?
                    ORDER BY document ->> '$.position' LIMIT ?
                    """, arguments: [id.rawValue, position ?? -1, limit])
            let ready = try Int.fetchOne(
                database,
                sql: """
                    SELECT count(*) FROM image
                    WHERE batch = ? AND document ->> '$.state' = 'ready'
                    """, arguments: [id.rawValue])
            return ImagePage(
                batch: try database.batch(id), images: try images.map(Image.init),
                readyCount: ready ?? 0)
        }
    }

    package func log(of id: Batch.ID, after seq: Int, limit: Int) async throws -> LogPage {
        try await read { database in
            let row = try database.batchRow(id)
            let events = try Row.fetchAll(
                database,
                sql: "SELECT * FROM event WHERE batch = ? AND seq > ? ORDER BY seq LIMIT ?",
                arguments: [id.rawValue, seq, limit])
            return LogPage(
                batch: try Batch(row), events: try events.map(Event.init),
                firstSeq: row["firstSeq"])
        }
    }

    package func deleteBatch(_ id: Batch.ID) async throws {
        try await writer.write { database in
            _ = try database.batchRow(id)
            try database.execute(
                sql: "DELETE FROM batch WHERE id = ?", arguments: [id.rawValue])
            try database.noteDeletion(of: id)
            return ((), [.deleted(id)])
        }
    }

    package func unreferenced(_ names: [String]) async throws -> [String] {
        try await read { database in
            let statement = try database.makeStatement(
                sql: """
                    SELECT EXISTS (SELECT 1 FROM image WHERE sha256 = ?1)
                        OR EXISTS (SELECT 1 FROM rendition WHERE sha256 = ?1)
                    """)
            return try names.filter { try Bool.fetchOne(statement, arguments: [$0]) != true }
        }
    }
}

extension Database {
    fileprivate func batch(
        under key: RequestKey?, of owner: Owner, at date: Date
    ) throws -> Batch? {
        guard let key, let request = try request(under: key, in: owner.id, at: date),
            let id = Batch.ID(request["batch"] as String)
        else { return nil }
        return try batch(id)
    }

    /// So that whoever asks for the batch is told what became of it.
    func noteDeletion(of id: Batch.ID) throws {
        try execute(
            sql: "INSERT OR IGNORE INTO deletedBatch (id) VALUES (?)", arguments: [id.rawValue])
    }

    /// The smallest rendition of each of its first images.
    fileprivate func prints(in batch: String) throws -> [String] {
        let statement = try cachedStatement(
            sql: """
                SELECT rendition.*, min(width * height) FROM image
                JOIN rendition ON rendition.image = image.id
                WHERE batch = ? GROUP BY image.id ORDER BY image.id LIMIT ?
                """)
        return try Row.fetchAll(statement, arguments: [batch, BatchSummary.printLimit]).map { row in
            guard let batch = Batch.ID(batch), let image = Image.ID(row["image"] as String) else {
                throw Unreadable(table: "rendition")
            }
            return try Rendition(row).url(in: batch, of: image)
        }
    }
}

/// The name of one life of a log: see `Cursor`.
func newEpoch() -> String { String(UInt32.random(in: 1 ... .max), radix: 36) }
