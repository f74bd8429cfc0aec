// Problems on the wire: application/problem+json (RFC 9457). This file alone knows both a problem
// code and an HTTP status.

import Domain
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import NIOHTTP1

extension Problem.Code {
    var status: HTTPResponse.Status {
        switch self {
        case .emptyFile, .notAnImage, .unsupportedFormat, .rawPhoto, .tiffImage, .movingImage,
            .formatMismatch, .damaged, .tooManyPixels, .sideTooLong, .tooManyFrames,
            .uploadIncomplete, .keyReused, .tooSlow:
            .unprocessableContent
        case .fileTooLarge, .lengthExceeded: .contentTooLarge
        case .badRequest, .malformedMultipart, .invalidRecipe, .digestMismatch: .badRequest
        case .unsupportedMediaType: .unsupportedMediaType
        case .noSuchBatch, .noSuchImage, .noSuchUpload, .noSuchRendition, .noSuchInvitation,
            .noSuchDropLink, .noSuchManageLink, .notFound:
            .notFound
        case .batchDeleted, .uploadGone: .gone
        case .notOwner, .notInvited, .foreignOrigin, .dropEnded, .wrongPassword, .noSuchGrant,
            .grantExpired,
            .grantTooWide, .noSuchTicket:
            .forbidden
        case .batchFull, .ownerFull, .tooManyBatches, .tooManyGuests, .tooManyDevices,
            .tooManyFiles, .tooManyBytes, .wrongState, .offsetMismatch, .requestUnderWay:
            .conflict
        case .methodNotAllowed: .methodNotAllowed
        case .preconditionFailed: .preconditionFailed
        case .rangeNotSatisfiable: .rangeNotSatisfiable
        case .tooManyRequests: .tooManyRequests
        case .diskFull: .init(code: 507, reasonPhrase: "Insufficient Storage")
        case .unavailable: .serviceUnavailable
        case .workerCrashed, .timedOut, .outOfMemory, .internal: .internalServerError
        }
    }
}

extension Problem.Code {
    fileprivate var isSoonOver: Bool {
        [.tooManyRequests, .requestUnderWay, .unavailable].contains(self)
    }
}

extension Problem {
    /// What a client is told of an error. One that is not a `Problem` is ours to explain: it is
    /// logged with its cause and told as `internal`.
    init(explaining error: any Error, at path: String, _ logger: Logger) {
        switch error {
        case let problem as Problem: self = problem
        case is BlobMissing:
            self.init(.unavailable, "The file is gone from the server's disk.")
        case is CancellationError: self.init(.unavailable, "The server is stopping.")
        default:
            logger.error("request failed", metadata: ["path": "\(path)", "error": "\(error)"])
            self.init(.internal)
        }
    }

    /// The members of RFC 9457 with our own beside them: `code`, `limit`, `actual`, `retryable`.
    var body: JSON {
        var members = member.members
        members["type"] = .string("about:blank#\(code.rawValue)")
        members["status"] = .int(code.status.code)
        return .object(members)
    }

    func response(adding headers: HTTPFields = [:]) -> Response {
        var response = Response(json: body.text, status: code.status)
        response.headers[.contentType] = "application/problem+json"
        if let seconds = retryAfter ?? (code.isSoonOver ? 1 : nil) {
            response.headers[.retryAfter] = String(seconds)
        }
        for field in headers { response.headers.append(field) }
        return response
    }
}

extension Response {
    /// A JSON answer that no cache may keep.
    init(json text: String, status: HTTPResponse.Status = .ok) {
        self.init(
            status: status,
            headers: [.contentType: "application/json", .cacheControl: "no-store"],
            body: .init(byteBuffer: ByteBuffer(string: text)))
    }

    /// The same of a long text, which is written as the client takes it.
    init(json text: Outgoing) {
        self.init(
            status: .ok, headers: [.contentType: "application/json", .cacheControl: "no-store"],
            body: ResponseBody(contentLength: text.count) { writer in
                var text = text
                while let piece = text.next() { try await writer.write(piece) }
                try await writer.finish(nil)
            })
    }
}

/// Turns what handlers throw into answers.
struct ProblemMiddleware: RouterMiddleware {
    func handle(
        _ request: Request, context: WebContext,
        next: (Request, WebContext) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch let problem as Problem {
            return problem.response()
        } catch let refusal as Refusal {
            return refusal.response
        } catch let error as HTTPError where error.status == .notFound {
            return Problem(.notFound).response()
        } catch let error as HTTPError where error.status.kind == .clientError {
            return Problem(.badRequest, error.body).response()
        } catch is HTTPParserError {
            return Problem(.badRequest, "The request's body is malformed.").response()
        } catch {
            return Problem(explaining: error, at: request.uri.path, context.logger).response()
        }
    }
}
