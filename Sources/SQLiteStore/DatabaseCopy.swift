// A database as a file that can be kept elsewhere: copied while a server writes to it, and told to be
// another life of its logs when it is put back.

package import Domain
import Foundation
import GRDB

/// A copy of a store's database in one file, which no server has open.
package struct DatabaseCopy: Sendable {
    private let queue: DatabaseQueue

    /// Copies the database at `source`, as it is at one moment, to `path`, where nothing may be yet.
    /// - Throws: `StoreRefused` where the source is damaged, another program's or of a newer version.
    package init(of source: String, at path: String) throws {
        guard FileManager.default.fileExists(atPath: source) else {
            throw StoreRefused(path: source, reason: .missing)
        }
        try StoreRefused.check(source)
        var reading = Configuration()
        reading.readonly = true
        queue = try DatabaseQueue(path: path)
        try DatabaseQueue(path: source, configuration: reading).backup(to: queue)
        // Copied with the mode of a file that has a log beside it. This one is whole by itself.
        try queue.writeWithoutTransaction { try $0.execute(sql: "PRAGMA journal_mode = DELETE") }
        let found = try queue.read { try String.fetchAll($0, sql: "PRAGMA quick_check(1)") }
        guard found == ["ok"] else {
            throw StoreRefused(path: source, reason: .damaged(found.joined(separator: ", ")))
        }
    }

    /// All originals and renditions that it names, each once.
    package func blobs() throws -> [Blob] {
        try queue.read { database in
            try Row.fetchAll(
                database,
                sql: """
                    SELECT sha256, bytes FROM image WHERE sha256 IS NOT NULL
                    UNION SELECT sha256, bytes FROM rendition
                    """
            ).map { Blob(sha256: $0["sha256"], size: $0["bytes"]) }
        }
    }

    /// Gives every log a new epoch, so that whoever read further than this copy holds is told to
    /// begin anew, and is never shown a history that did not happen.
    package func renewEpochs() throws {
        try queue.write { database in
            for id in try String.fetchAll(database, sql: "SELECT id FROM batch") {
                try database.execute(
                    sql: "UPDATE batch SET epoch = ? WHERE id = ?", arguments: [newEpoch(), id])
            }
        }
    }

    package func close() throws { try queue.close() }
}
