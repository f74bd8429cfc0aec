// Batches, their documents and their logs.

package import Domain
package import Foundation
import GRDB

extension SQLiteStore: Store {
    package func observe(_ observer: @escaping @Sendable (Commit) -> Void) {
        writer.observe(observer)
    }

    package func createBatch(
        _ new: NewBatch, limits: Limits, under key: RequestKey?, at date: Date
    ) async throws -> Made<Batch> {
        let (batch, event) = try Batch.create(
            id: new.id, owner: new.owner, epoch: newEpoch(), recipe: new.recipe,
            expiresAt: new.expiresAt, at: date)
        return try await writer.write { database in
            if let known = try database.batch(under: key, of: new.owner, at: date) {
                return (Made(known, isNew: false), [])
            }
            try database.requireRoom(forBatchOf: batch.keeper, limits)
            try database.insert(batch, of: new.asker, createdAt: date)
            try database.save(batch, appending: [event])
            try database.keep(key, in: new.owner.id, batch: new.id, at: date)
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
                    SELECT id, createdAt, state, imageCount, name, expiresAt FROM batch
                    WHERE keeper = ?1 AND deleted = 0
                        AND createdAt <= ?2 AND (createdAt < ?2 OR id > ?3)
                    ORDER BY createdAt DESC, id LIMIT ?4
                    """,
                // Behind every date is a letter.
                arguments: [owner.id, place?.createdAt ?? "z", place?.id ?? "", limit]
            ).map {
                BatchSummary(
                    id: $0["id"], createdAt: $0["createdAt"], state: $0["state"],
                    images: $0["imageCount"], name: $0["name"],
                    expiresAt: Date(secondsOf: $0["expiresAt"])?.timestamp,
                    renditions: try database.smallRenditions(in: $0["id"]))
            }
        }
    }

    package func renameBatch(_ id: Batch.ID, to name: String?, at date: Date) async throws {
        try await writer.write { database in
            var batch = try database.batch(id)
            guard let event = batch.rename(to: name, at: date) else { return ((), []) }
            try database.run("UPDATE batch SET name = ? WHERE id = ?", [name, id.rawValue])
            try database.save(batch, appending: [event])
            return ((), [.recorded(batch, [event])])
        }
    }

    package func rescheduleBatch(
        _ id: Batch.ID, to end: Date?, keptFor days: Int?, at date: Date
    ) async throws {
        try await writer.write { database in
            let row = try database.batchRow(id)
            var batch = try Batch(row)
            guard let madeAt = Date(timestamp: row["createdAt"]) else {
                throw Unreadable(table: "batch")
            }
            let event = try batch.reschedule(to: end, madeAt: madeAt, keptFor: days, at: date)
            guard let event else { return ((), []) }
            try database.run(
                "UPDATE batch SET expiresAt = ? WHERE id = ?",
                [batch.expiresAt?.timeIntervalSince1970, id.rawValue])
            try database.save(batch, appending: [event])
            return ((), [.recorded(batch, [event])])
        }
    }

    package func endedBatches(at date: Date, limit: Int) async throws -> [Batch.ID] {
        try await read { database in
            try String.fetchAll(
                database.cachedStatement(
                    sql: """
                        SELECT id FROM batch INDEXED BY batchByEnd
                        WHERE expiresAt <= ? AND deleted = 0 ORDER BY expiresAt LIMIT ?
                        """), arguments: [date.timeIntervalSince1970, limit]
            ).compactMap { Batch.ID($0) }
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
            let name = (row["name"] as String?).map { "\"name\":\(JSON.string($0).text)," }
            let end = Date(secondsOf: row["expiresAt"]).map { "\"expiresAt\":\"\($0.timestamp)\"," }
            let document = """
                {"createdAt":"\(row["createdAt"] as String)",\(end ?? "")"id":"\(id)",\
                "images":{\(members.joined(separator: ","))},\(name ?? "")\
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

    package func files(
        _ kind: ImageFiles.Kind, in id: Batch.ID, of chosen: [Image.ID]?, after position: Int?,
        limit: Int
    ) async throws -> [ImageFiles] {
        let list = chosen.map { JSON.array($0.map { .string($0.rawValue) }).text }
        return try await read { database in
            _ = try database.batchRow(id)
            let arguments: StatementArguments = [id.rawValue, position ?? -1, list, limit]
            return switch kind {
            case .renditions: try database.renditions(arguments)
            case .originals: try database.originals(arguments)
            }
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
}

extension Database {
    /// A new batch, whose counters and events `save` brings.
    func insert(_ batch: Batch, of asker: Asker, createdAt date: Date) throws {
        try run(
            """
            INSERT INTO batch
                (id, owner, keeper, asker, createdAt, expiresAt, epoch, recipe, state, seq,
                imageCount, unfinishedCount)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0, 0, 0)
            """,
            [
                batch.id.rawValue, batch.owner.id, batch.keeper.id, asker.id, date.timestamp,
                batch.expiresAt?.timeIntervalSince1970, batch.epoch,
                try JSON(encoding: batch.recipe).text, batch.state.rawValue,
            ])
    }

    fileprivate func batch(
        under key: RequestKey?, of owner: Owner, at date: Date
    ) throws -> Batch? {
        guard let key, let request = try request(under: key, in: owner.id, at: date),
            let id = Batch.ID(request["batch"] as String)
        else { return nil }
        return try batch(id)
    }

    /// Images of a batch (?1) behind a position (?2), all or those in a list (?3), at most so many (?4),
    /// that have files and fulfil `condition`.
    private func page(_ columns: String, where condition: String) -> String {
        """
        SELECT id, \(columns), document ->> '$.name' AS photo,
            document ->> '$.position' AS position
        FROM image INDEXED BY imageWithFiles
        WHERE batch = ?1 AND sha256 IS NOT NULL AND document ->> '$.position' > ?2
            AND (?3 IS NULL OR id IN (SELECT value FROM json_each(?3))) AND \(condition)
        ORDER BY document ->> '$.position' LIMIT ?4
        """
    }

    fileprivate func originals(_ arguments: StatementArguments) throws -> [ImageFiles] {
        let sql = page("sha256, bytes", where: "TRUE")
        return try Row.fetchAll(self, sql: sql, arguments: arguments).map { row in
            guard let image = Image.ID(row["id"] as String) else {
                throw Unreadable(table: "image")
            }
            return ImageFiles(
                image: image, position: row["position"], name: row["photo"],
                original: Blob(sha256: row["sha256"], size: row["bytes"]))
        }
    }

    fileprivate func renditions(_ arguments: StatementArguments) throws -> [ImageFiles] {
        let page = page("batch", where: "EXISTS (SELECT 1 FROM rendition WHERE image = image.id)")
        return try Row.fetchAll(
            self,
            sql: """
                SELECT page.position, page.photo, rendition.* FROM (\(page)) AS page
                JOIN rendition ON rendition.image = page.id
                ORDER BY page.position, rendition.name
                """, arguments: arguments
        ).reduce(into: []) { photos, row in
            let rendition = try Rendition(row)
            guard let image = Image.ID(row["image"] as String) else {
                throw Unreadable(table: "rendition")
            }
            if photos.last?.image == image {
                photos[photos.count - 1].renditions.append(rendition)
            } else {
                photos.append(
                    ImageFiles(
                        image: image, position: row["position"], name: row["photo"],
                        renditions: [rendition]))
            }
        }
    }

    /// The smallest rendition of each of its first images.
    fileprivate func smallRenditions(in batch: String) throws -> [String] {
        let statement = try cachedStatement(
            sql: """
                SELECT rendition.*, min(width * height) FROM image
                JOIN rendition ON rendition.image = image.id
                WHERE batch = ? GROUP BY image.id ORDER BY image.id LIMIT ?
                """)
        return try Row.fetchAll(statement, arguments: [batch, BatchSummary.renditionLimit]).map {
            row in
            guard let batch = Batch.ID(batch), let image = Image.ID(row["image"] as String) else {
                throw Unreadable(table: "rendition")
            }
            return try Rendition(row).url(in: batch, of: image)
        }
    }
}

/// The name of one life of a log: see `Cursor`.
func newEpoch() -> String { String(UInt32.random(in: 1 ... .max), radix: 36) }
