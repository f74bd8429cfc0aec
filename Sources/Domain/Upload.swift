// The way one file's bytes come in. The upload is not the image: its name is a secret of whoever
// created it and never appears in the document.

package import Foundation

package struct Upload: Identified, Sendable, Hashable {
    package typealias ID = Identifier<Upload>
    package static let identifierPrefix = "u"

    package let id: ID
    package let batch: Batch.ID
    /// The image it fills; nil for a part, which only a concatenation makes a photo of.
    package let image: Image.ID?
    /// Whether it can be continued after the request that began it.
    package let resumable: Bool
    /// Total bytes; nil until it is known.
    package var length: Int?
    /// Bytes that are durable and acknowledged. Never decreases.
    package var offset: Int
    /// What the client said of the file; only the module that takes uploads in reads it.
    package let metadata: String?
    /// When it ends if no more bytes come. Never decreases.
    package var expiresAt: Date
    /// Whether the last byte has come and the image has left `uploading`.
    package var isComplete: Bool
    /// Whether its batch waits for it no more, since it never got a byte.
    package let isIdle: Bool

    package init(
        id: ID = .random(), batch: Batch.ID, image: Image.ID? = .random(), resumable: Bool,
        length: Int?, offset: Int = 0, metadata: String? = nil, expiresAt: Date,
        isComplete: Bool = false, isIdle: Bool = false
    ) {
        self.id = id
        self.batch = batch
        self.image = image
        self.resumable = resumable
        self.length = length
        self.offset = offset
        self.metadata = metadata
        self.expiresAt = expiresAt
        self.isComplete = isComplete
        self.isIdle = isIdle
    }
}
