// Every default limit in one place. `/api/capabilities` shows them; each refusal names the limit
// and the actual value.

package struct Limits: Sendable, Hashable {
    package var fileBytes = 200 << 20
    package var imagesPerBatch = 5_000
    package var batchBytes = 100 << 30
    /// Bytes of photos in all batches that one owner keeps, and how many batches these may be; nil for any.
    package var ownerBytes: Int? = 1 << 40
    package var ownerBatches: Int? = 10_000
    /// Uploads that one owner has begun and not brought to their end; nil for any.
    package var ownerUploads: Int? = 10_000
    /// Bytes of one request that a proxy in front lets pass, where whoever runs the server has said
    /// so: clients then send larger files in several.
    package var appendBytes: Int?
    /// UTF-8 bytes of a file name after cleaning, and of each folder before it.
    package var nameBytes = 255
    /// UTF-8 bytes of a name with its folders, and how many of these there may be.
    package var pathBytes = 1_024
    package var pathFolders = 16
    /// Characters of a batch's name.
    package var batchNameLength = 200
    package var image = ImageLimits()

    package init() {}

    /// Checks what a client says of a file before its bytes come.
    package func check(size: Int?) throws(Problem) {
        guard let size else { return }
        guard size > 0 else { throw Problem(.emptyFile, limit: 1, actual: size) }
        guard size <= fileBytes else {
            throw Problem(
                .fileTooLarge, "The file has \(size) bytes; at most \(fileBytes) are accepted.",
                limit: fileBytes, actual: size)
        }
    }

    /// Whether one more image fits into a batch that holds `images`.
    package func requireRoom(forImagesBeside images: Int) throws(Problem) {
        guard images < imagesPerBatch else {
            throw Problem(
                .batchFull, "The batch holds \(images) images; at most \(imagesPerBatch) fit.",
                limit: imagesPerBatch, actual: images + 1)
        }
    }

    /// The same for parts, which come to one image or more.
    package func requireRoom(forPartsBeside parts: Int) throws(Problem) {
        guard parts < imagesPerBatch else {
            throw Problem(
                .batchFull, "The batch has \(parts) unfinished parts.", limit: imagesPerBatch,
                actual: parts + 1)
        }
    }

    /// Whether a batch may hold `bytes` in all.
    package func requireRoom(forBytes bytes: Int) throws(Problem) {
        guard bytes <= batchBytes else {
            throw Problem(
                .batchFull, "The batch would hold \(bytes) bytes; at most \(batchBytes) fit.",
                limit: batchBytes, actual: bytes)
        }
    }

    // MARK: What one owner may have

    /// Whether an owner who keeps `batches` may begin one more.
    package func requireRoom(forBatchesBeside batches: Int) throws(Problem) {
        guard let ownerBatches, batches >= ownerBatches else { return }
        throw Problem(
            .tooManyBatches,
            "The owner keeps \(batches) batches; at most \(ownerBatches) may be kept.",
            limit: ownerBatches, actual: batches + 1)
    }

    /// Whether the batches of an owner may hold `bytes` together.
    package func requireOwnerRoom(forBytes bytes: Int) throws(Problem) {
        guard let ownerBytes, bytes > ownerBytes else { return }
        throw Problem(
            .ownerFull,
            "The owner's batches would hold \(bytes) bytes; at most \(ownerBytes) may be kept.",
            limit: ownerBytes, actual: bytes)
    }

    /// Whether an owner with `uploads` under way may begin one more: they come to their end by themselves.
    package func requireRoom(forUploadsBeside uploads: Int) throws(Problem) {
        guard let ownerUploads, uploads >= ownerUploads else { return }
        throw Problem(
            .tooManyRequests, "The owner has \(uploads) unfinished uploads.", limit: ownerUploads,
            actual: uploads + 1, retryAfter: 10)
    }
}
