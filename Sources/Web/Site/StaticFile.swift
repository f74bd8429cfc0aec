// A file of the pages in memory, with its gzip where that is worth sending.

import CZlib
import Foundation
import HTTPTypes
import Hashing
import NIOCore

struct StaticFile: Sendable {
    /// Bytes as they are sent, and the tag of just these.
    struct Form: Sendable {
        let bytes: ByteBuffer
        let tag: String
    }

    let plain: Form
    /// Nil where it saves less than a tenth, as with pictures.
    let gzip: Form?
    /// What the file holds, in 12 bytes of SHA-256 as hexadecimal digits.
    var tag: String { plain.tag }

    init(_ data: Data) {
        let tag = Self.tag(of: data)
        plain = Form(bytes: ByteBuffer(bytes: data), tag: tag)
        gzip = compressed(data).map { Form(bytes: $0, tag: "\(tag)-gzip") }
    }

    static func tag(of data: Data) -> String {
        SHA256.hash(data).prefix(12).hexadecimal
    }

    /// A part is always one of the plain file: who continues a download began with that.
    func form(for headers: HTTPFields, method: HTTPRequest.Method = .get) -> Form {
        guard let gzip, headers[.range] == nil || method != .get,
            acceptsGzip(headers[.acceptEncoding] ?? "")
        else { return plain }
        return gzip
    }
}

/// Whether `Accept-Encoding` (RFC 9110, 12.5.3) names gzip with another weight than zero.
func acceptsGzip(_ list: String) -> Bool {
    list.split(separator: ",").contains { item in
        let parts = item.split(separator: ";").map { $0.trimmingCharacters(in: .whitespaces) }
        guard parts.first?.lowercased() == "gzip" else { return false }
        let weight = parts.dropFirst().first { $0.lowercased().hasPrefix("q=") }
        return weight.map { Double($0.dropFirst(2)) ?? 0 > 0 } ?? true
    }
}

private func compressed(_ data: Data) -> ByteBuffer? {
    var buffer = ByteBuffer()
    let room = data.count - data.count / 10
    let count = buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: room) { output in
        data.withUnsafeBytes { input in
            revela_gzip(input.baseAddress, input.count, output.baseAddress, room)
        }
    }
    return count > 0 ? buffer : nil
}
