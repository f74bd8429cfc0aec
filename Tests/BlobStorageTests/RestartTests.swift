// What a restart finds in the folder. A second store on the same folder stands for the next server
// after the first one died: it knows nothing but what is on disk.

import BlobStorage
import Domain
import Foundation
import Synchronization
import Testing

@Suite struct RestartTests {
    let folder: TemporaryFolder
    let before: FolderBlobStore
    let id = Upload.ID.random()

    init() throws {
        folder = try TemporaryFolder()
        before = try FolderBlobStore(at: folder.path, threads: 1)
    }

    private func restarted() throws -> FolderBlobStore {
        try FolderBlobStore(at: folder.path, threads: 1)
    }

    @Test func anUploadGoesOnWithoutItsRunningHash() async throws {
        try await before.stage(id)
        try await before.append([Chunk([1, 2, 3])], to: id, at: 0)
        let after = try restarted()
        #expect(try await after.staged() == [id])
        try await after.append([Chunk([4])], to: id, at: 3)
        #expect(try await after.promote(id, size: 4).sha256 == sha256([1, 2, 3, 4]))
    }

    @Test func bytesThatWereNeverAcknowledgedAreCut() async throws {
        try await before.stage(id)
        try await before.append([Chunk([1, 2, 9, 9])], to: id, at: 0)
        let after = try restarted()
        try await after.truncate(id, to: 2)
        #expect(try folder.size(of: "staging/\(id)") == 2)
        try await after.append([Chunk([3])], to: id, at: 2)
        #expect(try await after.promote(id, size: 3).sha256 == sha256([1, 2, 3]))
    }

    @Test func diedBetweenPromoteAndDiscard() async throws {
        try await before.stage(id)
        try await before.append([Chunk([1, 2, 3])], to: id, at: 0)
        let blob = try await before.promote(id, size: 3)
        let after = try restarted()
        #expect(try await after.promote(id, size: 3) == blob)
        // The two names are one file: nothing may be written through the first any more.
        await #expect(throws: (any Error).self) {
            try await after.append([Chunk([9])], to: id, at: 0)
        }
        try await after.discard(id)
        #expect(try contents(of: await after.open(blob)) == [1, 2, 3])
        #expect(try folder.files(in: "staging").isEmpty)
    }

    @Test func whatHasItsContentsNameIsKnownToBeWhole() async throws {
        try await before.stage(id)
        try await before.append([Chunk([1, 2, 3])], to: id, at: 0)
        #expect(try await !before.isPromoted(id))
        _ = try await before.promote(id, size: 3)
        #expect(try await before.isPromoted(id))
        let after = try restarted()
        #expect(try await after.isPromoted(id))
        try await after.discard(id)
        #expect(try await !after.isPromoted(id))
    }

    @Test func aClockThatIsSetForwardMakesNothingOld() async throws {
        let ahead = Mutex(0.0)
        let store = try FolderBlobStore(at: folder.path, threads: 1) {
            Date().timeIntervalSince1970 + ahead.withLock { $0 }
        }
        try await store.stage(id)
        let blob = try await store.promote(id, size: 0)
        ahead.withLock { $0 = 86_400 }
        #expect(try await store.names(olderThan: 3_600).isEmpty)
        try await store.remove(blob.sha256, olderThan: 3_600)
        #expect(try await store.names(olderThan: 0) == [blob.sha256])
    }

    @Test func aClockThatIsSetBackKeepsNothingForEver() async throws {
        try await before.stage(id)
        let blob = try await before.promote(id, size: 0)
        #expect(try await restarted().names(olderThan: 3_600).isEmpty)
        let behind = try FolderBlobStore(at: folder.path, threads: 1) {
            Date().timeIntervalSince1970 - 86_400
        }
        #expect(try await behind.names(olderThan: 3_600) == [blob.sha256])
        try await behind.remove(blob.sha256, olderThan: 3_600)
        #expect(try folder.files(in: "blobs/\(blob.sha256.prefix(2))").isEmpty)
    }

    @Test func aCopyCutShortIsRemovedAtTheNextStart() throws {
        let leftover = "blobs/new-abc"
        try Data([1]).write(to: URL(fileURLWithPath: "\(folder.path)/\(leftover)"))
        _ = try restarted()
        #expect(try folder.files(in: "blobs").isEmpty)
    }
}
