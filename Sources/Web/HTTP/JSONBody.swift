// The JSON object in the body of a small request.

import Domain
import Hummingbird
import NIOCore

struct JSONBody: Sendable {
    let uploads: UploadService

    /// The object's members; none where there is no body.
    /// - Throws: `bad-request` where it is none, or larger than any that is right.
    func members(of request: Request, _ context: WebContext) async throws -> [String: JSON] {
        try request.headers.requireNoContentCoding()
        let body = try await IncomingBody(
            request, on: context.channel, stop: Stop(context.channel), requests: uploads.requests,
            settings: uploads.settings
        ).collect(upTo: Self.bytes)
        guard body.readableBytes > 0 else { return [:] }
        let json: JSON
        do {
            json = try JSON(parsing: String(buffer: body), within: Self.bounds)
        } catch {
            throw Problem(body: error)
        }
        guard case .object(let members) = json else { throw Problem(body: .malformed(at: 0)) }
        return members
    }

    /// A whole recipe of sixteen renditions, each with all that can be said of it, is the largest: it has
    /// 5 KiB, 200 values and four levels.
    private static let bytes = 16 << 10
    private static let bounds = JSON.Bounds(depth: 4, values: 512)
}

extension Problem {
    /// Why the body of a request was not read.
    fileprivate init(body refusal: JSON.Refusal) {
        switch refusal {
        case .malformed: self.init(.badRequest, "The body must be a JSON object.")
        case .tooDeep(let limit):
            self.init(.badRequest, "The body may be \(limit) levels deep.", limit: limit)
        case .tooManyValues(let limit):
            self.init(.badRequest, "The body may hold \(limit) values.", limit: limit)
        }
    }
}
