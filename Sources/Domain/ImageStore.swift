// Images: what is kept of each, and what happens to it.

package import Foundation

package protocol ImageStore: Sendable {
    /// At most `limit` of the batch's images in the order of their positions, those behind `position`.
    func images(of id: Batch.ID, after position: Int?, limit: Int) async throws -> ImagePage
    /// The files of at most `limit` images that have some of this kind, in the order of their positions,
    /// those behind `position`.
    /// - Parameter chosen: only of these; nil is all.
    func files(
        _ kind: ImageFiles.Kind, in id: Batch.ID, of chosen: [Image.ID]?, after position: Int?,
        limit: Int
    ) async throws -> [ImageFiles]
    /// - Throws: `no-such-image`.
    func image(_ id: Image.ID, in batch: Batch.ID) async throws -> Image
    /// The upload that filled the image, while its owner may still want it.
    func upload(of image: Image.ID) async throws -> Upload?
    /// - Throws: `no-such-rendition`.
    func rendition(_ name: String, of image: Image.ID) async throws -> Rendition
    /// The original's bytes, once they are all there.
    func original(of image: Image.ID) async throws -> Blob?
    /// Moves an image and does all that follows from it: `uploaded` and `retried` queue its job,
    /// a final state ends its job and completes its upload, `removed` forgets it. An `uploaded`
    /// image of the same bytes as one that its owner has had developed by the same recipe is ready
    /// at once: `copied` follows in the same transaction, here and in `claimJob`.
    /// Under a key that came before the image is given as it stands, without a document where it
    /// is gone.
    /// - Throws: `wrong-state` where the state machine of `Change` does not allow it; `key-reused`.
    @discardableResult
    func record(
        _ change: Change, of image: Image.ID, in batch: Batch.ID, under key: RequestKey?,
        at date: Date
    ) async throws -> Image
    /// Several changes of one image, together.
    /// - Throws: as `record`, and then none is recorded.
    @discardableResult
    func record(
        _ changes: [Change], of image: Image.ID, in batch: Batch.ID, at date: Date
    ) async throws -> Image
}

extension ImageStore {
    /// The same for a request without a key.
    @discardableResult
    package func record(
        _ change: Change, of image: Image.ID, in batch: Batch.ID, at date: Date
    ) async throws -> Image {
        try await record(change, of: image, in: batch, under: nil, at: date)
    }
}

/// Some of a batch's images, and what is said of all of them.
package struct ImagePage: Sendable, Hashable {
    package let batch: Batch
    package let images: [Image]
    /// Images of the batch that are ready.
    package let readyCount: Int

    package init(batch: Batch, images: [Image], readyCount: Int) {
        self.batch = batch
        self.images = images
        self.readyCount = readyCount
    }
}

/// The files of one image: what was made of it so far, or the one that came.
package struct ImageFiles: Sendable, Hashable {
    package enum Kind: String, Sendable, Hashable {
        case renditions, originals
    }

    package let image: Image.ID
    package let position: Int
    /// The image's.
    package let name: String
    /// Where originals are asked for.
    package let original: Blob?
    /// Where renditions are asked for, in the order of their names.
    package var renditions: [Rendition]

    package init(
        image: Image.ID, position: Int, name: String, original: Blob? = nil,
        renditions: [Rendition] = []
    ) {
        self.image = image
        self.position = position
        self.name = name
        self.original = original
        self.renditions = renditions
    }
}
