// A path that is there and a method that is not: 405 with those that are (RFC 9110, section 15.5.6),
// read off the router's own table.

import Domain
import HTTPTypes
import Hummingbird

/// `Allow`, always in the same order.
func allowField(_ methods: some Sequence<HTTPRequest.Method>) -> String {
    methods.map(\.rawValue).sorted().joined(separator: ", ")
}

/// Answers what no route has answered, where a route has its path.
struct MethodNotAllowed: RouterMiddleware {
    private let known: [(path: [RouterPath.Element], methods: [HTTPRequest.Method])]

    /// - Parameter routes: all that the router answers.
    init(_ routes: [Router<WebContext>.RouteDescription]) {
        let byPath = Dictionary(grouping: routes, by: \.path.description)
        known = byPath.values.compactMap { some in
            // `/**` matches every path, so it says nothing about the methods of one.
            guard let path = some.first.map({ Array($0.path) }), path.last?.description != "**"
            else { return nil }
            var methods = Set(some.map(\.method))
            // The router answers HEAD wherever it answers GET.
            if methods.contains(.get) { methods.insert(.head) }
            return (path, Array(methods))
        }
    }

    func handle(
        _ request: Request, context: WebContext,
        next: (Request, WebContext) async throws -> Response
    ) async throws -> Response {
        let path = request.uri.path.split(separator: "/")
        guard let match = known.first(where: { matches($0.path, path) }) else {
            return try await next(request, context)
        }
        return Problem(.methodNotAllowed).response(adding: [.allow: allowField(match.methods)])
    }

    private func matches(_ route: [RouterPath.Element], _ path: [Substring]) -> Bool {
        route.count == path.count && zip(route, path).allSatisfy { part, text in part ~= text }
    }
}
