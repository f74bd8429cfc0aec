// tus 1.0.0 (https://tus.io/protocols/resumable-upload) with every extension but
// concatenation-unfinished. Headers in, headers out: what happens to bytes is the upload service's matter.

import Domain
import HTTPTypes
import Hummingbird

struct Tus: Sendable {
    static let version = "1.0.0"
    static let extensions = [
        "creation", "creation-with-upload", "creation-defer-length", "expiration", "checksum",
        "checksum-trailer", "termination", "concatenation",
    ]
    static let contentType = "application/offset+octet-stream"

    let uploads: UploadService

    /// What `OPTIONS` tells.
    var abilities: HTTPFields {
        [
            .tusResumable: Self.version, .tusVersion: Self.version,
            .tusExtension: Self.extensions.joined(separator: ","),
            .tusMaxSize: String(uploads.limits.fileBytes),
            .tusChecksumAlgorithm: TusChecksum.algorithms,
        ]
    }

    /// Every request but `OPTIONS` must name a version we speak.
    func requireVersion(_ headers: HTTPFields) throws {
        guard headers[.tusResumable] == Self.version else {
            throw Refusal(
                Problem(.badRequest, "Tus-Resumable must be \(Self.version)."),
                status: .preconditionFailed, headers: [.tusVersion: Self.version])
        }
    }

    // MARK: POST

    /// - Parameter ownsBatch: whether the batch was made for this upload.
    func create(
        _ headers: HTTPFields, _ body: IncomingBody, in batch: Batch.ID,
        under key: IdempotencyKey?, ownsBatch: Bool = false
    ) async throws -> Response {
        var metadata = try announcement(headers)
        if ownsBatch, metadata.isPart { metadata.ownsBatch = true }
        if case .final(let parts) = try headers[.uploadConcat].map(TusConcat.init) {
            return try await join(
                parts, as: metadata, headers, in: batch, by: body.limited, under: key)
        }
        let length = try announcedLength(headers)
        let digest = try TusChecksum.digest(of: headers)
        if !body.isEmpty { try requireContentType(headers) }
        try requireFit(body.length, in: length)
        let made = try await uploads.create(
            metadata, length: length, resumable: true, in: batch, by: body.limited,
            under: metadata.request(under: key, length: length, type: nil))
        guard made.isNew else { return try await again(made.thing, body) }
        var upload = made.thing
        if let sha256 = metadata.sha256, let known = try await uploads.adopt(upload, sha256) {
            upload = known
        } else if !body.isEmpty {
            upload = try await uploads.active.hold(upload.id, body.stop) { [upload] in
                let received = try await receive(body, into: upload, digest)
                _ = try await uploads.finishIfWhole(received)
                return received
            }
        }
        var answer = standing(upload)
        if upload.isComplete, !body.isEmpty { answer[.connection] = "close" }
        if body.isEmpty, !upload.isComplete { answer[.uploadOffset] = nil }
        return try await created(
            upload, answer, asksForDigest: metadata.sha256 == nil && body.isEmpty)
    }

    /// The answer to a creation that has come before, as it is now: whoever brings its bytes once
    /// more goes on from those that are held.
    private func again(_ upload: Upload, _ body: IncomingBody) async throws -> Response {
        var answer = standing(upload)
        if !body.isEmpty { answer[.connection] = "close" }
        return try await created(upload, answer, asksForDigest: body.isEmpty)
    }

    private func created(
        _ upload: Upload, _ answer: HTTPFields, asksForDigest: Bool
    ) async throws -> Response {
        var answer = answer
        if uploads.limits.appendBytes != nil {
            answer[.uploadLimit] = Draft.newest.limit(
                uploads.limits, expiresAt: upload.expiresAt, now: uploads.now())
        }
        answer[.location] = upload.path
        if asksForDigest, try await uploads.isWorthADigest(upload) {
            answer[.wantReprDigest] = "sha-256=10"
        }
        return Response(status: .created, headers: answer)
    }

    private func announcement(_ headers: HTTPFields) throws(Problem) -> UploadMetadata {
        let metadata = try TusMetadata(headers[.uploadMetadata] ?? "")
        return UploadMetadata(
            name: metadata.fileName ?? "", metadata: headers[.uploadMetadata],
            concat: headers[.uploadConcat], sha256: Digests.ofFile(headers))
    }

    /// The batch of the parts that a concatenation is made of: a client that knows `/files` only
    /// has no other to name. Nil for other creations.
    func batchOfParts(_ headers: HTTPFields) async throws -> Batch.ID? {
        guard headers[.tusResumable] != nil, let text = headers[.uploadConcat],
            case .final(let parts) = try TusConcat(text), let first = parts.first
        else { return nil }
        return try await uploads.store.upload(first).batch
    }

    /// Nil for a length that is told later.
    private func announcedLength(_ headers: HTTPFields) throws(Problem) -> Int? {
        switch (headers[.uploadLength], headers[.uploadDeferLength]) {
        case (let text?, nil):
            guard let length = count(in: text) else {
                throw Problem(.badRequest, "Upload-Length must be a number of bytes.")
            }
            return length
        case (nil, "1"): return nil
        default:
            throw Problem(
                .badRequest, "Either Upload-Length or Upload-Defer-Length: 1 must be there.")
        }
    }

    /// Concatenation: the bytes of the parts, in their order, become a photo.
    private func join(
        _ ids: [Upload.ID], as metadata: UploadMetadata, _ headers: HTTPFields, in batch: Batch.ID,
        by limited: Asker?, under key: IdempotencyKey?
    ) async throws -> Response {
        guard headers[.uploadLength] == nil else {
            throw Problem(.badRequest, "A final upload has the length of its parts.")
        }
        var length = 0
        var moving: [Upload] = []
        for id in ids {
            let part = try await uploads.store.upload(id)
            // Whoever knows a part's URL may use it, whichever batch it was made for.
            guard part.image == nil, part.length == part.offset else {
                throw Problem(.badRequest, "\(id) is not a finished part.")
            }
            length += part.offset
            try uploads.limits.check(size: length)
            if try UploadMetadata(of: part).ownsBatch == true { moving.append(part) }
        }
        // Not resumable: a client that gets no answer asks again.
        let made = try await uploads.create(
            metadata, length: length, resumable: false, in: batch, by: limited,
            under: metadata.request(under: key, length: length, type: nil))
        let upload = made.thing.isComplete ? made.thing : try await join(ids, made, key)
        // Used, they stay with their photo until they expire, and leave no empty batches behind.
        try await uploads.store.moveParts(moving.map(\.id), to: batch)
        for part in moving { try await uploads.store.deleteUnused(part.batch) }
        var answer = standing(upload)
        answer[.uploadOffset] = nil
        answer[.location] = upload.path
        return Response(status: .created, headers: answer)
    }

    private func join(
        _ ids: [Upload.ID], _ made: Made<Upload>, _ key: IdempotencyKey?
    ) async throws -> Upload {
        var upload = made.thing
        do {
            return try await uploads.active.hold(upload.id, Stop()) {
                // All or nothing of it was noted by a request before.
                if upload.offset == 0 {
                    if !made.isNew { try await uploads.blobs.truncate(upload.id, to: 0) }
                    upload.offset = try await uploads.blobs.append(contentsOf: ids, to: upload.id)
                    try await uploads.blobs.sync(upload.id)
                    try await uploads.store.commit(
                        offset: upload.offset, length: nil, of: upload.id, until: nil,
                        limits: uploads.limits)
                }
                _ = try await uploads.finish(upload)
                return upload
            }
        } catch {
            if key == nil || !((error as? Problem)?.retryable ?? true) {
                try await uploads.end(made.thing, .failed(error as? Problem ?? Problem(.internal)))
            }
            throw error
        }
    }

    // MARK: PATCH

    func append(
        _ headers: HTTPFields, _ body: IncomingBody, to id: Upload.ID,
        mayAdd: (Batch.ID) async throws -> Bool
    ) async throws -> Response {
        try requireContentType(headers)
        guard let offset = headers[.uploadOffset].flatMap(count) else {
            throw Problem(.badRequest, "Upload-Offset must be a number of bytes.")
        }
        let digest = try TusChecksum.digest(of: headers)
        return try await uploads.hold(id, body.stop) { upload, standing in
            try requireOpen(standing)
            try upload.requireResumable()
            guard offset == upload.offset else {
                throw Refusal(
                    Problem(.offsetMismatch, limit: upload.offset, actual: offset),
                    headers: [.uploadOffset: String(upload.offset)])
            }
            var upload = upload
            if let text = headers[.uploadLength] {
                guard let length = count(in: text) else {
                    throw Problem(.badRequest, "Upload-Length must be a number of bytes.")
                }
                upload = try await uploads.setLength(
                    length, of: upload, by: body.limited)
            }
            try requireFit(body.length, in: upload.length.map { $0 - upload.offset })
            if let sha256 = Digests.ofFile(headers), try await mayAdd(upload.batch),
                let known = try await uploads.adopt(upload, sha256)
            {
                return Response(status: .noContent, headers: self.standing(known))
            }
            upload = try await receive(body, into: upload, digest)
            _ = try await uploads.finishIfWhole(upload)
            return Response(status: .noContent, headers: self.standing(upload))
        }
    }

    private func receive(
        _ body: IncomingBody, into upload: Upload, _ digest: RequestDigest?
    ) async throws -> Upload {
        do {
            return try await uploads.receive(body, into: upload, digest: digest)
        } catch let problem as Problem where problem.code == .digestMismatch {
            let status = HTTPResponse.Status(code: 460, reasonPhrase: "Checksum Mismatch")
            throw Refusal(problem, status: status)
        }
    }

    private func requireOpen(_ standing: UploadStatus) throws {
        switch standing {
        case .open, .whole: break
        case .refused(let problem): throw Refused(problem: problem)
        case .gone: throw Problem(.uploadGone)
        }
    }

    private func requireContentType(_ headers: HTTPFields) throws(Problem) {
        guard headers.mediaType == Self.contentType else {
            throw Problem(.unsupportedMediaType, "The Content-Type must be \(Self.contentType).")
        }
    }

    /// Refuses before the bytes come what would be refused while they do.
    private func requireFit(_ bytes: Int?, in missing: Int?) throws(Problem) {
        guard let bytes, let missing, bytes > missing else { return }
        throw Problem(
            .lengthExceeded, "\(missing) bytes are missing, and \(bytes) would come.",
            limit: missing, actual: bytes)
    }

    // MARK: Answers

    /// What every answer about an upload says.
    func standing(_ upload: Upload) -> HTTPFields {
        var answer: HTTPFields = [.uploadOffset: String(upload.offset)]
        answer[.link] = upload.statusLink
        if upload.length != upload.offset || upload.image == nil {
            answer[.uploadExpires] = upload.expiresAt.httpDate
        }
        return answer
    }

    /// What `HEAD` says beside it.
    func description(of upload: Upload) throws -> HTTPFields {
        let metadata = try UploadMetadata(of: upload)
        var answer = standing(upload)
        answer[.uploadLength] = upload.length.map(String.init)
        if upload.length == nil { answer[.uploadDeferLength] = "1" }
        answer[.uploadMetadata] = metadata.metadata
        answer[.uploadConcat] = metadata.concat
        return answer
    }
}
