// Uploads: the ways in which the bytes of images come, and the requests that made them.

package import Foundation

package protocol UploadStore: ImageStore {
    /// Adds an image in state `uploading` and the upload that fills it, if the batch has room.
    /// - Throws: `batch-full`, `owner-full`, `too-many-requests` with the limit; `key-reused`.
    func createUpload(
        _ upload: Upload, name: String, limits: Limits, under key: RequestKey?, at date: Date
    ) async throws -> Made<Upload>
    /// Adds an upload without an image: a part.
    /// - Throws: as `createUpload`; the limits hold for parts as for images.
    func createPart(
        _ upload: Upload, limits: Limits, under key: RequestKey?, at date: Date
    ) async throws -> Made<Upload>
    /// Brings parts into another batch.
    func moveParts(_ parts: [Upload.ID], to batch: Batch.ID) async throws
    /// - Throws: `no-such-upload`.
    func upload(_ id: Upload.ID) async throws -> Upload
    /// What the same request has made before.
    /// - Throws: `key-reused`.
    func upload(under key: RequestKey, in batch: Batch.ID, at date: Date) async throws -> Upload?
    /// Whether the upload was made under a key, so that the request may come again.
    func isKeyed(_ upload: Upload.ID) async throws -> Bool
    /// Notes durable bytes (never fewer than before), a length that has become known, and until when
    /// the upload is kept (never shorter than before). What was not announced at creation counts
    /// against the batch's limit from here on.
    /// - Throws: `batch-full`, `owner-full`, and then nothing is noted.
    func commit(
        offset: Int, length: Int?, of id: Upload.ID, until expiresAt: Date?, limits: Limits
    ) async throws
    /// At most `limit` uploads that are not complete: unfinished or abandoned, and all parts. In the
    /// order of their names, those behind `place`.
    func openUploads(after place: Upload.ID?, limit: Int) async throws -> [Upload]
    /// Forgets the upload, if it is there; its image stays as it is.
    func removeUpload(_ id: Upload.ID) async throws
    /// Whether the owner of `batch` has an original of so many bytes, in whichever batch.
    func hasOriginal(ofSize bytes: Int, for batch: Batch.ID) async throws -> Bool
    /// Records `uploaded` where the owner of `batch` has an original of these bytes already, in
    /// whichever batch: in one transaction, so that it cannot be removed in between. Nil, and
    /// nothing is recorded, where they have none; what others have does not count.
    /// - Throws: as `record`.
    func recordKnown(
        _ blob: Blob, of image: Image.ID, in batch: Batch.ID, at date: Date
    ) async throws -> Image?
}
