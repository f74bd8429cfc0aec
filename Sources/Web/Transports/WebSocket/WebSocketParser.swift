// Reads what a WebSocket client sends, strictly by RFC 6455. A value without I/O: bytes go in, whole
// messages and control frames come out, or the reason to close.

package import NIOCore

package struct WebSocketParser {
    package enum Item: Hashable {
        case text(ByteBuffer)
        case binary(ByteBuffer)
        case ping(ByteBuffer)
        case pong(ByteBuffer)
        case close(WebSocketClose)
    }

    /// Bytes a message may have; fragments count together.
    private let limit: Int
    private var input = ByteBuffer()
    /// The frame whose payload is coming.
    private var frame: Frame?
    /// The message whose fragments are coming.
    private var message: Message?
    private var control = ByteBuffer()

    fileprivate struct Frame {
        let opcode: WebSocketFrame.Opcode
        let isFinal: Bool
        let mask: Mask
        /// Payload bytes read and still to come.
        var offset = 0
        var remaining: Int
    }

    fileprivate struct Message {
        let isText: Bool
        var bytes = ByteBuffer()
        var check = UTF8Check()
    }

    package init(limit: Int) { self.limit = limit }

    package mutating func append(_ bytes: ByteBuffer) {
        if input.readableBytes == 0 {
            input = bytes
        } else {
            input.writeImmutableBuffer(bytes)
        }
    }

    /// The next whole item, or nil until more bytes come.
    /// - Throws: why the connection must be closed. The parser is of no use afterwards.
    package mutating func next() throws(WebSocketClose) -> Item? {
        while true {
            if frame == nil {
                frame = try readHeader()
                guard let frame else { break }
                try begin(frame)
            }
            try readPayload()
            guard let done = frame, done.remaining == 0 else { break }
            frame = nil
            if let item = try finish(done) { return item }
        }
        // What is left is at most a header's beginning: keep no receive buffer alive for it.
        input = input.readableBytes == 0 ? ByteBuffer() : ByteBuffer(bytes: input.readableBytesView)
        return nil
    }

    // MARK: Header (section 5.2)

    private mutating func readHeader() throws(WebSocketClose) -> Frame? {
        let start = input
        guard let first: UInt8 = input.readInteger(), let second: UInt8 = input.readInteger()
        else { return rewind(to: start) }
        guard first & 0x70 == 0 else { throw .protocolError("reserved bits are set") }
        guard let opcode = WebSocketFrame.Opcode(rawValue: first & 0x0F) else {
            throw .protocolError("unknown opcode")
        }
        guard second & 0x80 != 0 else { throw .protocolError("frame is not masked") }
        let isFinal = first & 0x80 != 0
        if opcode.isControl, !isFinal || second & 0x7F > 125 {
            throw .protocolError("control frame is fragmented or too long")
        }
        guard let length = try readLength(second & 0x7F), let mask: UInt32 = input.readInteger()
        else { return rewind(to: start) }
        return Frame(opcode: opcode, isFinal: isFinal, mask: Mask(mask), remaining: length)
    }

    private mutating func rewind(to start: ByteBuffer) -> Frame? {
        input = start
        return nil
    }

    private mutating func readLength(_ short: UInt8) throws(WebSocketClose) -> Int? {
        switch short {
        case 126:
            guard let length: UInt16 = input.readInteger() else { return nil }
            guard length > 125 else { throw .protocolError("length is not in its shortest form") }
            return Int(length)
        case 127:
            guard let length: UInt64 = input.readInteger() else { return nil }
            guard length > 65_535 else {
                throw .protocolError("length is not in its shortest form")
            }
            guard let length = Int(exactly: length) else {
                throw .protocolError("length has its highest bit set")
            }
            return length
        default:
            return Int(short)
        }
    }

    /// Checks a frame's place among the fragments (section 5.4) and the size it announces.
    private mutating func begin(_ frame: Frame) throws(WebSocketClose) {
        if frame.opcode.isControl {
            control = ByteBuffer()
            return
        }
        if frame.opcode == .continuation {
            guard message != nil else { throw .protocolError("continuation of nothing") }
        } else {
            guard message == nil else { throw .protocolError("message within a message") }
            message = Message(isText: frame.opcode == .text)
        }
        let before = message?.bytes.readableBytes ?? 0
        guard frame.remaining <= limit - before else { throw .tooBig }
    }

    // MARK: Payload

    private mutating func readPayload() throws(WebSocketClose) {
        guard let current = frame,
            let bytes = input.readSlice(length: min(current.remaining, input.readableBytes))
        else { return }
        frame?.offset += bytes.readableBytes
        frame?.remaining -= bytes.readableBytes
        if current.opcode.isControl {
            current.mask.apply(to: bytes, from: current.offset, into: &control)
        } else if message != nil {
            try message?.add(bytes, current)
        }
    }

    private mutating func finish(_ frame: Frame) throws(WebSocketClose) -> Item? {
        switch frame.opcode {
        case .ping: return .ping(control)
        case .pong: return .pong(control)
        case .close: return .close(try Self.close(control))
        case .text, .binary, .continuation:
            guard frame.isFinal, let whole = message else { return nil }
            message = nil
            guard whole.check.isComplete else { throw .notUTF8 }
            return whole.isText ? .text(whole.bytes) : .binary(whole.bytes)
        }
    }

    /// Section 5.5.1: nothing, or a code and a reason in UTF-8.
    private static func close(_ payload: ByteBuffer) throws(WebSocketClose) -> WebSocketClose {
        var payload = payload
        guard payload.readableBytes > 0 else { return .noStatus }
        guard let code: UInt16 = payload.readInteger(), WebSocketClose.isAllowed(code) else {
            throw .protocolError("close code is not allowed")
        }
        var check = UTF8Check()
        guard check.accepts(payload.readableBytesView), check.isComplete else { throw .notUTF8 }
        return WebSocketClose(code, String(buffer: payload))
    }
}

extension WebSocketParser.Message {
    fileprivate mutating func add(
        _ payload: ByteBuffer, _ frame: WebSocketParser.Frame
    ) throws(WebSocketClose) {
        let old = bytes.readableBytes
        frame.mask.apply(to: payload, from: frame.offset, into: &bytes)
        if isText, !check.accepts(bytes.readableBytesView.dropFirst(old)) { throw .notUTF8 }
    }
}

/// Section 5.3.
private struct Mask {
    private let bytes: (UInt8, UInt8, UInt8, UInt8)

    init(_ key: UInt32) {
        bytes = (
            UInt8(truncatingIfNeeded: key >> 24), UInt8(truncatingIfNeeded: key >> 16),
            UInt8(truncatingIfNeeded: key >> 8), UInt8(truncatingIfNeeded: key)
        )
    }

    /// Appends `payload`, which begins `offset` bytes into its frame, unmasked to `buffer`.
    func apply(to payload: ByteBuffer, from offset: Int, into buffer: inout ByteBuffer) {
        buffer.reserveCapacity(minimumWritableBytes: payload.readableBytes)
        var position = offset
        for byte in payload.readableBytesView {
            buffer.writeInteger(byte ^ key(at: position))
            position &+= 1
        }
    }

    private func key(at position: Int) -> UInt8 {
        switch position & 3 {
        case 0: bytes.0
        case 1: bytes.1
        case 2: bytes.2
        default: bytes.3
        }
    }
}
