// HTTP/1.1 by hand: a test can stop in the middle of a body, see interim responses, and send what
// no client library would.

import Foundation
import NIOCore
import NIOPosix

/// Used by one task at a time.
final class Connection {
    private let writer: NIOAsyncChannelOutboundWriter<ByteBuffer>
    private var reader: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator
    private var buffer = ByteBuffer()
    private let channel: any Channel

    private init(
        _ channel: any Channel, _ inbound: NIOAsyncChannelInboundStream<ByteBuffer>,
        _ outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
    ) {
        self.channel = channel
        writer = outbound
        reader = inbound.makeAsyncIterator()
    }

    static func open<Value: Sendable>(
        _ port: Int, _ body: (Connection) async throws -> Value
    ) async throws -> Value {
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(
                        wrappingChannelSynchronously: channel)
                }
            }
        return try await channel.executeThenClose { inbound, outbound in
            try await body(Connection(channel.channel, inbound, outbound))
        }
    }

    func send(_ bytes: some Sequence<UInt8>) async throws {
        try await writer.write(ByteBuffer(bytes: bytes))
    }

    func send(_ text: String) async throws { try await send(text.utf8) }

    /// A head, with the length of `body` unless the headers say how it is framed, and the body.
    func send(
        _ method: String, _ path: String, _ headers: [String: String] = [:], body: [UInt8] = []
    ) async throws {
        var headers = headers
        let isFramed = headers["Content-Length"] != nil || headers["Transfer-Encoding"] != nil
        if !isFramed, !body.isEmpty || method != "HEAD" {
            headers["Content-Length"] = String(body.count)
        }
        let lines = headers.map { "\($0): \($1)\r\n" }.joined()
        try await send("\(method) \(path) HTTP/1.1\r\nHost: 127.0.0.1\r\n\(lines)\r\n")
        if !body.isEmpty { try await send(body) }
    }

    /// Drops the connection in the middle, as a client that dies does.
    func drop() async throws { try await channel.close() }

    /// The next answer that is not interim.
    func answer(to method: String = "GET") async throws -> Answer {
        while true {
            let answer = try await next(to: method)
            if answer.status >= 200 { return answer }
        }
    }

    /// The next answer, interim ones too.
    func next(to method: String = "GET") async throws -> Answer {
        while true {
            if let answer = Answer(parsing: &buffer, to: method) { return answer }
            guard var more = try await reader.next() else { throw ConnectionClosed() }
            buffer.writeBuffer(&more)
        }
    }

    /// Returns once the server has closed the connection.
    func untilClosed() async throws {
        while let _ = try await reader.next() {}
    }
}

struct ConnectionClosed: Error {}

struct Answer: Sendable {
    let status: Int
    private let headers: [(name: String, value: String)]
    let body: String

    /// A header by name; several are joined by a comma.
    subscript(name: String) -> String? {
        let values = headers.filter { $0.name == name.lowercased() }.map(\.value)
        return values.isEmpty ? nil : values.joined(separator: ", ")
    }

    /// Takes a whole answer out of `buffer`, or leaves it as it is.
    init?(parsing buffer: inout ByteBuffer, to method: String) {
        let text = String(buffer: buffer)
        guard let end = text.range(of: "\r\n\r\n") else { return nil }
        let lines = text[..<end.lowerBound].split(separator: "\r\n")
        guard let status = lines.first?.split(separator: " ").dropFirst().first.flatMap({ Int($0) })
        else { return nil }
        headers = lines.dropFirst().map { line in
            let parts = line.split(separator: ":", maxSplits: 1)
            return (
                parts[0].lowercased(),
                parts.count > 1 ? String(parts[1].drop(while: \.isWhitespace)) : ""
            )
        }
        self.status = status
        let length = headers.first { $0.name == "content-length" }.flatMap { Int($0.value) } ?? 0
        let hasBody = method != "HEAD" && status >= 200 && status != 204
        let head = text[..<end.upperBound].utf8.count
        guard
            let body = buffer.getString(at: buffer.readerIndex + head, length: hasBody ? length : 0)
        else { return nil }
        self.body = body
        buffer.moveReaderIndex(forwardBy: head + (hasBody ? length : 0))
    }
}
