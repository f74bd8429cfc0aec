// What disks and file systems may say.

import Domain
import Foundation
import Synchronization
import Testing

@testable import BlobStorage

@Suite struct DiskTests {
    @Test func aFileSystemThatReportsMoreBytesThanANumberHoldsHasRoom() {
        #expect(freeBytes(blocks: 10, of: 4_096) == 40_960)
        #expect(freeBytes(blocks: .max, of: 4_096) == .max)
        #expect(freeBytes(blocks: 1 << 62, of: 2) == .max)
        #expect(freeBytes(blocks: .max, of: .max) == .max)
    }

    @Test func aBlobThatIsGoneIsSaidToBeAndNamedOnce() async throws {
        let folder = try TemporaryFolder()
        let told = Mutex<[String]>([])
        let store = try FolderBlobStore(
            at: folder.path, threads: 2, onMissing: { name in told.withLock { $0.append(name) } })
        let id = Upload.ID.random()
        try await store.stage(id)
        try await store.append([Chunk([1, 2, 3])], to: id, at: 0)
        let blob = try await store.promote(id, size: 3)
        #expect(try BlobFile(of: blob, in: folder.path).fault() == nil)
        try await store.remove(blob.sha256, olderThan: 0)
        for _ in 0..<3 {
            await #expect(throws: BlobMissing.self) { try await store.open(blob) }
        }
        #expect(told.withLock { $0 } == ["blobs/\(blob.sha256.prefix(2))/\(blob.sha256)"])
        #expect(try BlobFile(of: blob, in: folder.path).fault() == .missing)
    }

    @Test func aBlobThatIsNotWhatItsNameSaysIsFound() async throws {
        let folder = try TemporaryFolder()
        let store = try FolderBlobStore(at: folder.path, threads: 2)
        let id = Upload.ID.random()
        try await store.stage(id)
        try await store.append([Chunk([1, 2, 3])], to: id, at: 0)
        let blob = try await store.promote(id, size: 3)
        let file = BlobFile(of: blob, in: folder.path)
        let faults: [([UInt8], BlobFault)] = [
            ([1, 2, 4], .content), ([1, 2], .size(2, insteadOf: 3)),
        ]
        for (bytes, fault) in faults {
            try Data(bytes).write(to: URL(fileURLWithPath: file.path))
            #expect(try file.fault() == fault)
        }
    }

    @Test func moreUploadsThanMayBeOpenAreAllKept() async throws {
        let folder = try TemporaryFolder()
        let store = try FolderBlobStore(at: folder.path, threads: 2, openFiles: 4)
        let ids = (0..<20).map { _ in Upload.ID.random() }
        for id in ids { try await store.stage(id) }
        for id in ids { try await store.append([Chunk([1, 2, 3])], to: id, at: 0) }
        for id in ids { #expect(try await store.promote(id, size: 3).sha256 == sha256([1, 2, 3])) }
    }
}
