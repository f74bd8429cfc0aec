// Keeps the trailer of the last request for whoever reads its body: Hummingbird hands on only the
// bytes. One in each connection, behind the HTTP decoder.

import HTTPTypes
import NIOCore
import NIOHTTPTypes

final class TrailerKeeper: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart

    private var trailer: HTTPFields?

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head: trailer = nil
        case .body: break
        case .end(let fields): trailer = fields
        }
        context.fireChannelRead(data)
    }

    /// The trailer behind the body that has just been read to its end.
    static func trailer(on channel: any Channel) async throws -> HTTPFields? {
        try await channel.eventLoop.submit {
            try channel.pipeline.syncOperations.handler(type: TrailerKeeper.self).trailer
        }.get()
    }
}
