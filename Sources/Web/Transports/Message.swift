// What a stream says, and how it looks on the wire. SSE and WebSocket say the same things in the
// same words; each is written once for all who get it. A reset is as long as its document, and goes
// out piece by piece: see Outgoing.

import Domain
import Foundation
import NIOCore

enum Message {
    /// The first of a stream: it starts after `cursor`, or with a reset to it. It also tells the
    /// time, so that a reader can say how late an event comes.
    case hello(Cursor, heartbeatMs: Int64)
    case change(Cursor, Event)
    /// The live values as JSON text.
    case live(String)
    case heartbeat
    case end(End)

    /// Why a stream ends.
    enum End: Equatable {
        case settled, deleted
        /// The server stops; come back after so many milliseconds.
        case shutdown(retryAfterMs: Int)
        /// The server cannot read the batch right now.
        case unavailable(retryAfterMs: Int)
    }

    fileprivate var name: String {
        switch self {
        case .hello: "hello"
        case .change: "change"
        case .live: "live"
        case .heartbeat: "heartbeat"
        case .end: "end"
        }
    }

    /// The cursor a reader stands at after this; nothing else moves it.
    fileprivate var position: Cursor? {
        switch self {
        case .change(let cursor, _): cursor
        case .hello, .live, .heartbeat, .end: nil
        }
    }

    /// The members of the message's JSON object, without its braces.
    fileprivate var members: String {
        switch self {
        case .hello(let cursor, let heartbeat):
            "\"cursor\":\"\(cursor)\",\"at\":\"\(Date.now.timestamp)\",\"heartbeatMs\":\(heartbeat)"
        case .change(let cursor, let event): "\"cursor\":\"\(cursor)\",\"event\":\(event.text)"
        case .live(let text): "\"live\":\(text)"
        case .heartbeat: ""
        case .end(let end): end.members
        }
    }
}

extension Message.End {
    fileprivate var members: String {
        switch self {
        case .settled: "\"reason\":\"settled\""
        case .deleted: "\"reason\":\"deleted\""
        case .shutdown(let wait): "\"reason\":\"shutdown\",\"retryAfterMs\":\(wait)"
        case .unavailable(let wait): "\"reason\":\"unavailable\",\"retryAfterMs\":\(wait)"
        }
    }
}

extension Message.End {
    /// What a stream says of a log that cannot be read.
    init(_ error: any Error) {
        switch (error as? Problem)?.code {
        case .noSuchBatch, .batchDeleted: self = .deleted
        default: self = .unavailable(retryAfterMs: Int.random(in: 1_000...5_000))
        }
    }
}

/// How messages are framed on a connection.
enum WireForm: Int, CaseIterable {
    /// SSE in chunks of HTTP/1.1.
    case eventStream
    /// SSE for HTTP/1.0, which ends with the connection.
    case plainEventStream
    case webSocket

    func encode(_ messages: Message...) -> ByteBuffer { encode(messages[...]) }

    func encode(_ messages: ArraySlice<Message>) -> ByteBuffer {
        var body = ByteBuffer()
        for message in messages { write(message, to: &body) }
        return self == .eventStream ? Self.chunk(body) : body
    }

    private func write(_ message: Message, to buffer: inout ByteBuffer) {
        switch self {
        case .eventStream, .plainEventStream:
            Self.writeEvent(message, to: &buffer)
        case .webSocket:
            let members = message.members
            let text = "{\"type\":\"\(message.name)\"\(members.isEmpty ? "" : ",")\(members)}"
            WebSocketFrame.write(.text, ByteBuffer(string: text), to: &buffer)
        }
    }

    /// One event of the WHATWG's event stream format. The id comes last: a client that takes it when
    /// it reads its line must have read the data by then, or a cut between the two loses the event.
    private static func writeEvent(_ message: Message, to buffer: inout ByteBuffer) {
        buffer.writeString("event: \(message.name)\n")
        let data =
            if case .change(_, let event) = message { event.text } else { "{\(message.members)}" }
        for line in data.split(separator: "\n", omittingEmptySubsequences: false) {
            buffer.writeString("data: ")
            buffer.writeSubstring(line)
            buffer.writeString("\n")
        }
        if let position = message.position { buffer.writeString("id: \(position)\n") }
        buffer.writeString("\n")
    }

    /// RFC 9112, section 7.1.
    static func chunk(_ body: ByteBuffer) -> ByteBuffer {
        var chunk = ByteBuffer()
        chunk.reserveCapacity(body.readableBytes + 12)
        chunk.writeString(String(body.readableBytes, radix: 16))
        chunk.writeString("\r\n")
        chunk.writeImmutableBuffer(body)
        chunk.writeString("\r\n")
        return chunk
    }
}

/// Events that go to several subscribers, encoded at most once for each wire form.
final class Burst {
    /// A stretch of the burst in one buffer, and the number of its last event.
    struct Piece {
        let bytes: ByteBuffer
        let seq: Int
    }

    /// Pieces stay small, so that a slow reader is never far ahead of its socket.
    private static let pieceBytes = 16 << 10

    private let epoch: String
    private let events: [Event]
    private var encoded: [WireForm: [Piece]] = [:]

    init(_ events: [Event], epoch: String) {
        self.events = events
        self.epoch = epoch
    }

    func pieces(_ form: WireForm) -> [Piece] {
        if let pieces = encoded[form] { return pieces }
        var pieces: [Piece] = []
        var next = events[...]
        while let last = Self.endOfPiece(next) {
            let messages = next[...last].map { event in
                Message.change(Cursor(epoch: epoch, seq: event.seq), event)
            }
            pieces.append(Piece(bytes: form.encode(messages[...]), seq: next[last].seq))
            next = next[(last + 1)...]
        }
        encoded[form] = pieces
        return pieces
    }

    private static func endOfPiece(_ events: ArraySlice<Event>) -> Int? {
        guard !events.isEmpty else { return nil }
        var bytes = 0
        for (index, event) in zip(events.indices, events) {
            bytes += event.text.utf8.count
            if bytes >= pieceBytes { return index }
        }
        return events.endIndex - 1
    }
}
