import Domain
import Foundation
import GRDB
import SQLiteStore
import Testing

@Suite("The SQLite store")
struct SQLiteDurability {
    @Test("waits for the disk at each commit: synchronous is FULL on the writer")
    func full() throws {
        let path = NSTemporaryDirectory() + "revela-full-\(UUID().uuidString).sqlite"
        defer { try? FileManager.default.removeItem(atPath: path) }
        #expect(try SQLiteStore(path: path).synchronous() == 2)
    }

    @Test("says that it is unavailable while another program writes, and goes on afterwards")
    func locked() async throws {
        let path = NSTemporaryDirectory() + "revela-locked-\(UUID().uuidString).sqlite"
        defer { try? FileManager.default.removeItem(atPath: path) }
        let store = try SQLiteStore(path: path, patience: 0)
        var configuration = Configuration()
        configuration.allowsUnsafeTransactions = true
        let other = try DatabaseQueue(path: path, configuration: configuration)
        try await other.writeWithoutTransaction { try $0.execute(sql: "BEGIN IMMEDIATE") }
        let write = {
            try await store.createBatch(
                .random(), owner: Owner(id: "o"), recipe: .web, under: nil, at: Date())
        }
        await #expect { _ = try await write() } throws: { ($0 as? Problem)?.code == .unavailable }
        try await other.writeWithoutTransaction { try $0.execute(sql: "ROLLBACK") }
        _ = try await write()
    }
}
