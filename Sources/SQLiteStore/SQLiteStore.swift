// The embedded default store: one SQLite file through GRDB. WAL with `synchronous = FULL`, so that
// what a method returned from survives a power cut; one writer that groups transactions waiting at
// the same moment into one commit, so that this costs little; short reads beside it.

import Domain
import Foundation
import GRDB
import Synchronization

package final class SQLiteStore: Sendable {
    let pool: DatabasePool
    let writer: GroupedWriter
    let path: String
    private let file: DatabaseFile
    /// The boot that stands by for the next job. Changes on the writer's queue alone.
    let standby = Mutex<String?>(nil)
    /// What was found to be damaged, in SQLite's words.
    let damage = Mutex<String?>(nil)

    /// Opens the store at `path`, creating or migrating it.
    /// - Parameter patience: seconds to wait for another program that writes to it.
    /// - Throws: `StoreRefused`, with the file untouched, where it is damaged or not ours to write.
    package convenience init(path: String, patience: Double = 5) throws {
        try self.init(path: path, patience: patience) { _ in }
    }

    /// - Parameter prepare: called with each connection that is opened.
    init(
        path: String, patience: Double = 5, prepare: @escaping @Sendable (Database) throws -> Void
    ) throws {
        self.path = path
        try StoreRefused.check(path)
        var configuration = Configuration()
        configuration.busyMode = .timeout(patience)
        configuration.foreignKeysEnabled = true
        configuration.maximumReaderCount = 4
        // Else what one statement may have to undo goes into a file in /tmp, which may be full, or
        // not there: a statement that finds no room for it fails.
        configuration.prepareDatabase { try $0.execute(sql: "PRAGMA temp_store = MEMORY") }
        configuration.prepareDatabase(prepare)
        pool = try DatabasePool(path: path, configuration: configuration)
        try migrations.migrate(pool)
        // GRDB's pool sets NORMAL when it opens the writer, so FULL is set after it.
        try pool.writeWithoutTransaction { try $0.execute(sql: "PRAGMA synchronous = FULL") }
        file = try DatabaseFile(path)
        writer = GroupedWriter(pool: pool, file: file)
    }

    package func probe() async throws {
        try file.check()
        if let damage = damage.withLock({ $0 }) {
            throw Problem(
                .unavailable, "The database is damaged (\(damage)): put a backup in its place.")
        }
        _ = try await read { try Int.fetchOne($0, sql: "SELECT 1 FROM batch LIMIT 1") }
    }

    /// The writer's `PRAGMA synchronous`: 2 is FULL.
    package func synchronous() throws -> Int? {
        try pool.writeWithoutTransaction { try Int.fetchOne($0, sql: "PRAGMA synchronous") }
    }

    /// Waits for reads and writes under way, then closes the file. It holds everything then: the
    /// log beside it is only folded in by SQLite where a writer is the last to close, and here
    /// readers are.
    package func close() throws {
        let folding = Result {
            try pool.writeWithoutTransaction { _ = try $0.checkpoint(.passive) }
        }
        try pool.close()
        // What could not be folded in, on a full disk for one, is read from the log next time.
        if case .failure(let error) = folding, !(error is DatabaseError) { throw error }
    }

    func read<T: Sendable>(_ body: @escaping @Sendable (Database) throws -> T) async throws -> T {
        do { return try await pool.read(body) } catch { throw plain(error) }
    }
}

/// A full disk, another program's lock, and a file that is damaged or cannot be written are told as
/// such; everything else stays what it is, for the log.
func plain(_ error: any Error) -> any Error {
    switch (error as? DatabaseError)?.resultCode {
    case .SQLITE_FULL: Problem(.diskFull)
    case .SQLITE_READONLY, .SQLITE_CANTOPEN:
        Problem(.unavailable, "The database cannot be written to.")
    case .SQLITE_CORRUPT, .SQLITE_NOTADB: Problem(.unavailable, "The database is damaged.")
    case .SQLITE_BUSY: Problem(.unavailable, "Another program is writing to the database.")
    default: error
    }
}
