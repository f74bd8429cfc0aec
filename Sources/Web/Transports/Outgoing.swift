// A long text on its way out: what stands before a document, the document, and what stands behind
// it. It is copied piece by piece, as the peer takes it, so that one who takes nothing costs a place
// in a text that others hold, too.

import Domain
import NIOCore

struct Outgoing {
    /// Bytes of a piece, but for what stands before and behind: with them and its frame it fills a
    /// buffer of 64 KiB, and NIO's buffers have a power of two.
    private static let pieceBytes = 63 << 10

    private var before: ByteBuffer
    private let document: Document
    private let behind: ByteBuffer
    /// Bytes of the document that were copied.
    private var position = 0
    private(set) var isWhole = false

    init(before: String, _ document: Document, behind: String) {
        self.before = ByteBuffer(string: before)
        self.document = document
        self.behind = ByteBuffer(string: behind)
    }

    /// Bytes of all pieces.
    var count: Int { before.readableBytes + document.text.utf8.count + behind.readableBytes }

    /// The next piece; nil after the last.
    mutating func next() -> ByteBuffer? {
        guard !isWhole else { return nil }
        let text = document.text.utf8
        let start = text.index(text.startIndex, offsetBy: position)
        let end = text.index(start, offsetBy: Self.pieceBytes, limitedBy: text.endIndex)
        var piece = before
        before = ByteBuffer()
        position += piece.writeBytes(text[start..<(end ?? text.endIndex)])
        isWhole = position == text.count
        if isWhole { piece.writeImmutableBuffer(behind) }
        return piece
    }
}

extension Outgoing {
    /// A reset as the body of an event or message; `WireForm` frames its pieces.
    init(reset document: Document, _ form: WireForm) {
        let members = "\"document\":"
        let cursor = ",\"cursor\":\"\(document.cursor)\"}"
        switch form {
        case .eventStream, .plainEventStream:
            // A document is written without line ends, so it is one line of data.
            self.init(
                before: "id: \(document.cursor)\nevent: reset\ndata: {\(members)", document,
                behind: cursor + "\n\n")
        case .webSocket:
            self.init(before: "{\"type\":\"reset\",\(members)", document, behind: cursor)
        }
    }

    /// The next piece as it goes out on a stream: a chunk, or a fragment of the message.
    mutating func next(_ form: WireForm) -> ByteBuffer? {
        let isFirst = position == 0
        guard let piece = next() else { return nil }
        switch form {
        case .eventStream: return WireForm.chunk(piece)
        case .plainEventStream: return piece
        case .webSocket:
            var frame = ByteBuffer()
            WebSocketFrame.write(
                isFirst ? .text : .continuation, piece, isFinal: isWhole, to: &frame)
            return frame
        }
    }
}
