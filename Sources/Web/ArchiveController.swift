// All renditions of a batch in one file, sent as it is made.

import Domain
import HTTPTypes
import Hummingbird
import NIOCore

struct ArchiveController {
    let store: any Store
    let blobs: any BlobStore

    private struct Member: Sendable {
        let name: String
        let rendition: Rendition
    }

    /// Photos whose files are looked up at a time: whoever leaves early pays for no more.
    private static let pageSize = 100

    /// `GET /api/batches/{batch}/archive.zip`: `Beach/IMG_1/large.webp` and so on, in the
    /// order of the photos; what is ready now.
    @Sendable func download(_ request: Request, context: WebContext) async throws -> Response {
        let id: Batch.ID = try context.identifier("batch", or: .noSuchBatch)
        let first = try await store.images(of: id, after: nil, limit: Self.pageSize)
        return Response(
            status: .ok,
            headers: [
                .contentType: "application/zip", .cacheControl: "no-store",
                .contentDisposition: attachment(named: "revela-\(id.rawValue.suffix(6)).zip"),
            ],
            body: ResponseBody { writer in
                if request.method != .head { try await write(first, to: &writer) }
                try await writer.finish(nil)
            })
    }

    private func write(
        _ first: ImagePage, to writer: inout any ResponseBodyWriter
    ) async throws {
        var zip = ZipWriter()
        var folders = ArchiveFolders()
        var page = first
        while !page.images.isEmpty {
            for image in page.images {
                for member in try await members(of: image, in: &folders) {
                    try await write(member, to: &writer, &zip)
                }
            }
            let last = page.images.last?.document["position"]?.intValue
            page = try await store.images(
                of: page.batch.id, after: last, limit: Self.pageSize)
        }
        try await writer.write(zip.finish())
    }

    private func write(
        _ member: Member, to writer: inout any ResponseBodyWriter, _ zip: inout ZipWriter
    ) async throws {
        let blob = member.rendition.blob
        let file = OpenFile(descriptor: try await blobs.open(blob), size: blob.size)
        try await writer.write(zip.begin(member.name))
        for piece in file.pieces(of: 0..<blob.size) {
            try await writer.write(zip.content(try await file.bytes(in: piece)))
        }
        try await writer.write(zip.end())
    }

    private func members(
        of image: Image, in folders: inout ArchiveFolders
    ) async throws -> [Member] {
        let names = image.renditionNames.sorted()
        guard !names.isEmpty else { return [] }
        let folder = folders.folder(of: image.name)
        var members: [Member] = []
        for name in names {
            let rendition = try await store.rendition(name, of: image.id)
            let file = "\(name).\(rendition.mediaType.fileExtension)"
            members.append(Member(name: "\(folder)/\(file)", rendition: rendition))
        }
        return members
    }
}
