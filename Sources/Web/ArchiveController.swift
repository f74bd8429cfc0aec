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

    /// `GET /api/batches/{batch}/archive.zip`: `Beach/IMG_1/large.webp` and so on, in the
    /// order of the photos; what is ready now.
    @Sendable func download(_ request: Request, context: WebContext) async throws -> Response {
        let id: Batch.ID = try context.identifier("batch", or: .noSuchBatch)
        let members = try await members(of: id)
        return Response(
            status: .ok,
            headers: [
                .contentType: "application/zip", .cacheControl: "no-store",
                .contentDisposition: attachment(named: "revela-\(id.rawValue.suffix(6)).zip"),
            ],
            body: ResponseBody { writer in
                if request.method != .head { try await write(members, to: &writer) }
                try await writer.finish(nil)
            })
    }

    private func write(
        _ members: [Member], to writer: inout any ResponseBodyWriter
    ) async throws {
        var zip = ZipWriter()
        for member in members {
            let blob = member.rendition.blob
            let file = OpenFile(descriptor: try await blobs.open(blob), size: blob.size)
            try await writer.write(zip.begin(member.name))
            for piece in file.pieces(of: 0..<blob.size) {
                try await writer.write(zip.content(try await file.bytes(in: piece)))
            }
            try await writer.write(zip.end())
        }
        try await writer.write(zip.finish())
    }

    private func members(of id: Batch.ID) async throws -> [Member] {
        let document = try JSON(parsing: try await store.snapshot(of: id).document)
        let images = (document["images"]?.members ?? [:])
            .sorted { $0.value["position"]?.intValue ?? 0 < $1.value["position"]?.intValue ?? 0 }
        var folders = ArchiveFolders()
        var members: [Member] = []
        for (key, image) in images {
            guard let imageID = Image.ID(key), let renditions = image["renditions"]?.members
            else { continue }
            let folder = folders.folder(of: image["name"]?.stringValue ?? key)
            for name in renditions.keys.sorted() {
                let rendition = try await store.rendition(name, of: imageID)
                let file = "\(name).\(rendition.mediaType.fileExtension)"
                members.append(Member(name: "\(folder)/\(file)", rendition: rendition))
            }
        }
        return members
    }
}
