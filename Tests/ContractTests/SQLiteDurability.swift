import Foundation
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
}
