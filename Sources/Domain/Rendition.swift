// One finished picture made from a photograph.

package struct Rendition: Sendable, Hashable {
    package let name: String
    package let width: Int
    package let height: Int
    package let mediaType: MediaType
    package let blob: Blob

    package init(name: String, width: Int, height: Int, mediaType: MediaType, blob: Blob) {
        self.name = name
        self.width = width
        self.height = height
        self.mediaType = mediaType
        self.blob = blob
    }

    /// What the document says of it.
    func member(of image: Image) -> JSON {
        [
            "width": .int(width), "height": .int(height), "bytes": .int(blob.size),
            "mediaType": .string(mediaType.rawValue),
            "url": .string(url(in: image.batch, of: image.id)),
        ]
    }

    /// Carries the content's name, so that what it gives may be cached for ever and the URL still
    /// changes when a retry makes other bytes.
    package func url(in batch: Batch.ID, of image: Image.ID) -> String {
        "/api/batches/\(batch)/images/\(image)/renditions/\(name)?v=\(blob.sha256.prefix(12))"
    }
}
