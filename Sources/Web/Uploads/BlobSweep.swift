// Blobs that nobody needs: those that the store has noted as released, those that this server made and
// nothing came to refer to, and, once, whatever a server before this one has left.

import Domain
import Synchronization

extension UploadService {
    /// - Parameter grace: seconds a blob may be without anybody who refers to it.
    func sweepBlobs(_ grace: Double) async throws {
        try await removeReleased(grace)
        try await removeUnused(try await blobs.made(olderThan: grace), grace)
        // What a server that died had made is noted nowhere. Once everything of its time is older than
        // the grace, all that is in the folder is held against the store.
        guard folderUnseen.withLock({ $0 }), ContinuousClock.now - startedAt >= .seconds(grace)
        else { return }
        try await removeUnused(try await blobs.names(olderThan: grace), grace)
        folderUnseen.withLock { $0 = false }
    }

    private func removeReleased(_ grace: Double) async throws {
        var last: String?
        repeat {
            let page = try await store.releasedBlobs(after: last, limit: Self.blobsAtOnce)
            let removed = try await remove(page, grace)
            try await store.forgetReleased(page, removed: removed)
            last = page.last
        } while last != nil
    }

    private func removeUnused(_ names: [String], _ grace: Double) async throws {
        for start in stride(from: 0, to: names.count, by: Self.blobsAtOnce) {
            let end = min(start + Self.blobsAtOnce, names.count)
            _ = try await remove(Array(names[start..<end]), grace)
        }
    }

    /// Returns those of `names` that were not in use and are gone.
    private func remove(_ names: [String], _ grace: Double) async throws -> Set<String> {
        var removed: Set<String> = []
        for name in try await store.unreferenced(names)
        where try await blobs.remove(name, olderThan: grace) {
            removed.insert(name)
        }
        return removed
    }

    /// Blobs that are looked up in one read.
    private static let blobsAtOnce = 500
}
