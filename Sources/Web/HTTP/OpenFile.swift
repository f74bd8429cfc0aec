// A file on its way to a client: read in pieces on a thread that may block, closed whatever
// happens.

import Domain
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import NIOPosix

/// Owns a descriptor: the response may never be written, and then nobody else closes it.
final class OpenFile: Sendable {
    private static let pieceSize = 256 << 10

    let descriptor: Int32
    let size: Int

    init(descriptor: Int32, size: Int) {
        self.descriptor = descriptor
        self.size = size
    }

    deinit { close(descriptor) }

    /// The file or the part of it that `request` asked for.
    /// - Parameters:
    ///   - tag: names the content.
    ///   - cached: `Cache-Control`.
    ///   - content: what is said of the content.
    /// - Throws: `range-not-satisfiable`, `precondition-failed`.
    func response(
        to request: Request, tag: String, cached: String, content: HTTPFields
    ) throws(Refusal) -> Response {
        try FileResponse(size: size, tag: tag, cached: cached, content: content)
            .response(to: request) { body(of: $0, request) }
    }

    private func body(of range: Range<Int>, _ request: Request) -> ResponseBody {
        ResponseBody(contentLength: range.count) { writer in
            if request.method != .head {
                for piece in self.pieces(of: range) {
                    try await writer.write(try await self.bytes(in: piece))
                }
            }
            try await writer.finish(nil)
        }
    }

    /// The range in pieces that are small enough to hold.
    func pieces(of range: Range<Int>) -> some Sequence<Range<Int>> {
        stride(from: range.lowerBound, to: range.upperBound, by: Self.pieceSize).lazy.map {
            $0..<Swift.min($0 + Self.pieceSize, range.upperBound)
        }
    }

    func bytes(in range: Range<Int>) async throws -> ByteBuffer {
        try await NIOThreadPool.singleton.runIfActive { [self] in
            var buffer = ByteBuffer()
            try buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: range.count) { space in
                var done = 0
                while done < range.count {
                    let count = pread(
                        descriptor, space.baseAddress.map { $0 + done }, range.count - done,
                        off_t(range.lowerBound + done))
                    if count < 0, errno == EINTR { continue }
                    guard count > 0 else { throw Problem(.internal, "A stored file is too short.") }
                    done += count
                }
                return done
            }
            return buffer
        }
    }
}
