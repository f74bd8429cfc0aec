// What a request wants to be true before anything is done (RFC 9110, section 13), where there is no
// file that could see to it by itself.

import Domain
import HTTPTypes
import Hummingbird

/// `If-Match` of what has no tag: none matches, so a change is not made and nothing is shown.
struct Preconditions: RouterMiddleware {
    func handle(
        _ request: Request, context: WebContext,
        next: (Request, WebContext) async throws -> Response
    ) async throws -> Response {
        guard let wanted = request.headers[.ifMatch], !isAny(wanted) else {
            return try await next(request, context)
        }
        guard [.get, .head, .options].contains(request.method) else {
            throw Problem(.preconditionFailed)
        }
        let response = try await next(request, context)
        guard response.status.kind != .successful || response.headers[.eTag] != nil else {
            throw Problem(.preconditionFailed)
        }
        return response
    }

    private func isAny(_ tags: String) -> Bool { tags.filter { !$0.isWhitespace } == "*" }
}

/// A token that was never given to anybody is refused wherever it is shown, so that who holds one
/// learns it at once. Pages have none, whatever a proxy in front passes on.
struct TokensOfOurs: RouterMiddleware {
    let access: Access

    func handle(
        _ request: Request, context: WebContext,
        next: (Request, WebContext) async throws -> Response
    ) async throws -> Response {
        let path = request.uri.path
        if path.hasPrefix("/api/") || path == "/files" {
            let request = try request.withGrantFromMetadata()
            try access.requireTokenOfOurs(request.head, from: context.peer)
            return try await next(request, context)
        }
        return try await next(request, context)
    }
}
