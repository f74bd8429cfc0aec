// Blobs that nobody names any more. Whatever removes the last image or rendition of a blob, triggers
// note it, so that a sweep looks at these alone and not at all there are.

import Domain
import GRDB

extension SQLiteStore {
    package func unreferenced(_ names: [String]) async throws -> [String] {
        try await read { database in
            try names.filter { try !database.isReferenced($0) }
        }
    }

    package func releasedBlobs(after name: String?, limit: Int) async throws -> [String] {
        try await read { database in
            try String.fetchAll(
                database.cachedStatement(
                    sql: "SELECT sha256 FROM releasedBlob WHERE sha256 > ? ORDER BY sha256 LIMIT ?"),
                arguments: [name ?? "", limit])
        }
    }

    package func forgetReleased(_ names: [String], removed: Set<String>) async throws {
        try await writer.write { database in
            for name in names {
                // Looked at again: it may have been let go of since.
                guard try removed.contains(name) || database.isReferenced(name) else { continue }
                try database.run("DELETE FROM releasedBlob WHERE sha256 = ?", [name])
            }
            return ((), [])
        }
    }
}

extension Database {
    /// Whether an image or a rendition names the blob.
    fileprivate func isReferenced(_ name: String) throws -> Bool {
        let query = "SELECT 1 WHERE NOT (\(Released.isFree("?1")))"
        return try row(query, [name]) != nil
    }
}

enum Released {
    fileprivate static func isFree(_ name: String) -> String {
        """
        NOT EXISTS (SELECT 1 FROM image WHERE sha256 = \(name))
            AND NOT EXISTS (SELECT 1 FROM rendition WHERE sha256 = \(name))
        """
    }

    static let schema = """
        CREATE TABLE releasedBlob (sha256 TEXT PRIMARY KEY) WITHOUT ROWID;
        CREATE TRIGGER originalReleased AFTER DELETE ON image WHEN OLD.sha256 IS NOT NULL BEGIN
            \(note)
        END;
        CREATE TRIGGER renditionReleased AFTER DELETE ON rendition BEGIN \(note) END;
        CREATE TRIGGER renditionReplaced AFTER UPDATE OF sha256 ON rendition
            WHEN OLD.sha256 <> NEW.sha256 BEGIN \(note) END;
        """

    private static let note = """
        INSERT INTO releasedBlob (sha256) SELECT OLD.sha256 WHERE \(isFree("OLD.sha256"))
            ON CONFLICT DO NOTHING;
        """
}
