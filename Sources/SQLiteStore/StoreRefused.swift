// A file that this program must not write to. Asked before it is opened for writing, which alone
// would change it.

import Foundation
import GRDB

package struct StoreRefused: Error, CustomStringConvertible {
    package enum Reason: Sendable, Hashable {
        /// A later version has changed the tables.
        case newer
        /// Another program's database.
        case foreign
        case missing
        /// In SQLite's words.
        case damaged(String)
    }

    package let path: String
    package let reason: Reason

    package var description: String {
        switch reason {
        case .newer:
            "\(path) was written by a newer version of Revela: start that one, or choose another "
                + "folder with --data. Nothing was changed."
        case .foreign:
            "\(path) is not a database of Revela: choose another folder with --data. Nothing was "
                + "changed."
        case .missing:
            "\(path) is not there: give the data folder with --data."
        case .damaged(let words):
            "\(path) is damaged (\(words)): put a backup in its place, or choose another folder "
                + "with --data. Nothing was changed."
        }
    }

    /// - Throws: `StoreRefused`. A file that is not there yet, or empty, is ours to make.
    static func check(_ path: String) throws {
        var status = stat()
        guard stat(path, &status) == 0, status.st_size > 0 else { return }
        var configuration = Configuration()
        configuration.readonly = true
        do {
            let reason = try DatabaseQueue(path: path, configuration: configuration).read(reason)
            if let reason { throw StoreRefused(path: path, reason: reason) }
        } catch let error as DatabaseError
            where [.SQLITE_NOTADB, .SQLITE_CORRUPT].contains(error.resultCode)
        {
            throw StoreRefused(path: path, reason: .damaged(error.message ?? "\(error.resultCode)"))
        }
    }

    private static func reason(_ database: Database) throws -> Reason? {
        let tables = "SELECT count(*) FROM sqlite_master WHERE type = 'table'"
        guard try Int.fetchOne(database, sql: tables) ?? 0 > 0 else { return nil }
        guard try database.tableExists("grdb_migrations") else { return .foreign }
        return try migrations.hasBeenSuperseded(database) ? .newer : nil
    }
}
