// Drop links, and what their guests may send.

package import Domain
package import Foundation
import GRDB

enum DropLinks {
    /// `keeper` is who may change a batch: its owner, or who made the drop link that it came by.
    static let schema = """
        CREATE TABLE dropLink (
            id TEXT PRIMARY KEY,
            secret TEXT NOT NULL UNIQUE,
            batch TEXT NOT NULL,
            title TEXT NOT NULL,
            asksName INTEGER NOT NULL,
            files INTEGER,
            bytes INTEGER,
            createdAt TEXT NOT NULL,
            until REAL NOT NULL
        ) WITHOUT ROWID;
        CREATE INDEX dropLinkByBatch ON dropLink (batch, createdAt);
        ALTER TABLE batch ADD COLUMN keeper TEXT NOT NULL DEFAULT '';
        UPDATE batch SET keeper = owner;
        ALTER TABLE batch ADD COLUMN dropLink TEXT;
        ALTER TABLE batch ADD COLUMN guestsUntil REAL;
        DROP INDEX batchByOwner;
        CREATE INDEX batchByKeeper ON batch (keeper, createdAt);
        CREATE INDEX batchByDropLink ON batch (dropLink, owner) WHERE dropLink IS NOT NULL;
        """
    static let passwordSchema = "ALTER TABLE dropLink ADD COLUMN password TEXT;"
}

extension SQLiteStore: DropLinkStore {
    package func makeDropLink(_ link: DropLink, secret: String, at date: Date) async throws {
        try await writer.write { database in
            _ = try database.batchRow(link.batch)
            let count = try database.row(
                "SELECT count(*) AS count FROM dropLink WHERE batch = ?", [link.batch.rawValue])
            let links: Int = count?["count"] ?? 0
            guard links < DropLink.perBatch else {
                throw Problem(
                    .batchFull, "The batch has \(links) drop links.", limit: DropLink.perBatch,
                    actual: links + 1)
            }
            try database.insert(link, secret: secret, of: nil, at: date)
            return ((), [])
        }
    }

    package func dropLink(secret: String, at date: Date) async throws -> DropLink {
        try await read { try $0.dropLink(secret: secret, at: date) }
    }

    package func dropLink(of batch: Batch.ID) async throws -> DropLink? {
        try await read { database in
            try database.row(
                """
                SELECT dropLink.* FROM batch JOIN dropLink ON dropLink.id = batch.dropLink
                WHERE batch.id = ? AND batch.deleted = 0
                """, [batch.rawValue]
            ).map(DropLink.init)
        }
    }

    package func enterDrop(
        secret: String, as guest: Owner, asker: Asker, name: String?, expiresAt: Date?,
        limits: Limits, at date: Date
    ) async throws -> Batch {
        let epoch = newEpoch()
        return try await writer.write { database in
            let link = try database.dropLink(secret: secret, at: date)
            let known = try database.row(
                """
                SELECT * FROM batch INDEXED BY batchByDropLink
                WHERE dropLink = ? AND owner = ? AND deleted = 0
                """, [link.id.rawValue, guest.id])
            if let known { return (try Batch(known), []) }
            try database.requireGuestRoom(of: link)
            let kept = try database.batch(link.batch)
            try database.requireRoom(forBatchOf: kept.keeper, limits)
            var (batch, created) = try Batch.create(
                id: .random(), owner: guest, keeper: kept.keeper, epoch: epoch, recipe: kept.recipe,
                expiresAt: expiresAt, at: date)
            let named = batch.rename(to: link.batchName(of: name), at: date)
            return try database.insert(
                batch, of: asker, by: link, [created] + [named].compactMap(\.self), at: date)
        }
    }

    package func dropLinks(of batch: Batch.ID) async throws -> [DropLink.Use] {
        try await read { database in
            try Row.fetchAll(
                database,
                sql: "SELECT * FROM dropLink WHERE batch = ? ORDER BY createdAt DESC, id",
                arguments: [batch.rawValue]
            ).map { row in
                let guests = try Row.fetchAll(
                    database,
                    sql: """
                        SELECT id, name, imageCount, bytes FROM batch INDEXED BY batchByDropLink
                        WHERE dropLink = ? AND deleted = 0 ORDER BY createdAt, id
                        """, arguments: [row["id"] as String])
                return DropLink.Use(
                    link: try DropLink(row), guests: try guests.map(DropLink.Guest.init))
            }
        }
    }

    package func endDropLink(
        _ id: DropLink.ID, of batch: Batch.ID, at date: Date
    ) async throws -> [Batch.ID] {
        let end = date.timeIntervalSince1970
        return try await writer.write { database in
            try database.run(
                "UPDATE dropLink SET until = min(until, ?) WHERE id = ? AND batch = ?",
                [end, id.rawValue, batch.rawValue])
            guard database.changesCount == 1 else { throw Problem(.noSuchDropLink) }
            try database.run(
                "UPDATE batch SET guestsUntil = min(guestsUntil, ?) WHERE dropLink = ?",
                [end, id.rawValue])
            let batches = try String.fetchAll(
                database, sql: "SELECT id FROM batch WHERE dropLink = ? AND deleted = 0",
                arguments: [id.rawValue])
            return (batches.compactMap { Batch.ID($0) }, [])
        }
    }
}

extension Database {
    func insert(
        _ link: DropLink, secret: String, of key: AppKey.ID?, at date: Date
    ) throws {
        try run(
            """
            INSERT INTO dropLink (id, secret, key, batch, title, asksName, password, files, bytes,
                fileBytes, createdAt, until)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                link.id.rawValue, secret, key?.rawValue, link.batch.rawValue, link.title,
                link.asksName, link.password, link.files, link.bytes, link.fileBytes,
                date.timestamp,
                link.until.timeIntervalSince1970,
            ])
    }

    /// A guest's batch, which came by a link.
    func insert(
        _ batch: Batch, of asker: Asker, by link: DropLink, _ events: [Event], at date: Date
    ) throws -> (Batch, [Commit]) {
        try insert(batch, of: asker, createdAt: date)
        try run(
            "UPDATE batch SET dropLink = ?, guestsUntil = ?, name = ? WHERE id = ?",
            [
                link.id.rawValue, link.until.timeIntervalSince1970, batch.name,
                batch.id.rawValue,
            ])
        try save(batch, appending: events)
        return (try self.batch(batch.id), [.recorded(batch, events)])
    }

    fileprivate func dropLink(secret: String, at date: Date) throws -> DropLink {
        let found = try row(
            "SELECT * FROM dropLink WHERE secret = ? AND until > ?",
            [secret, date.timeIntervalSince1970])
        guard let found else { throw Problem(.noSuchDropLink) }
        return try DropLink(found)
    }

    /// - Throws: `too-many-guests`.
    fileprivate func requireGuestRoom(of link: DropLink) throws {
        let guests = try use(ofLink: link.id.rawValue).guests
        guard guests < DropLink.guestsPerLink else {
            throw Problem(
                .tooManyGuests, "The drop link has \(guests) guests.",
                limit: DropLink.guestsPerLink, actual: guests + 1)
        }
    }

    /// Whether a batch takes so much more, where it is a guest's.
    /// - Parameters:
    ///   - size: bytes of the whole file.
    ///   - date: nil for more of an upload that was begun in time.
    /// - Throws: `drop-ended`, `too-many-files`, `too-many-bytes`, `file-too-large`.
    func requireDropRoom(
        in batch: Batch.ID, files: Int, bytes: Int, of size: Int, at date: Date?
    ) throws {
        let found = try row(
            """
            SELECT dropLink.* FROM batch JOIN dropLink ON dropLink.id = batch.dropLink
            WHERE batch.id = ?
            """, [batch.rawValue])
        guard let found else { return }
        let link = try DropLink(found)
        if let date, date >= link.until { throw Problem(.dropEnded) }
        let used = try use(ofLink: link.id.rawValue)
        try link.requireRoom(
            forFiles: files, bytes: bytes, of: size, beside: (used.images, used.bytes))
    }

    /// What came by a link. It has a bounded number of guests.
    func use(ofLink link: String) throws -> (guests: Int, images: Int, bytes: Int) {
        let found = try row(
            """
            SELECT count(*) AS guests, sum(imageCount) AS images, sum(bytes) AS bytes
            FROM batch INDEXED BY batchByDropLink WHERE dropLink = ? AND deleted = 0
            """, [link])
        return (
            found?["guests"] ?? 0, found?["images"] as Int? ?? 0, found?["bytes"] as Int? ?? 0
        )
    }

    /// Nobody enters by the links of a batch that is deleted, and what came by them stays.
    func removeDropLinks(of batch: Batch.ID) throws {
        try run(
            """
            UPDATE batch SET guestsUntil = 0
            WHERE dropLink IN (SELECT id FROM dropLink WHERE batch = ?)
            """, [batch.rawValue])
        try run("DELETE FROM dropLink WHERE batch = ? AND key IS NULL", [batch.rawValue])
        // A signed grant would make the batch anew.
        try run("UPDATE dropLink SET denied = 1 WHERE batch = ?", [batch.rawValue])
    }
}

extension DropLink {
    init(_ row: Row) throws {
        guard let id = ID(row["id"] as String), let batch = Batch.ID(row["batch"] as String) else {
            throw Unreadable(table: "dropLink")
        }
        self.init(
            id: id, batch: batch, title: row["title"], asksName: row["asksName"],
            password: row["password"],
            files: row["files"], bytes: row["bytes"], fileBytes: row["fileBytes"],
            until: Date(timeIntervalSince1970: row["until"]))
    }
}

extension DropLink.Guest {
    fileprivate init(_ row: Row) throws {
        guard let batch = Batch.ID(row["id"] as String) else { throw Unreadable(table: "batch") }
        self.init(
            batch: batch, name: row["name"], images: row["imageCount"], bytes: row["bytes"])
    }
}
