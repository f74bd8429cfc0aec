// A data folder, copied with every blob checked: what `revela backup` and `revela restore` have in
// common. A backup is a data folder itself, without uploads under way.

import BlobStorage
import Domain
import Foundation
import SQLiteStore

struct FolderCopy {
    /// How often the database is copied anew because photos that it names were removed meanwhile.
    private static let attempts = 10

    let source: String
    let target: DataFolder

    /// - Throws: `FolderNotEmpty`, `DataFolderTaken`, `DataFolderUnusable`.
    init(from source: String, to path: String) throws {
        self.source = source
        target = try DataFolder(path)
        guard try FileManager.default.contentsOfDirectory(atPath: path).isEmpty else {
            throw FolderNotEmpty(path: path)
        }
    }

    /// Copies the blobs first and the database last: a folder that was copied in part has no database,
    /// and no server starts on it.
    /// - Parameter prepare: changes the copied database before it is in its place.
    /// - Returns: how many files were copied, and their bytes.
    func run(
        prepare: (DatabaseCopy) throws -> Void = { _ in }
    ) async throws -> (files: Int, bytes: Int) {
        let store = try FolderBlobStore(at: target.path)
        let outcome: Result<(files: Int, bytes: Int), any Error>
        do { outcome = .success(try await copy(into: store, prepare)) } catch {
            outcome = .failure(error)
        }
        try await store.shutdown()
        return try outcome.get()
    }

    private func copy(
        into store: FolderBlobStore, _ prepare: (DatabaseCopy) throws -> Void
    ) async throws -> (files: Int, bytes: Int) {
        let draft = target.database + ".part"
        var copied: Set<String> = []
        var bytes = 0
        for attempt in 1... {
            let database = try DatabaseCopy(of: source + "/revela.sqlite", at: draft)
            var missing: Blob?
            for blob in try database.blobs() where !copied.contains(blob.sha256) {
                if try await copy(blob, into: store) {
                    copied.insert(blob.sha256)
                    bytes += blob.size
                } else {
                    missing = blob
                }
            }
            if missing == nil { try prepare(database) }
            try database.close()
            guard let missing else { break }
            guard attempt < Self.attempts else {
                throw BlobUnusable(path: BlobFile(of: missing, in: source).path, fault: .missing)
            }
            try FileManager.default.removeItem(atPath: draft)
        }
        try FileManager.default.moveItem(atPath: draft, toPath: target.database)
        try target.sync()
        return (copied.count, bytes)
    }

    /// - Returns: false where the file is not there (any more).
    /// - Throws: `BlobUnusable` where it does not hold what its name says.
    private func copy(_ blob: Blob, into store: FolderBlobStore) async throws -> Bool {
        let file = BlobFile(of: blob, in: source)
        do {
            let descriptor = try file.open()
            defer { close(descriptor) }
            let copy = try await store.add(contentsOf: descriptor, in: 0..<blob.size)
            guard copy == blob else { throw BlobFault.content }
            return true
        } catch BlobFault.missing {
            return false
        } catch let fault as BlobFault {
            throw BlobUnusable(path: file.path, fault: fault)
        }
    }
}

struct FolderNotEmpty: Error, CustomStringConvertible {
    let path: String
    var description: String { "\(path) is not empty: choose a folder that is, or a new one." }
}

struct BlobUnusable: Error, CustomStringConvertible {
    let path: String
    let fault: BlobFault
    var description: String { "\(path), which the database names, \(fault)." }
}
