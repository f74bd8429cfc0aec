// Keys of apps, and the grants that they have signed, as far as these were used.

package import Domain
package import Foundation
import GRDB

enum SignedGrants {
    /// A signed grant is a row of `dropLink` with the key that signed it. `denied` for good: a batch that
    /// was deleted is not made again, and no later grant of the same name brings a right back.
    static let schema = """
        CREATE TABLE appKey (
            id TEXT PRIMARY KEY,
            secret TEXT NOT NULL,
            name TEXT NOT NULL,
            mayManage INTEGER NOT NULL,
            origins TEXT NOT NULL,
            createdAt TEXT NOT NULL,
            withdrawn INTEGER NOT NULL DEFAULT 0
        ) WITHOUT ROWID;
        ALTER TABLE dropLink ADD COLUMN key TEXT;
        ALTER TABLE dropLink ADD COLUMN fileBytes INTEGER;
        ALTER TABLE dropLink ADD COLUMN denied INTEGER NOT NULL DEFAULT 0;
        CREATE INDEX dropLinkByKey ON dropLink (key) WHERE key IS NOT NULL AND denied = 0;
        """
}

extension SQLiteStore: AppKeyStore {
    package func addKey(_ key: AppKey, at date: Date) async throws {
        let origins = JSON.array(key.origins.map { .string($0) }).text
        try await writer.write { database in
            try database.run(
                """
                INSERT INTO appKey (id, secret, name, mayManage, origins, createdAt)
                VALUES (?, ?, ?, ?, ?, ?)
                """,
                [
                    key.id.rawValue, key.secret, key.name, key.mayManage, origins,
                    date.timestamp,
                ])
            return ((), [])
        }
    }

    package func keys() async throws -> [AppKey] {
        try await read { database in
            try Row.fetchAll(
                database.cachedStatement(
                    sql: "SELECT * FROM appKey WHERE withdrawn = 0 ORDER BY createdAt, id")
            ).map(AppKey.init)
        }
    }

    package func withdrawKey(_ id: AppKey.ID) async throws {
        try await writer.write { database in
            try database.run(
                "UPDATE appKey SET withdrawn = 1 WHERE id = ? AND withdrawn = 0", [id.rawValue])
            guard database.changesCount == 1 else { throw Problem(.noSuchGrant) }
            return ((), [])
        }
    }
}

extension SQLiteStore: SignedGrantStore {
    package func enterGrant(
        secret: String, of key: AppKey.ID, on terms: DropLink, as holder: Owner,
        keptBy keeper: Owner,
        asker: Asker, recipe: Recipe, expiresAt: Date?, limits: Limits, at date: Date
    ) async throws -> Batch {
        // Nearly always it is there and says the same.
        let known = try await read { database in
            let link = try database.signedGrant(secret)
            return link?.until == terms.until ? try link.map { try database.batch($0.batch) } : nil
        }
        if let known { return known }
        let epoch = newEpoch()
        return try await writer.write { database in
            if let link = try database.signedGrant(secret) {
                if terms.until > link.until { try database.prolong(link.id, to: terms) }
                return (try database.batch(link.batch), [])
            }
            try database.requireRoom(forBatchOf: keeper, limits)
            var (batch, created) = try Batch.create(
                id: terms.batch, owner: holder, keeper: keeper, epoch: epoch, recipe: recipe,
                expiresAt: expiresAt, at: date)
            let named = batch.rename(to: terms.title, at: date)
            try database.insert(terms, secret: secret, of: key, at: date)
            return try database.insert(
                batch, of: asker, by: terms, [created] + [named].compactMap(\.self), at: date)
        }
    }

    package func denyGrant(
        secret: String, of key: AppKey.ID, at date: Date
    ) async throws -> [Batch.ID] {
        try await writer.write { database in
            let found = try database.row("SELECT id FROM dropLink WHERE secret = ?", [secret])
            if let id = found?["id"] as String? {
                return (try database.deny(id, at: date), [])
            }
            let unused = DropLink(
                batch: .random(), title: "", asksName: false, files: nil, bytes: nil, until: date)
            try database.insert(unused, secret: secret, of: key, at: date)
            return (try database.deny(unused.id.rawValue, at: date), [])
        }
    }

    package func endLink(_ id: DropLink.ID, at date: Date) async throws -> [Batch.ID] {
        try await writer.write { database in
            let found = try database.row("SELECT 1 FROM dropLink WHERE id = ?", [id.rawValue])
            guard found != nil else { throw Problem(.noSuchDropLink) }
            return (try database.deny(id.rawValue, at: date), [])
        }
    }

    package func denyGrantsOfWithdrawnKeys(
        limit: Int, at date: Date
    ) async throws -> [Batch.ID] {
        let query = """
            SELECT dropLink.id FROM appKey CROSS JOIN dropLink INDEXED BY dropLinkByKey
                ON dropLink.key = appKey.id AND dropLink.key IS NOT NULL AND dropLink.denied = 0
            WHERE appKey.withdrawn = 1 LIMIT ?
            """
        let ids = try await read { database in
            try String.fetchAll(database.cachedStatement(sql: query), arguments: [limit])
        }
        guard !ids.isEmpty else { return [] }
        return try await writer.write { database in
            (try ids.flatMap { try database.deny($0, at: date) }, [])
        }
    }
}

extension Database {
    /// The link of a grant that was used.
    /// - Throws: `drop-ended` for one that was denied.
    fileprivate func signedGrant(_ secret: String) throws -> DropLink? {
        guard let row = try row("SELECT * FROM dropLink WHERE secret = ?", [secret]) else {
            return nil
        }
        guard row["denied"] == false else { throw Problem(.dropEnded) }
        return try DropLink(row)
    }

    fileprivate func prolong(_ id: DropLink.ID, to terms: DropLink) throws {
        let until = terms.until.timeIntervalSince1970
        try run(
            "UPDATE dropLink SET files = ?, bytes = ?, fileBytes = ?, until = ? WHERE id = ?",
            [terms.files, terms.bytes, terms.fileBytes, until, id.rawValue])
        try run(
            "UPDATE batch SET guestsUntil = ? WHERE dropLink = ?", [until, id.rawValue])
    }

    fileprivate func deny(_ id: String, at date: Date) throws -> [Batch.ID] {
        let now = date.timeIntervalSince1970
        try run("UPDATE dropLink SET denied = 1, until = min(until, ?) WHERE id = ?", [now, id])
        try run(
            "UPDATE batch SET guestsUntil = min(guestsUntil, ?) WHERE dropLink = ?", [now, id])
        return try String.fetchAll(
            self, sql: "SELECT id FROM batch WHERE dropLink = ? AND deleted = 0", arguments: [id]
        ).compactMap { Batch.ID($0) }
    }
}

extension AppKey {
    fileprivate init(_ row: Row) throws {
        guard let id = ID(row["id"] as String),
            let origins: [String] = try? JSON(parsing: row["origins"] as String).decoded()
        else { throw Unreadable(table: "appKey") }
        self.init(
            id: id, secret: row["secret"], name: row["name"], mayManage: row["mayManage"],
            origins: origins)
    }
}
