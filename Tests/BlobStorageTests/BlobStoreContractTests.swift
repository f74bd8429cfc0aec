// What every blob store owes. A second store runs the same suite.

import BlobStorage
import Domain
import Foundation
import TestSupport
import Testing

@Suite struct BlobStoreContractTests {
    let folder: TemporaryFolder
    let store: any BlobStore
    let id = Upload.ID.random()

    init() throws {
        folder = try TemporaryFolder()
        store = try FolderBlobStore(at: folder.path, threads: 2)
    }

    @Test func bytesAppendedInOrderBecomeABlobNamedByTheirContent() async throws {
        let bytes = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        try await store.stage(id)
        try await store.append(
            [Chunk(Array(bytes[..<7])), Chunk(Array(bytes[7..<1_000_000]))], to: id, at: 0)
        try await store.append([Chunk(Array(bytes[1_000_000...]))], to: id, at: 1_000_000)

        let blob = try await store.promote(id, size: bytes.count)

        #expect(blob == Blob(sha256: sha256(bytes), size: bytes.count))
        #expect(try contents(of: await store.open(blob)) == bytes)
    }

    @Test func anEmptyUploadHasANameToo() async throws {
        try await store.stage(id)
        let blob = try await store.promote(id, size: 0)
        #expect(blob == Blob(sha256: sha256([]), size: 0))
    }

    @Test func moreChunksThanOneSystemCallTakesAreAllWritten() async throws {
        let bytes = (0..<1_500).map { UInt8(truncatingIfNeeded: $0) }
        try await store.stage(id)
        try await store.append(bytes.map { Chunk([$0]) }, to: id, at: 0)
        #expect(try await store.promote(id, size: 1_500).sha256 == sha256(bytes))
    }

    @Test func aStagedFileCanBeReadWhileItGrows() async throws {
        try await store.stage(id)
        try await store.append([Chunk([1, 2, 3])], to: id, at: 0)
        #expect(try contents(of: await store.openStaged(id)) == [1, 2, 3])
        try await store.append([Chunk([4])], to: id, at: 3)
        #expect(try contents(of: await store.openStaged(id)) == [1, 2, 3, 4])
    }

    @Test func truncationForgetsWhatWasNotAcknowledged() async throws {
        try await store.stage(id)
        try await store.append([Chunk([1, 2, 3])], to: id, at: 0)
        try await store.sync(id)
        try await store.append([Chunk([9, 9, 9])], to: id, at: 3)
        try await store.truncate(id, to: 3)
        try await store.append([Chunk([4, 5])], to: id, at: 3)
        #expect(try await store.promote(id, size: 5).sha256 == sha256([1, 2, 3, 4, 5]))
    }

    @Test func bytesWrittenAgainReplaceTheFirst() async throws {
        try await store.stage(id)
        try await store.append([Chunk([1, 2, 3, 4])], to: id, at: 0)
        try await store.append([Chunk([8, 9])], to: id, at: 2)
        #expect(try await store.promote(id, size: 4).sha256 == sha256([1, 2, 8, 9]))
    }

    @Test func promotionLeavesOutWhatIsPastTheSize() async throws {
        try await store.stage(id)
        try await store.append([Chunk([1, 2, 3, 4])], to: id, at: 0)
        #expect(try await store.promote(id, size: 2) == Blob(sha256: sha256([1, 2]), size: 2))
    }

    @Test func promotionRefusesAFileThatIsTooShort() async throws {
        try await store.stage(id)
        try await store.append([Chunk([1])], to: id, at: 0)
        await #expect(throws: (any Error).self) { try await store.promote(id, size: 2) }
    }

    @Test func theSameContentTwiceIsOneBlob() async throws {
        let other = Upload.ID.random()
        for upload in [id, other] {
            try await store.stage(upload)
            try await store.append([Chunk([1, 2, 3])], to: upload, at: 0)
        }
        let blob = try await store.promote(id, size: 3)
        #expect(try await store.promote(other, size: 3) == blob)
        try await store.discard(id)
        try await store.discard(other)
        #expect(try await store.names(olderThan: 0) == [blob.sha256])
        #expect(try contents(of: await store.open(blob)) == [1, 2, 3])
    }

    @Test func aBlobOutlivesItsUploadAndTakesNoMoreBytes() async throws {
        try await store.stage(id)
        try await store.append([Chunk([1, 2, 3])], to: id, at: 0)
        let blob = try await store.promote(id, size: 3)
        await #expect(throws: (any Error).self) {
            try await store.append([Chunk([6])], to: id, at: 1)
        }
        await #expect(throws: (any Error).self) { try await store.truncate(id, to: 1) }
        try await store.discard(id)
        #expect(try contents(of: await store.open(blob)) == [1, 2, 3])
    }

    @Test func partsAreJoinedInTheOrderGivenAndMayRepeat() async throws {
        let parts = [Upload.ID.random(), .random()]
        for (part, bytes) in zip(parts, [[1, 2], [3]] as [[UInt8]]) {
            try await store.stage(part)
            try await store.append([Chunk(bytes)], to: part, at: 0)
        }
        try await store.stage(id)
        let size = try await store.append(contentsOf: [parts[1], parts[0], parts[1]], to: id)
        #expect(size == 4)
        #expect(try await store.promote(id, size: 4).sha256 == sha256([3, 1, 2, 3]))
    }

    @Test func anUnknownUploadIsAProblem() async throws {
        for attempt in [
            { try await store.append([Chunk([1])], to: id, at: 0) },
            { try await store.sync(id) }, { _ = try await store.openStaged(id) },
            { _ = try await store.promote(id, size: 0) },
        ] as [() async throws -> Void] {
            let problem = await #expect(throws: Problem.self) { try await attempt() }
            #expect(problem?.code == .noSuchUpload)
        }
    }

    @Test func discardingTwiceIsHarmless() async throws {
        try await store.stage(id)
        #expect(try await store.staged() == [id])
        try await store.discard(id)
        try await store.discard(id)
        #expect(try await store.staged().isEmpty)
    }

    @Test func aCopyTakesExactlyTheSizeAskedFor() async throws {
        let source = folder.path + "/source"
        try Data([1, 2, 3, 4]).write(to: URL(fileURLWithPath: source))
        let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: source))
        defer { try? file.close() }
        let blob = try await store.add(contentsOf: file.fileDescriptor, in: 0..<3)
        #expect(blob == Blob(sha256: sha256([1, 2, 3]), size: 3))
        #expect(try await store.add(contentsOf: file.fileDescriptor, in: 0..<3) == blob)
        #expect(try contents(of: await store.open(blob)) == [1, 2, 3])
        await #expect(throws: (any Error).self) {
            try await store.add(contentsOf: file.fileDescriptor, in: 0..<5)
        }
        #expect(try await store.names(olderThan: 0) == [blob.sha256])
    }

    @Test func aBlobThatCameIntoUseAgainIsNotSwept() async throws {
        try await store.stage(id)
        let blob = try await store.promote(id, size: 0)
        #expect(try await store.names(olderThan: 60).isEmpty)
        try await store.remove(blob.sha256, olderThan: 60)
        #expect(try await store.names(olderThan: 0) == [blob.sha256])
        try await store.remove(blob.sha256, olderThan: 0)
        #expect(try await store.names(olderThan: 0).isEmpty)
    }

    @Test func whatThisProcessMadeIsToldOnceItIsOld() async throws {
        try await store.stage(id)
        try await store.append([Chunk([1, 2, 3])], to: id, at: 0)
        let blob = try await store.promote(id, size: 3)
        #expect(try await store.made(olderThan: 60) == [])
        #expect(try await store.made(olderThan: 0) == [blob.sha256])
        #expect(try await store.made(olderThan: 0) == [])
    }

    @Test func removingSaysWhetherTheBlobIsGone() async throws {
        try await store.stage(id)
        let blob = try await store.promote(id, size: 0)
        #expect(try await !store.remove(blob.sha256, olderThan: 60))
        #expect(try await store.remove(blob.sha256, olderThan: 0))
        #expect(try await store.remove(blob.sha256, olderThan: 0))
    }

    @Test func roomIsLeft() async throws {
        #expect(try await store.freeBytes() > 0)
    }

    @Test func manyUploadsAtOnceDoNotDisturbOneAnother() async throws {
        let seed = chosenSeed()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<40 {
                group.addTask {
                    var random = Dice(seed: seed &+ UInt64(number))
                    try await uploadAtRandom(&random)
                }
            }
            try await group.waitForAll()
        }
    }

    /// Appends, cuts and syncs as a stumbling client would, and checks the name in the end.
    private func uploadAtRandom(_ random: inout Dice) async throws {
        let id = Upload.ID.random()
        var expected: [UInt8] = []
        var acknowledged = 0
        try await store.stage(id)
        for _ in 0..<20 {
            switch Int.random(in: 0..<6, using: &random) {
            case 0:
                try await store.sync(id)
                acknowledged = expected.count
            case 1:
                try await store.truncate(id, to: acknowledged)
                expected.removeLast(expected.count - acknowledged)
            default:
                let length = Int.random(in: 0..<5_000, using: &random)
                let bytes = (0..<length).map { _ in UInt8.random(in: .min ... .max, using: &random)
                }
                let cut = Int.random(in: 0...length, using: &random)
                try await store.append(
                    [Chunk(Array(bytes[..<cut])), Chunk(Array(bytes[cut...]))], to: id,
                    at: expected.count)
                expected += bytes
            }
        }
        let blob = try await store.promote(id, size: expected.count)
        #expect(blob.sha256 == sha256(expected))
        #expect(try contents(of: await store.open(blob)) == expected)
    }
}
