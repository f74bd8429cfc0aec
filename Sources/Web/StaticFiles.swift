// The pages: everything under Public, held in memory and looked at again when a file changes.
// Hummingbird's own file middleware answers suffix ranges and lists of tags wrongly.

import Crypto
import Domain
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import Synchronization

final class StaticFiles: Sendable {
    private struct Page: Sendable {
        let modified: Date
        let bytes: ByteBuffer
        let tag: String
    }

    private let folder: String
    private let pages = Mutex<[String: Page]>([:])

    init(folder: String) { self.folder = folder }

    /// Nothing but our own files, and no script or style inside a page.
    static let contentSecurityPolicy = [
        "default-src 'none'", "script-src 'self'", "style-src 'self'", "worker-src 'self'",
        "img-src 'self' blob: data:", "connect-src 'self'", "manifest-src 'self'",
        "form-action 'self'", "frame-ancestors 'none'", "base-uri 'none'",
    ].joined(separator: "; ")

    /// `GET` of any path that no other route took; `/` and `/batches/{batch}` are the upload page.
    @Sendable func serve(_ request: Request, context: WebContext) async throws -> Response {
        let path = request.uri.path
        return try serve(
            path == "/" || path.hasPrefix("/batches/") ? "/index.html" : path, to: request)
    }

    private func serve(_ path: String, to request: Request) throws -> Response {
        guard let type = mediaType(of: path), let page = try page(at: path) else {
            throw Problem(.notFound)
        }
        var headers: HTTPFields = [
            .eTag: "\"\(page.tag)\"", .contentType: type, .cacheControl: "no-cache",
            .acceptRanges: "bytes", .xContentTypeOptions: "nosniff",
            .referrerPolicy: "same-origin", .contentSecurityPolicy: Self.contentSecurityPolicy,
        ]
        let size = page.bytes.readableBytes
        switch FileAnswer(to: request.headers, size: size, tag: page.tag) {
        case .notModified:
            return Response(status: .notModified, headers: headers)
        case .unsatisfiable:
            headers[.contentRange] = "bytes */\(size)"
            return Response(status: .rangeNotSatisfiable, headers: headers)
        case .whole:
            return Response(status: .ok, headers: headers, body: .init(byteBuffer: page.bytes))
        case .part(let range):
            headers[.contentRange] = "bytes \(range.lowerBound)-\(range.upperBound - 1)/\(size)"
            let part = page.bytes.getSlice(at: range.lowerBound, length: range.count)
            return Response(
                status: .partialContent, headers: headers,
                body: .init(byteBuffer: part ?? ByteBuffer()))
        }
    }

    private func page(at path: String) throws -> Page? {
        guard isPlain(path) else { return nil }
        let file = folder + path
        guard let attributes = try? FileManager.default.attributesOfItem(atPath: file),
            attributes[.type] as? FileAttributeType == .typeRegular,
            let modified = attributes[.modificationDate] as? Date
        else { return nil }
        if let page = pages.withLock({ $0[path] }), page.modified == modified { return page }
        let data = try Data(contentsOf: URL(fileURLWithPath: file))
        let tag = SHA256.hash(data: data).prefix(12).map { String($0, radix: 16) }.joined()
        let page = Page(modified: modified, bytes: ByteBuffer(bytes: data), tag: tag)
        pages.withLock { $0[path] = page }
        return page
    }

    /// Whether the path names a file below the folder and nothing hidden.
    private func isPlain(_ path: String) -> Bool {
        path.hasPrefix("/") && !path.contains("%")
            && !path.split(separator: "/").contains { $0.hasPrefix(".") }
    }

    private func mediaType(of path: String) -> String? {
        switch path.split(separator: ".").last {
        case "html": "text/html; charset=utf-8"
        case "js": "text/javascript; charset=utf-8"
        case "css": "text/css; charset=utf-8"
        case "svg": "image/svg+xml"
        case "png": "image/png"
        case "webmanifest": "application/manifest+json"
        case "woff2": "font/woff2"
        default: nil
        }
    }
}
