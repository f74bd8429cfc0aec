// A photo that its owner has sent before needs no byte again: its digest is enough. Only what the
// same owner has counts, for otherwise whoever knows a digest could learn who has the photo, or
// fetch it.

import Domain

extension UploadService {
    /// Whether it is worth hashing the file before its bytes are sent: its owner has one of the
    /// same size.
    func isWorthADigest(_ upload: Upload) async throws -> Bool {
        guard upload.image != nil, !upload.isComplete, let length = upload.length else {
            return false
        }
        return try await store.hasOriginal(ofSize: length, for: upload.batch)
    }

    /// Finishes an upload without the bytes that are missing, if its owner has the whole already;
    /// nil where not, and then nothing has changed. For requests of the batch's owner alone.
    /// - Parameter sha256: of the whole file, in lower-case hexadecimal.
    /// - Throws: `upload-gone` where its image was cancelled meanwhile.
    func adopt(_ upload: Upload, _ sha256: String) async throws -> Upload? {
        guard let image = upload.image, !upload.isComplete, let length = upload.length else {
            return nil
        }
        let blob = Blob(sha256: sha256, size: length)
        do {
            guard
                try await store.recordKnown(blob, of: image, in: upload.batch, at: now()) != nil
            else { return nil }
        } catch let problem as Problem where problem.code == .wrongState {
            throw Problem(.uploadGone)
        }
        try await discard(upload.id)
        return try await store.upload(upload.id)
    }
}
