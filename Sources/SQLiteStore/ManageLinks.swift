// Manage links, and the browsers that have taken one.

package import Domain
package import Foundation
import GRDB

enum ManageLinks {
    static let schema = """
        CREATE TABLE manageLink (
            owner TEXT PRIMARY KEY,
            secret TEXT NOT NULL UNIQUE,
            createdAt TEXT NOT NULL
        ) WITHOUT ROWID;
        CREATE TABLE device (
            holder TEXT PRIMARY KEY,
            owner TEXT NOT NULL,
            createdAt TEXT NOT NULL
        ) WITHOUT ROWID;
        CREATE INDEX deviceByOwner ON device (owner);
        """
}

extension SQLiteStore: ManageLinkStore {
    package func makeManageLink(secret: String, of owner: Owner, at date: Date) async throws {
        try await writer.write { database in
            try database.run(
                "INSERT OR REPLACE INTO manageLink (owner, secret, createdAt) VALUES (?, ?, ?)",
                [owner.id, secret, date.timestamp])
            return ((), [])
        }
    }

    package func manageLink(of owner: Owner) async throws -> ManageLink.Use? {
        try await read { database in
            let sql = "SELECT createdAt FROM manageLink WHERE owner = ?"
            guard let row = try database.row(sql, [owner.id]) else { return nil }
            guard let madeAt = Date(timestamp: row["createdAt"]) else {
                throw Unreadable(table: "manageLink")
            }
            return ManageLink.Use(madeAt: madeAt, devices: try database.devices(of: owner.id))
        }
    }

    package func takeManageLink(
        secret: String, as holder: Owner, at date: Date
    ) async throws -> Device? {
        try await writer.write { database in
            let found = try database.row(
                "SELECT owner FROM manageLink WHERE secret = ?", [secret])
            guard let owner = found?["owner"] as String? else {
                throw Problem(.noSuchManageLink)
            }
            // Two that stood for each other would each begin batches in the other's name.
            let known = try database.row(
                """
                SELECT 1 FROM device WHERE (holder = ?1 AND owner = ?2) OR (holder = ?2 AND owner = ?1)
                """, [holder.id, owner])
            guard holder.id != owner, known == nil else { return (nil, []) }
            let devices = try database.devices(of: owner)
            guard devices < ManageLink.devicesPerLink else {
                throw Problem(
                    .tooManyDevices, "\(devices) browsers manage by the link.",
                    limit: ManageLink.devicesPerLink, actual: devices + 1)
            }
            try database.run(
                "INSERT OR REPLACE INTO device (holder, owner, createdAt) VALUES (?, ?, ?)",
                [holder.id, owner, date.timestamp])
            return (Device(holder: holder, owner: Owner(id: owner)), [])
        }
    }

    package func endManageLink(of owner: Owner) async throws {
        try await writer.write { database in
            try database.run("DELETE FROM manageLink WHERE owner = ?", [owner.id])
            try database.run("DELETE FROM device WHERE owner = ?", [owner.id])
            return ((), [])
        }
    }

    package func devices(after holder: Owner?, limit: Int) async throws -> [Device] {
        try await read { database in
            try Row.fetchAll(
                database,
                sql: """
                    SELECT holder, owner FROM device WHERE holder > ? ORDER BY holder LIMIT ?
                    """, arguments: [holder?.id ?? "", limit]
            ).map { Device(holder: Owner(id: $0["holder"]), owner: Owner(id: $0["owner"])) }
        }
    }
}

extension Database {
    /// Browsers that manage what is the owner's.
    fileprivate func devices(of owner: String) throws -> Int {
        try row("SELECT count(*) AS count FROM device WHERE owner = ?", [owner])?["count"] ?? 0
    }
}
