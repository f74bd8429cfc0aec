// One image: what it is, its files, and what can be done with it.

import Domain
import HTTPTypes
import Hummingbird

struct ImageController {
    let store: any BatchStore & ImageStore
    let blobs: any BlobStore
    let commands: ImageCommands
    let access: Access

    /// `GET …/images/{image}`: its member of the document. Who may add also learns the
    /// upload's URL.
    @Sendable func read(_ request: Request, context: WebContext) async throws -> Response {
        let (batch, image) = try await names(in: context)
        var info = try await commands.info(image, in: batch.id).members
        if batch.rights(of: try access.reader(request.head), at: commands.now()).contains(.add),
            let upload = try await store.upload(of: image), upload.resumable
        {
            info["upload"] = .string("/api/uploads/\(upload.id)")
        }
        return Response(json: JSON.object(info).text)
    }

    /// `DELETE …/images/{image}` → 204: cancels one under way, removes a final one.
    @Sendable func delete(_ request: Request, context: WebContext) async throws -> Response {
        let (batch, image) = try await names(in: context, for: .add, request)
        try await commands.delete(
            image, in: batch.id, under: try IdempotencyKey.of(request.headers))
        return Response(status: .noContent)
    }

    /// `POST …/images/{image}/cancel`: the image, cancelled. Never removes one.
    @Sendable func cancel(_ request: Request, context: WebContext) async throws -> Response {
        let (batch, image) = try await names(in: context, for: .add, request)
        try await commands.cancel(
            image, in: batch.id, under: try IdempotencyKey.of(request.headers))
        return Response(json: try await commands.info(image, in: batch.id).text)
    }

    /// `POST …/images/{image}/retry`: the image, queued again.
    @Sendable func retry(_ request: Request, context: WebContext) async throws -> Response {
        let (batch, image) = try await names(in: context, for: .add, request)
        try await commands.retry(
            image, in: batch.id, under: try IdempotencyKey.of(request.headers))
        return Response(json: try await commands.info(image, in: batch.id).text, status: .accepted)
    }

    /// `GET …/images/{image}/original`: an attachment for who manages the batch only. It is as it came, with
    /// its place and time of capture and whatever else hides in it, so it is never shown inline.
    @Sendable func original(_ request: Request, context: WebContext) async throws -> Response {
        let (batch, id) = try await names(in: context)
        try batch.require(.manage, by: try access.reader(request.head), at: commands.now())
        let image = try await store.image(id, in: batch.id)
        guard let blob = try await store.original(of: id) else {
            throw Problem(.wrongState, "The original has not arrived whole.")
        }
        let file = OpenFile(descriptor: try await blobs.open(blob), size: blob.size)
        let name = FileName.components(of: image.name).last ?? image.name
        return try file.response(
            to: request, tag: blob.sha256, cached: "private, no-cache",
            content: [
                .contentType: "application/octet-stream",
                .contentDisposition: disposition("attachment", named: name),
            ])
    }

    /// `GET …/images/{image}/renditions/{name}`: cached for ever, because its URL carries its
    /// content's name.
    @Sendable func rendition(_ request: Request, context: WebContext) async throws -> Response {
        let (batch, image) = try await names(in: context)
        let found = try await store.image(image, in: batch.id)
        let name = context.parameters.get("name") ?? ""
        let rendition = try await store.rendition(name, of: image)
        let file = OpenFile(
            descriptor: try await blobs.open(rendition.blob), size: rendition.blob.size)
        return try file.response(
            to: request, tag: rendition.blob.sha256, cached: "public, max-age=31536000, immutable",
            content: [
                .contentType: rendition.mediaType.rawValue,
                .contentDisposition: disposition(
                    "inline", named: ArchiveFolders.name(of: rendition, of: found.name)),
            ])
    }

    // MARK: Names

    private func names(in context: WebContext) async throws -> (Batch, Image.ID) {
        let batch: Batch.ID = try context.identifier("batch", or: .noSuchBatch)
        return (try await store.batch(batch), try context.identifier("image", or: .noSuchImage))
    }

    private func names(
        in context: WebContext, for right: Batch.Right, _ request: Request
    ) async throws -> (Batch, Image.ID) {
        let (batch, image) = try await names(in: context)
        try access.require(
            right, in: batch, request.head, from: context.peer, at: commands.now())
        return (batch, image)
    }
}

/// A Content-Disposition with the name twice (RFC 6266): in ASCII for old clients, and as it is.
/// - Parameter type: `attachment`, or `inline` for what is shown and only then perhaps saved.
func disposition(_ type: String, named name: String) -> String {
    let plain = name.map { $0.isASCII && $0 != "\"" && $0 != "\\" && $0 != "%" ? $0 : "_" }
    let encoded = name.utf8.map { byte in
        isAttributeCharacter(byte)
            ? String(UnicodeScalar(byte)) : "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }
    return "\(type); filename=\"\(String(plain))\"; filename*=UTF-8''\(encoded.joined())"
}

/// `attr-char` of RFC 8187, section 3.2.1.
private func isAttributeCharacter(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"):
        true
    default: "!#$&+-.^_`|~".utf8.contains(byte)
    }
}
