// What a browser must be told before pages of another origin may use the interface: the CORS protocol of the
// Fetch standard (https://fetch.spec.whatwg.org/#http-cors-protocol). Origins that some key names may; the
// request itself is held against its own grant. No answer allows credentials, so no cookie counts there.

import Foundation
import HTTPTypes
import Hummingbird
import NIOHTTP1

struct CrossOrigin: Sendable {
    let keys: KeyRing

    /// Fields of the answer to a request; none where no key is there.
    func fields(for head: HTTPRequestHead) -> HTTPHeaders {
        guard !keys.isEmpty, head.uri.hasPrefix("/api/") || head.uri.hasPrefix("/files") else {
            return [:]
        }
        var fields: HTTPHeaders = ["vary": "Origin"]
        guard let origin = head.headers.first(name: "origin"), keys.isNamed(origin.lowercased())
        else { return fields }
        fields.add(name: "access-control-allow-origin", value: origin)
        if Self.isPreflight(head) {
            fields.add(
                name: "access-control-allow-methods", value: "GET, HEAD, POST, PATCH, DELETE")
            fields.add(
                name: "access-control-allow-headers",
                value: Self.allowed)
            // The longest that browsers keep it: 2 hours in Chromium.
            fields.add(name: "access-control-max-age", value: "7200")
        } else {
            fields.add(
                name: "access-control-expose-headers",
                value: Self.exposed)
        }
        return fields
    }

    private static let allowed = requestFields.joined(separator: ", ")
    private static let exposed = responseFields.joined(separator: ", ")

    /// Whether a browser only asks what a page may send. It brings no credential.
    static func isPreflight(_ head: HTTPRequestHead) -> Bool {
        head.method == .OPTIONS && head.headers.contains(name: "origin")
            && head.headers.contains(name: "access-control-request-method")
    }

    /// What clients send beside what every page may: those of tus, of the IETF's draft, and ours.
    static let requestFields = [
        "Authorization", "Content-Disposition", "Content-Type", "Idempotency-Key", "If-Match",
        "If-None-Match", "Last-Event-ID", "Range", "Content-Digest", "Repr-Digest",
        "Want-Repr-Digest", "Tus-Resumable", "Upload-Checksum", "Upload-Complete", "Upload-Concat",
        "Upload-Defer-Length", "Upload-Draft-Interop-Version", "Upload-Incomplete", "Upload-Length",
        "Upload-Metadata", "Upload-Offset", "X-HTTP-Method-Override", "X-Request-ID",
        "X-Requested-With",
    ]

    /// What they read.
    static let responseFields = [
        "Accept-Ranges", "Content-Disposition", "Content-Range", "ETag", "Link", "Location",
        "Repr-Digest", "Retry-After", "Tus-Checksum-Algorithm", "Tus-Extension", "Tus-Max-Size",
        "Tus-Resumable", "Tus-Version", "Upload-Complete", "Upload-Concat", "Upload-Defer-Length",
        "Upload-Draft-Interop-Version", "Upload-Expires", "Upload-Length", "Upload-Limit",
        "Upload-Metadata", "Upload-Offset", "Want-Repr-Digest",
    ]
}

/// Answers what a browser asks before a page's request; `CrossOrigin` says the rest.
struct Preflights: RouterMiddleware {
    func handle(
        _ request: Request, context: WebContext,
        next: (Request, WebContext) async throws -> Response
    ) async throws -> Response {
        let isPreflight =
            request.method == .options && request.headers[.origin] != nil
            && request.headers[.accessControlRequestMethod] != nil
        return isPreflight ? Response(status: .noContent) : try await next(request, context)
    }
}
