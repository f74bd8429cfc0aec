// The opening handshake of RFC 6455, section 4.2, for a request that asks for a WebSocket.

package import Domain
import Foundation
package import NIOCore
package import NIOHTTP1
import NIOWebSocket

package enum WebSocketHandshake {
    static let subprotocol = "revela.v1"

    /// RFC 6455, section 4.4: a client of another version learns which one is spoken here.
    static func isOurVersion(_ head: HTTPRequestHead) -> Bool {
        head.headers[canonicalForm: "sec-websocket-version"].contains("13")
    }

    static let otherVersion: EventsAnswer = {
        var answer = EventsAnswer(
            refusing: Problem(
                .badRequest, "Only version 13 of the WebSocket protocol is spoken here."))
        answer.headers.add(name: "sec-websocket-version", value: "13")
        return answer
    }()

    /// The headers of the `101` answer.
    /// - Throws: `bad-request` where the request is no handshake, or offers only protocols that are
    ///   not ours.
    package static func accept(_ head: HTTPRequestHead, on channel: any Channel) throws(Problem)
        -> HTTPHeaders
    {
        guard head.version != .http1_0,
            head.headers[canonicalForm: "connection"].contains(where: {
                $0.lowercased() == "upgrade"
            })
        else { throw Problem(.badRequest, "A WebSocket needs HTTP/1.1 and Connection: Upgrade.") }
        let offered = head.headers[canonicalForm: "sec-websocket-protocol"]
        guard offered.isEmpty || offered.contains(subprotocol[...]) else {
            throw Problem(.badRequest, "The only subprotocol here is \(subprotocol).")
        }
        var headers = HTTPHeaders()
        if !offered.isEmpty { headers.add(name: "sec-websocket-protocol", value: subprotocol) }
        return try addKey(to: headers, head, channel)
    }

    /// NIO's upgrader knows the key's digest; only its answer is used.
    private static func addKey(
        to headers: HTTPHeaders, _ head: HTTPRequestHead, _ channel: any Channel
    ) throws(Problem) -> HTTPHeaders {
        guard let key = head.headers.first(name: "sec-websocket-key"),
            Data(base64Encoded: key)?.count == 16
        else { throw Problem(.badRequest, "Sec-WebSocket-Key is missing or malformed.") }
        let upgrader = NIOWebSocketServerUpgrader(
            shouldUpgrade: { channel, _ in channel.eventLoop.makeSucceededFuture(headers) },
            upgradePipelineHandler: { channel, _ in channel.eventLoop.makeSucceededVoidFuture() })
        var answer: HTTPHeaders?
        upgrader.buildUpgradeResponse(
            channel: channel, upgradeRequest: head, initialResponseHeaders: [:]
        ).assumeIsolated().whenSuccess { answer = $0 }
        guard let answer else { throw Problem(.badRequest, "This is not a WebSocket handshake.") }
        return answer
    }
}
