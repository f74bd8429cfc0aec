// A client that knows HTTP, event streams and WebSocket only as bytes, so that a test sees what
// really comes.

import Domain
import NIOCore
import NIOPosix

struct WireError: Error, CustomStringConvertible {
    let description: String
}

final class Wire {
    private let outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
    private var inbound: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator
    private(set) var bytes = ByteBuffer()

    fileprivate init(
        _ inbound: NIOAsyncChannelInboundStream<ByteBuffer>,
        _ outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
    ) {
        self.inbound = inbound.makeAsyncIterator()
        self.outbound = outbound
    }

    func send(_ text: String) async throws { try await send(ByteBuffer(string: text)) }

    func send(_ buffer: ByteBuffer) async throws { try await outbound.write(buffer) }

    /// Says that nothing more will be sent; answers can still be read.
    func finish() { outbound.finish() }

    /// Reads more; false at the end of the connection.
    func readMore() async throws -> Bool {
        do {
            guard let more = try await inbound.next() else { return false }
            bytes.writeImmutableBuffer(more)
            return true
        } catch is IOError {
            return false
        }
    }

    /// Returns when the peer has closed, with all that came before.
    func readToEnd() async throws -> String {
        while try await readMore() {}
        return bytes.readString(length: bytes.readableBytes) ?? ""
    }

    func take(_ count: Int) async throws -> ByteBuffer {
        while bytes.readableBytes < count {
            guard try await readMore() else { throw WireError(description: "closed too soon") }
        }
        return bytes.readSlice(length: count) ?? ByteBuffer()
    }

    /// What comes before `mark`, which is taken too.
    func take(until mark: String) async throws -> String {
        let mark = Array(mark.utf8)
        var searched = 0
        while true {
            if let count = distance(to: mark, from: searched) {
                let found = bytes.readString(length: count)
                bytes.moveReaderIndex(forwardBy: mark.count)
                return found ?? ""
            }
            searched = max(0, bytes.readableBytes - mark.count)
            guard try await readMore() else {
                throw WireError(description: "closed too soon, after \(String(buffer: bytes))")
            }
        }
    }

    private func distance(to mark: [UInt8], from start: Int) -> Int? {
        bytes.withUnsafeReadableBytes { bytes in
            guard start + mark.count <= bytes.count else { return nil }
            return (start...(bytes.count - mark.count)).first { position in
                mark.indices.allSatisfy { bytes[position + $0] == mark[$0] }
            }
        }
    }
}

/// Opens a connection for the length of `body`.
func withWire<Result: Sendable>(
    _ fixture: Fixture, receiveBuffer: Int? = nil,
    _ body: (Wire) async throws -> Result
) async throws -> Result {
    var bootstrap = ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
        .channelOption(.allowRemoteHalfClosure, value: true)
    if let receiveBuffer {
        bootstrap = bootstrap.channelOption(.socketOption(.so_rcvbuf), value: receiveBuffer)
    }
    let channel = try await bootstrap.connect(host: "127.0.0.1", port: fixture.port) { channel in
        channel.eventLoop.makeCompletedFuture {
            try NIOAsyncChannel<ByteBuffer, ByteBuffer>(
                wrappingChannelSynchronously: channel,
                configuration: .init(isOutboundHalfClosureEnabled: true))
        }
    }
    return try await channel.executeThenClose { inbound, outbound in
        try await body(Wire(inbound, outbound))
    }
}

/// A connection that reads only what is asked for: nothing, once its buffers are full.
func withStoppedWire<Result: Sendable>(
    _ fixture: Fixture, onClose: @escaping @Sendable () -> Void,
    _ body: (Wire) async throws -> Result
) async throws -> Result {
    let bootstrap = ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
        .channelOption(.socketOption(.so_rcvbuf), value: 4_096)
    let channel = try await bootstrap.connect(host: "127.0.0.1", port: fixture.port) { channel in
        channel.closeFuture.whenComplete { _ in onClose() }
        return channel.eventLoop.makeCompletedFuture {
            try NIOAsyncChannel<ByteBuffer, ByteBuffer>(
                wrappingChannelSynchronously: channel,
                configuration: .init(backPressureStrategy: .init(lowWatermark: 1, highWatermark: 2))
            )
        }
    }
    return try await channel.executeThenClose { inbound, outbound in
        try await body(Wire(inbound, outbound))
    }
}

// MARK: HTTP

struct Answer: Sendable {
    let status: Int
    let headers: [String: String]
    var body = ""

    func json() throws -> JSON { try JSON(parsing: body) }
}

extension Wire {
    /// Sends a GET and reads its whole answer.
    func get(_ path: String, _ headers: [String: String] = [:]) async throws -> Answer {
        try await request("GET", path, headers)
        return try await answer()
    }

    func request(
        _ method: String, _ path: String, _ headers: [String: String] = [:], version: String = "1.1"
    ) async throws {
        let fields = (["Host": "test"].merging(headers) { $1 }).map { "\($0): \($1)\r\n" }.joined()
        try await send("\(method) \(path) HTTP/\(version)\r\n\(fields)\r\n")
    }

    func head() async throws -> Answer {
        let lines = try await take(until: "\r\n\r\n").split(separator: "\r\n")
        let status = lines.first?.split(separator: " ").dropFirst().first.flatMap { Int($0) }
        var headers: [String: String] = [:]
        for line in lines.dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1)
            headers[parts[0].lowercased()] = String(parts.dropFirst().first ?? "").trimmed
        }
        return Answer(status: status ?? 0, headers: headers)
    }

    /// A head and a body of known length.
    func answer(withoutBody: Bool = false) async throws -> Answer {
        var answer = try await head()
        if !withoutBody, let length = answer.headers["content-length"].flatMap({ Int($0) }) {
            answer.body = String(buffer: try await take(length))
        }
        return answer
    }
}

extension String {
    fileprivate var trimmed: String {
        String(drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
    }
}

// MARK: Event streams

struct StreamEvent: Sendable, Hashable {
    var name = ""
    var id: String?
    var data = ""

    func json() throws -> JSON { try JSON(parsing: data) }
}

/// The events of an SSE answer, whose head was read already.
final class EventReader {
    private let wire: Wire
    private let isChunked: Bool
    private var text = ""
    private(set) var retry: String?

    init(_ wire: Wire, isChunked: Bool = true) {
        self.wire = wire
        self.isChunked = isChunked
    }

    /// The next event, or nil at the proper end of the stream.
    func next() async throws -> StreamEvent? {
        while true {
            while let end = text.firstRange(of: "\n\n") {
                let block = text[..<end.lowerBound].split(separator: "\n")
                text = String(text[end.upperBound...])
                if let event = parse(block) { return event }
            }
            guard let more = try await readMore() else { return nil }
            text += more
        }
    }

    /// The next change; heartbeats and live values may come before it.
    func nextChange() async throws -> StreamEvent? {
        while let event = try await next() {
            if event.name == "change" { return event }
        }
        return nil
    }

    private func readMore() async throws -> String? {
        guard isChunked else {
            guard try await wire.readMore() else { return nil }
            return String(buffer: try await wire.take(wire.bytes.readableBytes))
        }
        let size = Int(try await wire.take(until: "\r\n"), radix: 16)
        guard let size else { throw WireError(description: "not a chunk") }
        let chunk = String(buffer: try await wire.take(size))
        _ = try await wire.take(until: "\r\n")
        return size == 0 ? nil : chunk
    }

    private func parse(_ lines: [Substring]) -> StreamEvent? {
        var event = StreamEvent()
        for line in lines {
            let parts = line.split(separator: ":", maxSplits: 1)
            let value = String(parts.dropFirst().first?.drop { $0 == " " } ?? "")
            switch parts[0] {
            case "event": event.name = value
            case "id": event.id = value
            case "data": event.data += (event.data.isEmpty ? "" : "\n") + value
            case "retry": retry = value
            default: break
            }
        }
        return event.data.isEmpty ? nil : event
    }
}

// MARK: WebSocket

struct ServerFrame: Sendable {
    let opcode: UInt8
    let isFinal: Bool
    var payload: ByteBuffer

    var text: String { String(buffer: payload) }
    var closeCode: UInt16? { payload.getInteger(at: payload.readerIndex) }
}

extension Wire {
    /// Asks for a WebSocket and reads the answer's head.
    func upgrade(_ path: String, _ headers: [String: String] = [:]) async throws -> Answer {
        let handshake = [
            "Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Protocol": "revela.v1",
        ]
        try await request("GET", path, handshake.merging(headers) { $1 })
        return try await head()
    }

    func send(frame opcode: UInt8, _ payload: ByteBuffer, isFinal: Bool = true) async throws {
        try await send(maskedFrame(opcode, payload, isFinal: isFinal))
    }

    func send(command: String) async throws {
        try await send(frame: 1, ByteBuffer(string: command))
    }

    func frame() async throws -> ServerFrame {
        var head = try await take(2)
        let first: UInt8 = head.readInteger() ?? 0
        let second: UInt8 = head.readInteger() ?? 0
        var length = Int(second)
        if second == 126 {
            var more = try await take(2)
            length = Int(more.readInteger(as: UInt16.self) ?? 0)
        } else if second == 127 {
            var more = try await take(8)
            length = Int(more.readInteger(as: UInt64.self) ?? 0)
        }
        return ServerFrame(
            opcode: first & 0x0F, isFinal: first & 0x80 != 0, payload: try await take(length))
    }

    /// The next text message; pings are answered, nil is a close frame.
    func message() async throws -> JSON? {
        var text = ""
        while true {
            let frame = try await frame()
            switch frame.opcode {
            case 0, 1:
                text += frame.text
                if frame.isFinal { return try JSON(parsing: text) }
            case 8: return nil
            case 9: try await send(frame: 10, frame.payload)
            default: break
            }
        }
    }

    /// The next message of `type`.
    func message(_ type: String) async throws -> JSON {
        while let message = try await message() {
            if message["type"]?.stringValue == type { return message }
        }
        throw WireError(description: "closed before a \(type)")
    }

    /// The code of the close frame that comes next, after any other frames.
    func closeCode() async throws -> UInt16? {
        while true {
            let frame = try await frame()
            if frame.opcode == 8 { return frame.closeCode }
        }
    }
}

/// A frame as clients must send it (RFC 6455, section 5.3).
func maskedFrame(
    _ opcode: UInt8, _ payload: ByteBuffer, isFinal: Bool = true, key: UInt32 = 0x1234_5678
) -> ByteBuffer {
    var frame = ByteBuffer()
    frame.writeInteger((isFinal ? 0x80 : 0) | opcode)
    switch payload.readableBytes {
    case ..<126: frame.writeInteger(0x80 | UInt8(payload.readableBytes))
    case ..<65_536:
        frame.writeInteger(UInt8(0x80 | 126))
        frame.writeInteger(UInt16(payload.readableBytes))
    default:
        frame.writeInteger(UInt8(0x80 | 127))
        frame.writeInteger(UInt64(payload.readableBytes))
    }
    frame.writeInteger(key)
    for (index, byte) in payload.readableBytesView.enumerated() {
        frame.writeInteger(byte ^ UInt8(truncatingIfNeeded: key >> UInt32(24 - 8 * (index & 3))))
    }
    return frame
}
