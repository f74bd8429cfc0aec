// Whether the file is whole. A page that nobody has asked for yet can be damaged without anybody
// noticing, so the server has the file looked through once, beside its work.

package import Domain
import Foundation
import GRDB
import Synchronization

extension SQLiteStore {
    /// Looks for damage in the whole file and returns what it found, in SQLite's words. From then on
    /// `probe` tells of it.
    package func checkIntegrity() async throws -> String? {
        let found = try await Inspection(path: path).damage(thoroughly: false)
        damage.withLock { $0 = found }
        return found
    }
}

/// A look at a database that changes nothing, while a server works on it or none does.
package struct Inspection: Sendable {
    private let queue: DatabaseQueue

    package init(path: String) throws {
        var configuration = Configuration()
        configuration.readonly = true
        queue = try DatabaseQueue(path: path, configuration: configuration)
    }

    /// What is wrong with the file, in SQLite's words; nil where nothing is. `thoroughly` also holds
    /// indexes against their tables.
    package func damage(thoroughly: Bool) async throws -> String? {
        let check = thoroughly ? "PRAGMA integrity_check(1)" : "PRAGMA quick_check(1)"
        do {
            let said = try await queue.read { try String.fetchAll($0, sql: check) }
            return said == ["ok"] ? nil : said.joined(separator: "; ")
        } catch let error as DatabaseError
            where [.SQLITE_NOTADB, .SQLITE_CORRUPT].contains(error.resultCode)
        {
            return error.message ?? "\(error.resultCode)"
        }
    }

    /// The blobs that photos and renditions name, some thousand at a time, in order; those behind
    /// `name`. Empty at the end.
    package func blobs(after name: String, limit: Int = 1_000) async throws -> [Blob] {
        try await queue.read { database in
            try Row.fetchAll(
                database,
                sql: """
                    SELECT sha256, bytes FROM image WHERE sha256 > ?1
                    UNION SELECT sha256, bytes FROM rendition WHERE sha256 > ?1
                    ORDER BY sha256 LIMIT ?2
                    """, arguments: [name, limit]
            ).map { Blob(sha256: $0["sha256"], size: $0["bytes"]) }
        }
    }
}
