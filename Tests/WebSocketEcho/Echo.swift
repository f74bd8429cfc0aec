// Says back what it is told over Web's WebSocket protocol, so that a conformance suite can judge
// the protocol without what Revela says over it.

import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import Web

@main
enum Echo {
    /// `WebSocketEcho PORT`, on loopback, until it is killed. 0 is any free port; it is printed.
    static func main() async throws {
        let port = CommandLine.arguments.dropFirst().first.flatMap { Int($0) } ?? 0
        let server = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .serverChannelOption(.backlog, value: 256)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let encoder = HTTPResponseEncoder()
                    let decoder = ByteToMessageHandler(
                        HTTPRequestDecoder(leftOverBytesStrategy: .forwardBytes))
                    try channel.pipeline.syncOperations.addHandlers(
                        encoder, decoder, Doorman(encoder, decoder))
                }
            }
            .bind(host: "127.0.0.1", port: port).get()
        let printed = "listening on \(server.localAddress?.port ?? port)\n"
        try FileHandle.standardOutput.write(contentsOf: Data(printed.utf8))
        try await server.closeFuture.get()
    }
}

/// Opens every connection's WebSocket, and closes what asks for something else.
private final class Doorman: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let encoder: HTTPResponseEncoder
    private let decoder: ByteToMessageHandler<HTTPRequestDecoder>
    private var head: HTTPRequestHead?

    init(_ encoder: HTTPResponseEncoder, _ decoder: ByteToMessageHandler<HTTPRequestDecoder>) {
        self.encoder = encoder
        self.decoder = decoder
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head): self.head = head
        case .body: break
        case .end: open(context)
        }
    }

    private func open(_ context: ChannelHandlerContext) {
        do {
            guard let head else { return }
            let headers = try WebSocketHandshake.accept(head, on: context.channel)
            let answer = HTTPResponseHead(
                version: .http1_1, status: .switchingProtocols, headers: headers)
            context.writeAndFlush(wrapOutboundOut(.head(answer)), promise: nil)
            let pipeline = context.pipeline.syncOperations
            let socket = WebSocketHandler(messageBytes: 32 << 20, linger: .seconds(1))
            try pipeline.addHandlers([socket, EchoHandler()], position: .after(self))
            pipeline.removeHandler(encoder, promise: nil)
            pipeline.removeHandler(decoder, promise: nil)
            pipeline.removeHandler(context: context, promise: nil)
        } catch {
            context.close(promise: nil)
        }
    }
}

private final class EchoHandler: ChannelInboundHandler {
    typealias InboundIn = WebSocketMessage
    typealias OutboundOut = ByteBuffer

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let frame: ByteBuffer
        switch unwrapInboundIn(data) {
        case .text(let bytes): frame = WebSocketFrame.encode(.text, bytes)
        case .binary(let bytes): frame = WebSocketFrame.encode(.binary, bytes)
        case .alive: return
        }
        context.writeAndFlush(wrapOutboundOut(frame), promise: nil)
    }
}
