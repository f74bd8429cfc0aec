// What an owner can ask of one image, whichever way the request comes: HTTP or WebSocket. Under a key
// each is done once, however often it is asked.

import Domain
import Foundation

struct ImageCommands: Sendable {
    let store: any ImageStore
    let uploads: UploadService
    let now: @Sendable () -> Date

    /// Stops an image under way. Its bytes so far are given up.
    /// - Throws: `wrong-state` for one that is final.
    @discardableResult
    func cancel(
        _ image: Image.ID, in batch: Batch.ID, under key: IdempotencyKey?
    ) async throws -> Image {
        try await cancel(image, in: batch, under: key?.request("cancel", image.rawValue))
    }

    @discardableResult
    private func cancel(
        _ image: Image.ID, in batch: Batch.ID, under key: RequestKey?
    ) async throws -> Image {
        let upload = try await store.upload(of: image)
        let cancelled = try await store.record(
            .cancelled, of: image, in: batch, under: key, at: now())
        if let upload { try await uploads.forget(upload) }
        return cancelled
    }

    /// Queues a failed image again; only its missing renditions are made.
    @discardableResult
    func retry(
        _ image: Image.ID, in batch: Batch.ID, under key: IdempotencyKey?
    ) async throws -> Image {
        guard try await store.original(of: image) != nil else {
            throw Problem(.wrongState, "The original never came whole: upload the photo again.")
        }
        return try await store.record(
            .retried, of: image, in: batch, under: key?.request("retry", image.rawValue), at: now())
    }

    /// Cancels an image under way and removes a final one.
    func delete(
        _ image: Image.ID, in batch: Batch.ID, under key: IdempotencyKey?
    ) async throws {
        let request = key?.request("delete", image.rawValue)
        if try await isUnderWay(image, in: batch) {
            try await cancel(image, in: batch, under: request)
        } else {
            try await store.record(.removed, of: image, in: batch, under: request, at: now())
        }
    }

    /// False where it is gone, which the same request may have done.
    private func isUnderWay(_ image: Image.ID, in batch: Batch.ID) async throws -> Bool {
        do {
            return try await store.image(image, in: batch).state?.isFinal == false
        } catch let problem as Problem where problem.code == .noSuchImage {
            return false
        }
    }

    /// The image's member of the document with its id.
    func info(_ image: Image.ID, in batch: Batch.ID) async throws -> JSON {
        let image = try await store.image(image, in: batch)
        return .object(image.document.members.merging(["id": .string(image.id.rawValue)]) { $1 })
    }
}
