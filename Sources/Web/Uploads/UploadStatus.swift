// Where an upload stands for a request that comes back to it, and how its owner gives it up.

import Domain
import Foundation

enum UploadStatus: Sendable {
    /// Bytes are missing.
    case open
    /// All bytes are there.
    case whole
    /// It was looked at and is not wanted.
    case refused(Problem)
    /// Given up, expired, or its image cancelled.
    case gone
}

extension UploadService {
    /// Runs `body` as the only request on the upload: the newest wins.
    func hold<Value>(
        _ id: Upload.ID, _ stop: Stop, _ body: (Upload, UploadStatus) async throws -> Value
    ) async throws -> Value {
        try await active.hold(id, stop) {
            try await finishIfStranded(try await store.upload(id))
            let upload = try await store.upload(id)
            return try await body(upload, try await standing(of: upload))
        }
    }

    /// Finishes an upload that has its last byte and did not queue the work, because the disk was full
    /// between the two: whoever hears that all is there does not come back.
    private func finishIfStranded(_ upload: Upload) async throws {
        do {
            _ = try await finishIfWhole(try await asReceived(upload))
        } catch let problem as Problem where [.digestMismatch, .uploadGone].contains(problem.code) {
            // That has ended the image, which is how the upload now stands.
        }
    }

    /// The upload with its last bytes, where they came and nobody noted it: what has begun to get its
    /// content's name has all of them.
    func asReceived(_ upload: Upload) async throws -> Upload {
        guard upload.image != nil, !upload.isComplete, let length = upload.length,
            upload.offset < length, try await blobs.isPromoted(upload.id)
        else { return upload }
        var whole = upload
        whole.offset = length
        return whole
    }

    private func standing(of upload: Upload) async throws -> UploadStatus {
        if upload.length == upload.offset, upload.isComplete || upload.image == nil {
            return .whole
        }
        guard upload.isComplete else {
            guard upload.expiresAt > now() else {
                try await expire(upload)
                return .gone
            }
            return .open
        }
        guard let id = upload.image else { return .gone }
        let image = try await store.image(id, in: upload.batch)
        guard image.state == .rejected, let problem = image.problem
        else { return .gone }
        return problem.code == .lengthExceeded ? .gone : .refused(problem)
    }

    /// Ends an upload nobody has come back to.
    func expire(_ upload: Upload) async throws {
        try await end(upload, .expired)
        if upload.image == nil { try await remove(upload) }
    }

    /// The client gives the upload up; an image that has all its bytes stays.
    func giveUp(_ upload: Upload) async throws {
        if upload.isComplete {
            try await discard(upload.id)
        } else {
            try await end(upload, .cancelled)
        }
        try await remove(upload)
    }

    /// Forgets it, and the batch that was made for nothing else.
    private func remove(_ upload: Upload) async throws {
        try await store.removeUpload(upload.id)
        if upload.image == nil, try UploadMetadata(of: upload).ownsBatch == true {
            try await store.deleteUnused(upload.batch)
        }
    }

    /// Sets a length that was not known at creation.
    /// - Throws: `bad-request` where another one is known or more bytes are there,
    ///   `file-too-large`, `empty-file`, `disk-full`.
    func setLength(
        _ length: Int, of upload: Upload, by asker: Asker?
    ) async throws -> Upload {
        guard upload.length != length else { return upload }
        guard upload.length == nil, length >= upload.offset else {
            throw Problem(
                .badRequest, "The upload's length is known.", limit: upload.length, actual: length)
        }
        try limits.check(size: length)
        var told = upload
        told.length = length
        try await reserve(for: told, by: asker)
        try await store.commit(
            offset: told.offset, length: length, of: told.id, until: nil, limits: limits)
        return told
    }

    /// Finishes an upload that has just got its last byte; nil where some are missing, where it is
    /// a part, or where it was finished before.
    func finishIfWhole(_ upload: Upload) async throws -> Image? {
        guard upload.image != nil, upload.length == upload.offset, !upload.isComplete else {
            return nil
        }
        return try await finish(upload)
    }
}
