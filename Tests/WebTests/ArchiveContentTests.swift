// What an archive holds of a batch that changes while it is sent.

import BlobStorage
import Domain
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdCore
import NIOCore
import SQLiteStore
import Testing

@testable import Web

@Suite("An archive of a batch")
struct ArchiveContentTests {
    private let folder: String
    private let store: SQLiteStore
    private let blobs: FolderBlobStore

    init() throws {
        folder = NSTemporaryDirectory() + "revela-archive-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        store = try SQLiteStore(path: folder + "/revela.sqlite")
        blobs = try FolderBlobStore(at: folder, threads: 1)
    }

    /// A batch of so many photos with one rendition each, in order.
    private func batch(of count: Int) async throws -> (Batch.ID, [Image.ID]) {
        let batch = try await store.createBatch(
            .random(), owner: Owner(id: "owner"), recipe: .web, under: nil, at: Date()
        ).thing.id
        var images: [Image.ID] = []
        for number in 0..<count {
            let upload = Upload(
                batch: batch, resumable: true, length: 1, expiresAt: .distantFuture)
            let image = try #require(upload.image)
            _ = try await store.createUpload(
                upload, name: "\(number).jpg", limits: Limits(), under: nil, at: Date())
            let blob = try await blob("\(number)")
            let rendition = Rendition(
                name: "thumb", width: 1, height: 1, mediaType: .webp, blob: blob)
            for change in [Change.uploaded(blob), .processing, .renditionReady(rendition)] {
                try await store.record(change, of: image, in: batch, at: Date())
            }
            images.append(image)
        }
        return (batch, images)
    }

    private func blob(_ text: String) async throws -> Blob {
        let path = folder + "/source"
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
        defer { try? file.close() }
        return try await blobs.add(
            contentsOf: file.fileDescriptor, in: 0..<text.utf8.count)
    }

    /// The archive's bytes as text; `change` happens once the first of them are sent.
    private func archive(
        of batch: Batch.ID, _ query: FlatDictionary<Substring, Substring> = [:],
        _ change: @escaping () async throws -> Void = {}
    ) async throws -> String {
        let controller = ArchiveController(
            store: store, blobs: blobs, access: Access(),
            turns: AnswerTurns())
        let wish = try ArchiveWish(query)
        let first = try await store.files(
            wish.kind, in: batch, of: wish.images, after: nil, limit: 2)
        let written = Written(change)
        var writer: any ResponseBodyWriter = written
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try await controller.write(first, of: batch, wish, to: &writer)
        try await blobs.shutdown()
        return String(buffer: written.bytes)
    }

    @Test("leaves out a photo that is removed while it is sent, and is whole")
    func removed() async throws {
        let (batch, images) = try await batch(of: 4)
        let archive = try await archive(of: batch) {
            // One of the page that is being sent, and one of the next.
            for image in images[1...2] {
                let blob = try #require(try await store.original(of: image))
                try await store.record(.cancelled, of: image, in: batch, at: Date())
                try await store.record(.removed, of: image, in: batch, at: Date())
                try await blobs.remove(blob.sha256, olderThan: 0)
            }
        }
        let names = [0, 1, 2, 3].filter { archive.contains("\($0)/thumb.webp") }
        #expect(names == [0, 3])
        #expect(archive.contains("PK\u{1}\u{2}"), "it has a directory")
    }

    @Test("holds the originals under their own names, or only the photos that are named")
    func wishes() async throws {
        let (batch, images) = try await batch(of: 4)
        let query: FlatDictionary<Substring, Substring> = [
            "of": "originals", "images": "\(images[3]),\(images[1])",
        ]
        let archive = try await archive(of: batch, query)
        let names = (0..<4).filter { archive.contains("\($0).jpg") }
        #expect(names == [1, 3])
        #expect(!archive.contains("thumb.webp"))
    }

    @Test(
        "is refused where it cannot be told what is wished",
        arguments: [
            ["of": "both"], ["images": ""], ["images": "b_1"],
            ["of": "originals", "images": "i_!"],
            [
                "images": Array(repeating: Image.ID.random().rawValue, count: 201).joined(
                    separator: ",")
            ],
        ])
    func refuses(query: [String: String]) {
        var parameters = FlatDictionary<Substring, Substring>()
        for (name, value) in query { parameters[Substring(name)] = Substring(value) }
        #expect(throws: Problem.self) { try ArchiveWish(parameters) }
    }

    @Test("is cut off where a file is missing that should be there")
    func missing() async throws {
        let (batch, images) = try await batch(of: 2)
        await #expect(throws: BlobMissing.self) {
            try await archive(of: batch) {
                let blob = try #require(try await store.original(of: images[1]))
                try await blobs.remove(blob.sha256, olderThan: 0)
            }
        }
    }
}

/// Keeps what is written, and calls back once the first bytes are.
private final class Written: ResponseBodyWriter {
    private(set) var bytes = ByteBuffer()
    private var change: (() async throws -> Void)?

    init(_ change: @escaping () async throws -> Void) { self.change = change }

    func write(_ buffer: ByteBuffer) async throws {
        bytes.writeImmutableBuffer(buffer)
        try await change.take()?()
    }

    func finish(_ trailingHeaders: HTTPFields?) async throws {}
}
