// What an owner can ask of one image, whichever way the request comes: HTTP or WebSocket.

import Domain
import Foundation

struct ImageCommands: Sendable {
    let store: any Store
    let intake: Intake
    let now: @Sendable () -> Date

    /// Stops an image under way. Its bytes so far are given up.
    /// - Throws: `wrong-state` for one that is final.
    @discardableResult
    func cancel(_ image: Image.ID, in batch: Batch.ID) async throws -> Image {
        let upload = try await store.upload(of: image)
        let cancelled = try await store.record(.cancelled, of: image, in: batch, at: now())
        if let upload { try await intake.forget(upload) }
        return cancelled
    }

    /// Queues a failed image again; only its missing renditions are made.
    @discardableResult
    func retry(_ image: Image.ID, in batch: Batch.ID) async throws -> Image {
        guard try await store.original(of: image) != nil else {
            throw Problem(.wrongState, "The original never came whole: upload the photo again.")
        }
        return try await store.record(.retried, of: image, in: batch, at: now())
    }

    /// Cancels an image under way and removes a final one.
    func delete(_ image: Image.ID, in batch: Batch.ID) async throws {
        if try await store.image(image, in: batch).state?.isFinal == true {
            try await store.record(.removed, of: image, in: batch, at: now())
        } else {
            try await cancel(image, in: batch)
        }
    }

    /// The image's member of the document with its id.
    func info(_ image: Image.ID, in batch: Batch.ID) async throws -> JSON {
        let image = try await store.image(image, in: batch)
        return .object(image.document.members.merging(["id": .string(image.id.rawValue)]) { $1 })
    }
}
