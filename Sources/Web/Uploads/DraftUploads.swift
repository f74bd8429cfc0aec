// "Resumable Uploads for HTTP" on the wire: creation, append, and the refusals and interim
// responses between them. `Draft` knows the versions; the upload service knows the bytes.

import Domain
import HTTPTypes
import Hummingbird
import NIOCore
import NIOHTTPTypes

struct DraftUploads: Sendable {
    let uploads: UploadService
    let draft: Draft
    /// Whether the client named this version, and so may be sent 104 responses.
    let isAnnounced: Bool

    // MARK: Creation

    func create(
        _ headers: HTTPFields, _ body: IncomingBody, in batch: Batch.ID,
        under key: IdempotencyKey?
    ) async throws -> Response {
        try await explaining { try await begin(headers, body, in: batch, under: key) }
    }

    private func begin(
        _ headers: HTTPFields, _ body: IncomingBody, in batch: Batch.ID,
        under key: IdempotencyKey?
    ) async throws -> Response {
        let isLast = draft.isLast(headers) ?? true
        let length = try length(headers, from: 0, isLast: isLast, contentLength: body.length)
        let name = ParameterizedValue(headers[.contentDisposition] ?? "").fileName
        let metadata = UploadMetadata(name: name ?? "", sha256: Digests.ofFile(headers))
        let request = metadata.request(under: key, length: length, type: headers[.contentType])
        let made = try await uploads.create(
            metadata, length: length, resumable: true, in: batch, by: body.limited, under: request)
        let upload = made.thing
        guard made.isNew else { return try await again(upload, headers, body) }
        return try await uploads.hold(upload.id, body.stop) { upload, _ in
            if let sha256 = metadata.sha256, let known = try await uploads.adopt(upload, sha256) {
                var answer = try await completed(known, headers, isNew: true)
                if !body.isEmpty { answer.headers[.connection] = "close" }
                return answer
            }
            try await announce(upload, on: body)
            return try await take(body, headers, into: upload, isLast: isLast, isNew: true)
        }
    }

    /// The answer to a creation that has come before, as it is now: whoever brings its bytes once
    /// more goes on from those that are held.
    private func again(
        _ upload: Upload, _ headers: HTTPFields, _ body: IncomingBody
    ) async throws -> Response {
        let isWhole = upload.length == upload.offset
        var answer =
            isWhole
            ? try await completed(upload, headers, isNew: true) : partial(upload, isNew: true)
        if !body.isEmpty { answer.headers[.connection] = "close" }
        return answer
    }

    /// The total length, where it is known.
    /// - Throws: `bad-request` where what the request says of it does not agree.
    private func length(
        _ headers: HTTPFields, from offset: Int, isLast: Bool, contentLength: Int?
    ) throws -> Int? {
        let said = StructuredField.integer(headers[.uploadLength])
        // A Content-Length can be any number: no sum of it may overflow.
        let counted = isLast ? contentLength.map { offset + min($0, .max - offset) } : nil
        if let said, let counted, said != counted { throw inconsistentLength(said, counted) }
        if let said, said < 0 { throw Problem(.badRequest, "Upload-Length is negative.") }
        return said ?? counted
    }

    // MARK: Append

    func append(
        _ headers: HTTPFields, _ body: IncomingBody, to id: Upload.ID
    ) async throws -> Response {
        try await explaining { try await goOn(headers, body, to: id) }
    }

    private func goOn(
        _ headers: HTTPFields, _ body: IncomingBody, to id: Upload.ID
    ) async throws -> Response {
        guard let offset = StructuredField.integer(headers[.uploadOffset]), offset >= 0,
            let isLast = draft.isLast(headers)
        else {
            throw Problem(
                .badRequest, "An append needs Upload-Offset, a number, and Upload-Complete.")
        }
        guard !draft.requiresPartialType || headers.mediaType == Draft.partialType else {
            throw Problem(.unsupportedMediaType, "The Content-Type must be \(Draft.partialType).")
        }
        return try await uploads.hold(id, body.stop) { upload, standing in
            try upload.requireResumable()
            switch standing {
            case .open: break
            case .whole where offset == upload.offset && body.isEmpty:
                return try await completed(upload, headers, isNew: false)
            case .whole where offset == upload.offset: throw completedAlready(upload)
            case .whole: break
            case .refused(let problem): throw Refused(problem: problem)
            case .gone: throw Problem(.uploadGone)
            }
            guard offset == upload.offset else { throw mismatch(of: offset, upload) }
            var upload = upload
            if let length = try length(
                headers, from: offset, isLast: isLast, contentLength: body.length)
            {
                if let known = upload.length, known != length {
                    // Only bytes that would come make the upload void, and no mere word.
                    guard StructuredField.integer(headers[.uploadLength]) == nil, length > known
                    else { throw inconsistentLength(length, known) }
                    return try await overrun(upload)
                }
                upload = try await note(length, of: upload, by: body.limited)
            }
            return try await take(body, headers, into: upload, isLast: isLast, isNew: false)
        }
    }

    // MARK: Bytes

    private func take(
        _ body: IncomingBody, _ headers: HTTPFields, into upload: Upload, isLast: Bool, isNew: Bool
    ) async throws -> Response {
        var upload = upload
        do {
            if !body.isEmpty {
                upload = try await uploads.receive(
                    body, into: upload, digest: Digests.ofContent(headers)
                ) { offset in await tell(offset, on: body) }
            }
            if isLast { upload = try await end(upload, by: body.limited) }
            guard isLast || upload.length == upload.offset else {
                return partial(upload, isNew: isNew)
            }
            return try await completed(upload, headers, isNew: isNew)
        } catch let problem as Problem where problem.code == .lengthExceeded {
            return try await overrun(upload)
        }
    }

    /// The client says that all bytes have come.
    private func end(_ upload: Upload, by asker: Asker?) async throws -> Upload {
        if let length = upload.length, length != upload.offset {
            throw inconsistentLength(length, upload.offset)
        }
        return try await note(upload.offset, of: upload, by: asker)
    }

    /// - Throws: as `UploadService.setLength`; an upload that is to hold nothing is refused for good.
    private func note(
        _ length: Int, of upload: Upload, by asker: Asker?
    ) async throws -> Upload {
        do {
            return try await uploads.setLength(length, of: upload, by: asker)
        } catch let problem as Problem where problem.code == .emptyFile {
            try await uploads.end(upload, .rejected(problem))
            throw problem
        }
    }

    /// More bytes came than were announced: the upload is void. Not 413, which asks for the same in
    /// smaller pieces.
    private func overrun(_ upload: Upload) async throws -> Response {
        let problem = Problem(.lengthExceeded, limit: upload.length)
        try await uploads.end(upload, .rejected(problem))
        throw Refusal(
            problem, status: .badRequest,
            members: ["type": .string(Self.problemTypes + "inconsistent-upload-length")])
    }

    // MARK: Answers

    private func partial(_ upload: Upload, isNew: Bool) -> Response {
        var answer = limitField(upload)
        draft.say(complete: false, in: &answer)
        answer[.uploadOffset] = String(upload.offset)
        answer[.link] = upload.statusLink
        if isNew { answer[.location] = upload.path }
        return Response(status: isNew ? .created : .noContent, headers: answer)
    }

    /// The answer of the image itself, now that it has its bytes.
    private func completed(
        _ upload: Upload, _ headers: HTTPFields, isNew: Bool
    ) async throws -> Response {
        guard let id = upload.image else { throw Problem(.wrongState) }
        let finished = try await finish(upload)
        let image: Image
        if let finished {
            image = finished
        } else {
            image = try await uploads.store.image(id, in: upload.batch)
        }
        var response = Response(json: image.answer.text, status: isNew ? .created : .ok)
        draft.say(complete: true, in: &response.headers)
        response.headers[.uploadOffset] = String(upload.offset)
        response.headers[.link] = upload.statusLink
        if isNew { response.headers[.location] = image.path }
        if let sha256 = image.sha256 {
            response.headers[.reprDigest] = Digests.answer(sha256, to: headers)
        }
        return response
    }

    /// Another content than was announced is found once all of it has come: no piece of it would
    /// mend that.
    private func finish(_ upload: Upload) async throws -> Image? {
        do {
            return try await uploads.finishIfWhole(upload)
        } catch let problem as Problem where problem.code == .digestMismatch {
            var headers = HTTPFields()
            draft.say(complete: true, in: &headers)
            throw Refusal(problem, headers: headers)
        }
    }

    func limitField(_ upload: Upload?) -> HTTPFields {
        var fields = HTTPFields()
        fields[.uploadLimit] = draft.limit(
            uploads.limits, expiresAt: upload?.expiresAt, now: uploads.now())
        return fields
    }

    // MARK: Refusals

    private static let problemTypes = "https://iana.org/assignments/http-problem-types#"

    private func mismatch(of offset: Int, _ upload: Upload) -> Refusal {
        var headers: HTTPFields = [.uploadOffset: String(upload.offset)]
        draft.say(complete: false, in: &headers)
        return Refusal(
            Problem(.offsetMismatch, limit: upload.offset, actual: offset), headers: headers,
            members: [
                "type": .string(Self.problemTypes + "mismatching-upload-offset"),
                "expected-offset": .int(upload.offset), "provided-offset": .int(offset),
            ])
    }

    private func completedAlready(_ upload: Upload) -> Refusal {
        var headers: HTTPFields = [.uploadOffset: String(upload.offset)]
        draft.say(complete: true, in: &headers)
        return Refusal(
            Problem(.badRequest, "The upload is complete."), headers: headers,
            members: ["type": .string(Self.problemTypes + "completed-upload")])
    }

    private func inconsistentLength(_ said: Int, _ other: Int) -> Refusal {
        Refusal(
            Problem(.badRequest, "The upload's length is \(said) or \(other), not both."),
            members: ["type": .string(Self.problemTypes + "inconsistent-upload-length")])
    }

    /// Runs `body`, and has its refusals say whose they are: the image's own, last word, which 422
    /// is, or the upload's, which may go on once the request is put right. What meets a limit names
    /// the limits.
    private func explaining(_ body: () async throws -> Response) async throws -> Response {
        do {
            return try await body()
        } catch {
            guard var refusal = Refusal(error) else { throw error }
            let status = refusal.status ?? refusal.problem.code.status
            if !draft.saysWhetherComplete(refusal.headers),
                [.badRequest, .contentTooLarge, .unprocessableContent].contains(status)
            {
                draft.say(complete: status == .unprocessableContent, in: &refusal.headers)
            }
            if [.fileTooLarge, .emptyFile].contains(refusal.problem.code) {
                for field in limitField(nil) { refusal.headers[field.name] = field.value }
            }
            throw refusal
        }
    }

    // MARK: Interim responses

    /// Tells the upload's URL before the body comes, so that it can be resumed if it does not.
    private func announce(_ upload: Upload, on body: IncomingBody) async throws {
        guard isAnnounced else { return }
        var headers = limitField(upload)
        headers[.location] = body.locate(upload.path)
        headers[.uploadDraftInteropVersion] = String(draft.interop)
        try await body.sendInterim(headers)
    }

    private func tell(_ offset: Int, on body: IncomingBody) async {
        guard isAnnounced, draft.tellsProgress else { return }
        let headers: HTTPFields = [
            .uploadOffset: String(offset), .uploadDraftInteropVersion: String(draft.interop),
        ]
        // Lost with the connection, and then the reader learns of it.
        try? await body.sendInterim(headers)
    }
}
