// Rights that were given, and invitations to take one.

package import Domain
package import Foundation
import GRDB

enum Grants {
    static let schema = """
        CREATE TABLE invitation (
            secret TEXT PRIMARY KEY,
            may TEXT NOT NULL,
            expiresAt REAL NOT NULL
        ) WITHOUT ROWID;
        CREATE TABLE accessGrant (
            holder TEXT NOT NULL,
            may TEXT NOT NULL,
            createdAt TEXT NOT NULL,
            PRIMARY KEY (may, holder)
        ) WITHOUT ROWID;
        """
}

extension SQLiteStore: GrantStore {
    package func invite(
        to right: Right, secret: String, until end: Date, at date: Date
    ) async throws {
        try await writer.write { database in
            try database.run(
                "DELETE FROM invitation WHERE expiresAt <= ?", [date.timeIntervalSince1970])
            try database.run(
                "INSERT INTO invitation (secret, may, expiresAt) VALUES (?, ?, ?)",
                [secret, right.rawValue, end.timeIntervalSince1970])
            return ((), [])
        }
    }

    package func accept(invitation secret: String, as holder: Owner, at date: Date) async throws {
        try await writer.write { database in
            let found = try database.row(
                "DELETE FROM invitation WHERE secret = ? AND expiresAt > ? RETURNING may",
                [secret, date.timeIntervalSince1970])
            guard let right = found?["may"] as String? else { throw Problem(.noSuchInvitation) }
            try database.run(
                "INSERT OR IGNORE INTO accessGrant (holder, may, createdAt) VALUES (?, ?, ?)",
                [holder.id, right, date.timestamp])
            return ((), [])
        }
    }

    package func holds(_ right: Right, _ holder: Owner) async throws -> Bool {
        try await read { database in
            let sql = "SELECT 1 FROM accessGrant WHERE may = ? AND holder = ?"
            return try database.row(sql, [right.rawValue, holder.id]) != nil
        }
    }

    package func isHeld(_ right: Right) async throws -> Bool {
        try await read { database in
            let sql = "SELECT 1 FROM accessGrant WHERE may = ? LIMIT 1"
            return try database.row(sql, [right.rawValue]) != nil
        }
    }
}
