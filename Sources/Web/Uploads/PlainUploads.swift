// Uploads in one request: a form with many files, or one file as the body. A file is there whole or
// its image says why not, unless the request has a key: then it may come again, and a file that is not
// whole waits for it.

import Domain
import HTTPTypes
import Hummingbird

struct PlainUploads: Sendable {
    let uploads: UploadService
    let batch: Batch.ID
    /// The request's. Under one it may come again, and then brings what is missing.
    let key: IdempotencyKey?

    /// A form: each part with a file name is an image; other fields are skipped. A file that is
    /// refused is a rejected image, and the rest goes on.
    /// - Throws: `malformed-multipart`, `bad-request` without files, `batch-full`, `disk-full`. The
    ///   images of whole parts stay.
    func form(_ body: IncomingBody, boundary: String) async throws -> [Image] {
        var parser = MultipartParser(boundary: boundary, partLimit: uploads.settings.formParts)
        var form = FormReceiver(uploads: uploads, batch: batch, key: key, limited: body.limited)
        do {
            try await uploads.requests.run(body.stop, in: batch, isResumable: false) {
                try await body.forEach { buffer in
                    parser.feed(buffer)
                    while let piece = try parser.next() { try await form.take(piece) }
                }
            }
            try parser.finish()
        } catch {
            try await form.cutShort(by: error)
            throw error
        }
        guard !form.images.isEmpty else {
            throw Problem(.badRequest, "The form holds no file.")
        }
        return form.images
    }

    /// The body is the file.
    func file(_ body: IncomingBody, named name: String, type: String?) async throws -> Image {
        if body.isEmpty { throw Problem(.emptyFile, limit: 1, actual: 0) }
        let metadata = UploadMetadata(name: name)
        let made = try await uploads.create(
            metadata, length: body.length, resumable: false, in: batch, by: body.limited,
            under: metadata.request(under: key, length: body.length, type: type))
        let upload = made.thing
        if let id = upload.image, upload.isComplete {
            try await body.forEach { _ in }
            return try await uploads.store.image(id, in: batch)
        }
        do {
            return try await uploads.active.hold(upload.id, body.stop) {
                try await uploads.finish(
                    try await uploads.receive(body, into: upload, behind: upload.offset))
            }
        } catch {
            if let end = Change.end(by: error, isKeyed: key != nil) {
                try await uploads.end(upload, end)
            }
            throw error
        }
    }
}

/// Follows the pieces of a form, one file at a time.
private struct FormReceiver {
    private enum Current {
        case nothing
        case file(Upload, Receiver, Held)
        /// The part's bytes are of no use.
        case skipped
    }

    private let uploads: UploadService
    private let batch: Batch.ID
    private let key: IdempotencyKey?
    private let limited: Asker?
    /// Files so far.
    private var files = 0
    private var current = Current.nothing
    private(set) var images: [Image] = []

    init(uploads: UploadService, batch: Batch.ID, key: IdempotencyKey?, limited: Asker?) {
        self.limited = limited
        self.uploads = uploads
        self.batch = batch
        self.key = key
    }

    mutating func take(_ piece: MultipartParser.Piece) async throws {
        switch piece {
        case .begin(let header): try await begin(header)
        case .bytes(let buffer):
            guard case .file(let upload, var receiver, var held) = current else { return }
            current = .skipped
            do {
                try await receiver.receive(held.rest(of: buffer))
                current = .file(upload, receiver, held)
            } catch {
                try await refuse(upload, error)
            }
        case .end: try await endPart()
        }
    }

    private mutating func begin(_ header: [String: String]) async throws {
        current = .skipped
        let disposition = ParameterizedValue(header["content-disposition"] ?? "")
        guard let name = disposition.fileName, !name.isEmpty else { return }
        let metadata = UploadMetadata(name: name)
        let made = try await uploads.create(
            metadata, length: nil, resumable: false, in: batch, by: limited,
            under: metadata.request(
                under: key, place: files, length: nil, type: header["content-type"]))
        files += 1
        let upload = made.thing
        if let id = upload.image, upload.isComplete {
            return images.append(try await uploads.store.image(id, in: batch))
        }
        if !made.isNew { try await uploads.blobs.truncate(upload.id, to: upload.offset) }
        current = .file(upload, Receiver(upload, uploads: uploads), Held(upload.offset))
    }

    private mutating func endPart() async throws {
        guard case .file(var upload, var receiver, _) = current else { return }
        current = .skipped
        do {
            // Whole and not yet recorded, it would look forgotten to a sweep.
            let image = try await uploads.active.hold(upload.id, Stop()) {
                try await receiver.complete(isLast: true)
                upload.offset = receiver.durable
                return try await uploads.finish(upload)
            }
            images.append(image)
        } catch {
            try await refuse(upload, error)
        }
    }

    /// The form ends in the middle of a part.
    mutating func cutShort(by error: any Error) async throws {
        guard case .file(let upload, _, _) = current else { return }
        current = .skipped
        if Change.end(by: error, isKeyed: key != nil) != nil {
            try await uploads.end(upload, .rejected(Problem(.uploadIncomplete)))
        }
    }

    /// Ends one file and lets the form go on, unless the fault is ours.
    private mutating func refuse(_ upload: Upload, _ error: any Error) async throws {
        if let end = Change.end(by: error, isKeyed: key != nil) {
            try await uploads.end(upload, end)
        }
        switch error {
        case let problem as Problem where ![.diskFull, .unavailable].contains(problem.code): break
        case is Refused: break
        default: throw error
        }
        if let id = upload.image { images.append(try await uploads.store.image(id, in: batch)) }
    }
}
