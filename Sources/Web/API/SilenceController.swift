// An answer that does not come for a while. Who waits for it learns how long the way to this server
// bears a connection on which nothing is said: streams have their heartbeats, and would never show.

import Domain
import Hummingbird
import ServiceLifecycle
import Synchronization

final class SilenceController: Sendable {
    /// Seconds; longer than proxies wait as they are installed.
    static let longest = 120
    /// Each is a connection and a timer, also when its client has left.
    static let atOnce = 32

    private let kept = Mutex(0)

    /// `GET /api/silence?seconds=60`: 204 after so many seconds, or as soon as the server stops.
    @Sendable func keep(_ request: Request, context: WebContext) async throws -> Response {
        let asked = request.uri.queryParameters["seconds"].flatMap { Int($0) }
        guard let seconds = asked, (1...Self.longest).contains(seconds) else {
            throw Problem(
                .badRequest, "seconds must be a whole number from 1 to \(Self.longest).",
                limit: Self.longest, actual: asked)
        }
        try enter()
        defer { kept.withLock { $0 -= 1 } }
        await cancelWhenGracefulShutdown {
            do {
                try await Task.sleep(for: .seconds(seconds))
            } catch {
                // The server stops: the answer comes now.
            }
        }
        return Response(status: .noContent, headers: [.cacheControl: "no-store"])
    }

    private func enter() throws {
        try kept.withLock { kept in
            guard kept < Self.atOnce else {
                throw Problem(.tooManyRequests, limit: Self.atOnce, actual: kept + 1)
            }
            kept += 1
        }
    }
}
