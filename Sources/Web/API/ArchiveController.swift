// The files of a batch in one ZIP, sent as it is made.

import Domain
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdCore
import NIOCore

struct ArchiveController {
    let store: any BatchStore & ImageStore
    let blobs: any BlobStore
    let access: Access
    let turns: AnswerTurns

    /// Photos whose files are looked up at a time: whoever leaves early pays for no more.
    private static let pageSize = 100

    /// `GET /api/batches/{batch}/archive.zip?of=…&images=…`, in the order of the photos: the renditions
    /// that are ready now (`Beach/IMG_1/large.webp` and so on), or, for the owner, the originals
    /// (`Beach/IMG_1.jpg`).
    @Sendable func download(_ request: Request, context: WebContext) async throws -> Response {
        let id: Batch.ID = try context.identifier("batch", or: .noSuchBatch)
        let wish = try ArchiveWish(request.uri.queryParameters)
        let batch = try await store.batch(id)
        if wish.kind == .originals {
            try batch.require(.manage, by: try access.reader(request.head), at: Date())
        }
        let asker = access.asker(of: request.head, from: context.peer)
        let first = try await turns.run(for: asker) {
            try await page(of: id, wish, after: nil)
        }
        let name = batch.name.map { FileName.cleaned($0) } ?? "revela-\(id.rawValue.suffix(6))"
        let file = (FileName.components(of: name).last ?? name) + ".zip"
        return Response(
            status: .ok,
            headers: [
                .contentType: "application/zip", .cacheControl: "no-store",
                .contentDisposition: disposition("attachment", named: file),
            ],
            body: ResponseBody { writer in
                if request.method != .head { try await write(first, of: id, wish, to: &writer) }
                try await writer.finish(nil)
            })
    }

    func page(
        of batch: Batch.ID, _ wish: ArchiveWish, after position: Int?
    ) async throws -> [ImageFiles] {
        try await store.files(
            wish.kind, in: batch, of: wish.images, after: position, limit: Self.pageSize)
    }

    func write(
        _ first: [ImageFiles], of batch: Batch.ID, _ wish: ArchiveWish,
        to writer: inout any ResponseBodyWriter
    ) async throws {
        var zip = ZipWriter()
        var folders = ArchiveFolders()
        var page = first
        while let last = page.last?.position {
            for photo in page {
                for (blob, name) in files(of: photo, &folders) {
                    guard let file = try await open(blob, of: photo.image, in: batch) else {
                        continue
                    }
                    try await write(file, as: name, to: &writer, &zip)
                }
            }
            page = try await self.page(of: batch, wish, after: last)
        }
        try await writer.write(zip.finish())
    }

    private func files(
        of photo: ImageFiles, _ folders: inout ArchiveFolders
    ) -> [(blob: Blob, name: String)] {
        if let original = photo.original { return [(original, folders.file(named: photo.name))] }
        let folder = folders.folder(of: photo.name)
        return photo.renditions.map { rendition in
            let ending = rendition.mediaType.fileExtension
            return (rendition.blob, "\(folder)/\(rendition.name).\(ending)")
        }
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
    private func open(
        _ blob: Blob, of image: Image.ID, in batch: Batch.ID
    ) async throws -> OpenFile? {
        do {
            return OpenFile(descriptor: try await blobs.open(blob), size: blob.size)
        } catch let missing as BlobMissing {
            do {
                _ = try await store.image(image, in: batch)
            } catch let problem as Problem
                where [.noSuchImage, .noSuchBatch, .batchDeleted].contains(problem.code)
            {
                return nil
            }
            throw missing
        }
    }
}

/// Which files of a batch somebody wishes to have.
struct ArchiveWish {
    let kind: ImageFiles.Kind
    /// Nil is all.
    let images: [Image.ID]?

    /// Images that may be named: their identifiers stand in the URL.
    private static let mostImages = 200

    /// - Throws: `bad-request` for another kind, for too many images, and for what is no image's
    ///   identifier; one that the batch does not have is left out.
    init(_ parameters: FlatDictionary<Substring, Substring>) throws(Problem) {
        guard let kind = ImageFiles.Kind(rawValue: String(parameters["of"] ?? "renditions")) else {
            throw Problem(.badRequest, "of must be renditions or originals.")
        }
        self.kind = kind
        guard let list = parameters["images"] else {
            images = nil
            return
        }
        let names = list.split(separator: ",", omittingEmptySubsequences: false)
        guard names.count <= Self.mostImages else {
            throw Problem(
                .badRequest, "images may name \(Self.mostImages).", limit: Self.mostImages,
                actual: names.count)
        }
        let found = names.compactMap { Image.ID(String($0)) }
        guard found.count == names.count else {
            throw Problem(.badRequest, "images must be identifiers of images, divided by commas.")
        }
        images = found
    }
}
