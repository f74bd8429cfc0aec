// The pages: everything under Public, held in memory and looked at again when a file changes.
// Hummingbird's own file middleware answers suffix ranges and lists of tags wrongly.

import Domain
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import Synchronization

final class StaticFiles: Sendable {
    private struct Known: Sendable {
        let modified: Date
        let file: StaticFile
    }

    private static let forGood = "public, max-age=31536000, immutable"
    private let folder: String
    private let versions: AssetVersions
    private let known = Mutex<[String: Known]>([:])

    init(folder: String) {
        self.folder = folder
        versions = AssetVersions(folder: folder)
    }

    /// Nothing but our own files, and no script or style inside a page.
    static let contentSecurityPolicy = [
        "default-src 'none'", "script-src 'self'", "style-src 'self'", "worker-src 'self'",
        "img-src 'self' blob: data:", "connect-src 'self'", "manifest-src 'self'",
        "form-action 'self'", "frame-ancestors 'none'", "base-uri 'none'",
    ].joined(separator: "; ")

    /// Of what is no page: only a worker, or a picture that is opened alone, heeds one. A first visit asks for
    /// a hundred such files, so it is short.
    private static let filePolicy = "default-src 'self'"

    /// `GET` of any path that no other route took; `/` and `/batches/{batch}` are the upload page.
    @Sendable func serve(_ request: Request, context: WebContext) async throws -> Response {
        let path = request.uri.path
        if path.hasPrefix(AssetVersion.path) { return try serveVersion(path, to: request) }
        let name =
            path == "/"
            ? AssetVersion.uploadPage
            : path.hasPrefix("/batches/") ? AssetVersion.batchPage : path
        let file = try file(at: name)
        if file == nil, isForPerson(request) { return try missing() }
        return try answer(request, name, with: file, cached: "no-cache")
    }

    /// The page of whoever may begin nothing here: it has no form that would fail.
    func explainInvitations(to request: Request) throws -> Response {
        let name = "/invitation.html"
        return try answer(request, name, with: try file(at: name), cached: "no-cache")
    }

    /// A browser that follows a link says so; scripts and programs get the problem in JSON.
    private func isForPerson(_ request: Request) -> Bool {
        !request.uri.path.hasPrefix("/api/")
            && request.headers[.accept]?.contains("text/html") == true
    }

    private func missing() throws -> Response {
        guard let page = try file(at: "/not-found.html") else { throw Problem(.notFound) }
        return Self.answer(page, status: .notFound)
    }

    /// The address of a batch that was deleted: a person is told so by its page, which goes on to the next
    /// batch, or, without scripts, that there is nothing.
    func tellDeletion(to request: Request, withoutScripts: Bool) throws -> Response {
        let name = withoutScripts ? "/not-found.html" : AssetVersion.batchPage
        guard isForPerson(request), let page = try file(at: name) else {
            throw Problem(.batchDeleted)
        }
        return Self.answer(page, status: .gone)
    }

    /// A page that says why there is nothing else.
    private static func answer(_ page: StaticFile, status: HTTPResponse.Status) -> Response {
        Response(
            status: status,
            headers: [
                .contentType: "text/html; charset=utf-8", .cacheControl: "no-store",
                .referrerPolicy: "same-origin", .xContentTypeOptions: "nosniff",
                .contentSecurityPolicy: contentSecurityPolicy,
            ], body: ResponseBody(byteBuffer: page.plain.bytes))
    }

    /// `/assets/{version}/{path}`: never the file of another version, for its modules would mix.
    private func serveVersion(_ path: String, to request: Request) throws -> Response {
        let parts = path.dropFirst(AssetVersion.path.count).split(separator: "/", maxSplits: 1)
        guard parts.count == 2, let version = try versions.version(named: String(parts[0])) else {
            throw Problem(.notFound)
        }
        let name = "/\(parts[1])"
        let file = name.hasSuffix(".html") ? nil : version.files[name]
        return try answer(request, name, with: file, cached: Self.forGood)
    }

    private func answer(
        _ request: Request, _ path: String, with file: StaticFile?, cached: String
    ) throws -> Response {
        guard let type = mediaType(of: path), let file else { throw Problem(.notFound) }
        let form = file.form(for: request.headers, method: request.method)
        var content: HTTPFields = [.contentType: type]
        if path.hasSuffix(".html") {
            content[.referrerPolicy] = "same-origin"
            content[.contentSecurityPolicy] = Self.contentSecurityPolicy
        } else {
            content[.contentSecurityPolicy] = Self.filePolicy
        }
        if form.tag != file.tag { content[.contentEncoding] = "gzip" }
        return try FileResponse(
            size: form.bytes.readableBytes, tag: form.tag, cached: cached, content: content,
            vary: file.gzip == nil ? nil : "Accept-Encoding"
        ).response(to: request) { range in
            let part = form.bytes.getSlice(at: range.lowerBound, length: range.count)
            return .init(byteBuffer: part ?? ByteBuffer())
        }
    }

    private func file(at path: String) throws -> StaticFile? {
        guard isPlain(path) else { return nil }
        if path.hasSuffix(".html") { return try versions.latest().files[path] }
        let place = folder + path
        guard let attributes = try? FileManager.default.attributesOfItem(atPath: place),
            attributes[.type] as? FileAttributeType == .typeRegular,
            let modified = attributes[.modificationDate] as? Date
        else { return nil }
        if let one = known.withLock({ $0[path] }), one.modified == modified { return one.file }
        let file = StaticFile(try Data(contentsOf: URL(fileURLWithPath: place)))
        known.withLock { $0[path] = Known(modified: modified, file: file) }
        return file
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
        case "json": "application/json"
        case "svg": "image/svg+xml"
        case "png": "image/png"
        case "webmanifest": "application/manifest+json"
        case "woff2": "font/woff2"
        default: nil
        }
    }
}
