// All renditions of a batch in one file, sent as it is made.

import Domain
import HTTPTypes
import Hummingbird
import NIOCore

struct ArchiveController {
    let store: any Store
    let blobs: any BlobStore

    /// Photos whose files are looked up at a time: whoever leaves early pays for no more.
    private static let pageSize = 100

    /// `GET /api/batches/{batch}/archive.zip`: `Beach/IMG_1/large.webp` and so on, in the
    /// order of the photos; what is ready now.
    @Sendable func download(_ request: Request, context: WebContext) async throws -> Response {
        let id: Batch.ID = try context.identifier("batch", or: .noSuchBatch)
        let first = try await store.developed(in: id, after: nil, limit: Self.pageSize)
        return Response(
            status: .ok,
            headers: [
                .contentType: "application/zip", .cacheControl: "no-store",
                .contentDisposition: attachment(named: "revela-\(id.rawValue.suffix(6)).zip"),
            ],
            body: ResponseBody { writer in
                if request.method != .head { try await write(first, of: id, to: &writer) }
                try await writer.finish(nil)
            })
    }

    func write(
        _ first: [Developed], of batch: Batch.ID, to writer: inout any ResponseBodyWriter
    ) async throws {
        var zip = ZipWriter()
        var folders = ArchiveFolders()
        var page = first
        while let last = page.last?.position {
            for photo in page {
                let folder = folders.folder(of: photo.name)
                for rendition in photo.renditions {
                    guard let file = try await open(rendition, of: photo.image) else { continue }
                    let name = "\(rendition.name).\(rendition.mediaType.fileExtension)"
                    try await write(file, as: "\(folder)/\(name)", to: &writer, &zip)
                }
            }
            page = try await store.developed(in: batch, after: last, limit: Self.pageSize)
        }
        try await writer.write(zip.finish())
    }

    private func write(
        _ file: OpenFile, as name: String, to writer: inout any ResponseBodyWriter,
        _ zip: inout ZipWriter
    ) async throws {
        try await writer.write(zip.begin(name))
        for piece in file.pieces(of: 0..<file.size) {
            try await writer.write(zip.content(try await file.bytes(in: piece)))
        }
        try await writer.write(zip.end())
    }

    /// Nil where the photo was removed since its page was read, and the file with it.
    private func open(_ rendition: Rendition, of image: Image.ID) async throws -> OpenFile? {
        do {
            return OpenFile(
                descriptor: try await blobs.open(rendition.blob), size: rendition.blob.size)
        } catch let missing as BlobMissing {
            do {
                _ = try await store.rendition(rendition.name, of: image)
            } catch let problem as Problem where problem.code == .noSuchRendition {
                return nil
            }
            throw missing
        }
    }
}
