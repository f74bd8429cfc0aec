// Frames of RFC 6455, as this end writes them: never masked.

package import NIOCore

package enum WebSocketFrame {
    package enum Opcode: UInt8, Sendable {
        case continuation = 0x0
        case text = 0x1
        case binary = 0x2
        case close = 0x8
        case ping = 0x9
        case pong = 0xA

        /// Section 5.5: control frames are short and whole, and may come between fragments.
        package var isControl: Bool { rawValue & 0x8 != 0 }
    }

    /// Appends one frame (section 5.2).
    /// - Parameter isFinal: whether it is the last of its message, or the only one.
    package static func write(
        _ opcode: Opcode, _ payload: ByteBuffer, isFinal: Bool = true, to buffer: inout ByteBuffer
    ) {
        let count = payload.readableBytes
        buffer.reserveCapacity(minimumWritableBytes: count + 10)
        buffer.writeInteger((isFinal ? 0x80 : 0) | opcode.rawValue)
        switch count {
        case ..<126:
            buffer.writeInteger(UInt8(count))
        case ..<65_536:
            buffer.writeInteger(UInt8(126))
            buffer.writeInteger(UInt16(count))
        default:
            buffer.writeInteger(UInt8(127))
            buffer.writeInteger(UInt64(count))
        }
        buffer.writeImmutableBuffer(payload)
    }

    package static func encode(_ opcode: Opcode, _ payload: ByteBuffer = ByteBuffer()) -> ByteBuffer
    {
        var buffer = ByteBuffer()
        write(opcode, payload, to: &buffer)
        return buffer
    }
}

/// Why a WebSocket is closed: the codes of section 7.4.1 that this server sends or accepts.
package struct WebSocketClose: Error, Hashable, Sendable {
    package let code: UInt16
    package let reason: String

    package init(_ code: UInt16, _ reason: String = "") {
        self.code = code
        self.reason = reason
    }

    package static let normal = WebSocketClose(1000)
    package static let goingAway = WebSocketClose(1001)
    /// No code was given; never on the wire.
    package static let noStatus = WebSocketClose(1005)

    package static func protocolError(_ reason: String) -> Self { Self(1002, reason) }
    package static func unsupportedData(_ reason: String) -> Self { Self(1003, reason) }
    package static let notUTF8 = WebSocketClose(1007, "text that is not UTF-8")
    package static func policy(_ reason: String) -> Self { Self(1008, reason) }
    package static let tooBig = WebSocketClose(1009, "the message is too big")
    package static let unavailable = WebSocketClose(1013, "try again later")

    /// Which codes may come in a frame: the registered ones and those for libraries and
    /// applications (section 7.4.2).
    package static func isAllowed(_ code: UInt16) -> Bool {
        switch code {
        case 1000...1003, 1007...1014, 3000...4999: true
        default: false
        }
    }

    package var frame: ByteBuffer {
        guard self != .noStatus else { return WebSocketFrame.encode(.close) }
        var payload = ByteBuffer()
        payload.writeInteger(code)
        payload.writeString(reason)
        return WebSocketFrame.encode(.close, payload)
    }
}
