// Uploads in one request: a form with many files, or one file as the body. Nothing is resumable
// here; a file is there whole or its image says why not.

import Domain
import HTTPTypes
import Hummingbird

struct PlainUploads: Sendable {
    let intake: Intake

    /// A form: each part with a file name is an image; other fields are skipped. A file that is
    /// refused is a rejected image, and the rest goes on.
    /// - Throws: `malformed-multipart`, `bad-request` without files, `batch-full`, `disk-full`. The
    ///   images of whole parts stay.
    func form(_ body: IncomingBody, boundary: String, into batch: Batch.ID) async throws -> [Image]
    {
        var parser = MultipartParser(boundary: boundary, partLimit: intake.settings.formParts)
        var form = FormReceiver(intake: intake, batch: batch)
        do {
            try await intake.underWay.hold(body.stop, in: batch, isResumable: false) {
                try await body.forEach { buffer in
                    parser.feed(buffer)
                    while let piece = try parser.next() { try await form.take(piece) }
                }
            }
            try parser.finish()
        } catch {
            try await form.cutShort()
            throw error
        }
        guard !form.images.isEmpty else {
            throw Problem(.badRequest, "The form holds no file.")
        }
        return form.images
    }

    /// The body is the file.
    func file(_ body: IncomingBody, named name: String, into batch: Batch.ID) async throws -> Image
    {
        if body.isEmpty { throw Problem(.emptyFile, limit: 1, actual: 0) }
        let upload = try await intake.create(
            Announcement(name: name), length: body.length, resumable: false, in: batch)
        do {
            return try await intake.seats.hold(upload.id, body.stop) {
                try await intake.finish(try await intake.receive(body, into: upload))
            }
        } catch {
            try await intake.end(upload, .reason(error))
            throw error
        }
    }
}

/// Follows the pieces of a form, one file at a time.
private struct FormReceiver {
    private enum Current {
        case nothing
        case file(Upload, Receiver)
        /// The part's bytes are of no use.
        case skipped
    }

    private let intake: Intake
    private let batch: Batch.ID
    private var current = Current.nothing
    private(set) var images: [Image] = []

    init(intake: Intake, batch: Batch.ID) {
        self.intake = intake
        self.batch = batch
    }

    mutating func take(_ piece: MultipartParser.Piece) async throws {
        switch piece {
        case .begin(let header): try await begin(header)
        case .bytes(let buffer):
            guard case .file(let upload, var receiver) = current else { return }
            current = .skipped
            do {
                try await receiver.receive(buffer)
                current = .file(upload, receiver)
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
        let upload = try await intake.create(
            Announcement(name: name), length: nil, resumable: false, in: batch)
        current = .file(upload, Receiver(upload, intake: intake))
    }

    private mutating func endPart() async throws {
        guard case .file(var upload, var receiver) = current else { return }
        current = .skipped
        do {
            // Whole and not yet recorded, it would look forgotten to a sweep.
            let image = try await intake.seats.hold(upload.id, Stop()) {
                try await receiver.complete()
                upload.offset = receiver.durable
                return try await intake.finish(upload)
            }
            images.append(image)
        } catch {
            try await refuse(upload, error)
        }
    }

    /// The form ends in the middle of a part.
    mutating func cutShort() async throws {
        guard case .file(let upload, _) = current else { return }
        current = .skipped
        try await intake.end(upload, .rejected(Problem(.uploadIncomplete)))
    }

    /// Ends one file and lets the form go on, unless the fault is ours.
    private mutating func refuse(_ upload: Upload, _ error: any Error) async throws {
        try await intake.end(upload, .reason(error))
        switch error {
        case let problem as Problem where ![.diskFull, .unavailable].contains(problem.code): break
        case is Refused: break
        default: throw error
        }
        if let id = upload.image { images.append(try await intake.store.image(id, in: batch)) }
    }
}

extension Change {
    /// How an image ends whose only request failed with `error`.
    fileprivate static func reason(_ error: any Error) -> Change {
        switch error {
        case let refused as Refused: .rejected(refused.problem)
        case let problem as Problem where problem.retryable: .failed(problem)
        case let problem as Problem: .rejected(problem)
        case is Interruption: .rejected(Problem(.uploadIncomplete))
        default: .failed(Problem(.internal))
        }
    }
}
