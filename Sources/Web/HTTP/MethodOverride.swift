// `X-HTTP-Method-Override`, for those behind a proxy that lets no PATCH or DELETE pass: a POST that
// names another method is that method, before anything else looks at it.

import HTTPTypes
import Hummingbird

struct MethodOverride<Inner: HTTPResponder>: HTTPResponder where Inner.Context == WebContext {
    let inner: Inner

    func respond(to request: Request, context: WebContext) async throws -> Response {
        guard request.method == .post,
            let name = request.headers[.methodOverride]?.uppercased(),
            let method = HTTPRequest.Method(name)
        else { return try await inner.respond(to: request, context: context) }
        var head = request.head
        // The answer to a POST has a body, which an answer to HEAD would only announce.
        head.method = method == .head ? .get : method
        return try await inner.respond(
            to: Request(head: head, body: request.body), context: context)
    }
}
