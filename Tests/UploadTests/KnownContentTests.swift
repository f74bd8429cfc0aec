// Photos that their owner has sent before, and what nobody may learn that way.

import Domain
import Foundation
import Hashing
import Testing

@testable import Web

private let photo = "ten bytes!"
private let digest = ["Repr-Digest": reprDigest(photo)]

private func reprDigest(_ content: String) -> String {
    let digest = SHA256.hash(content.utf8)
    return "sha-256=:\(Data(digest).base64EncodedString()):"
}

extension UploadServer {
    /// Sends a photo as anybody would; its upload.
    fileprivate func sent(_ content: String = photo) async throws -> Upload.ID {
        let upload = try await createTus(content.utf8.count).upload
        #expect(try await patchTus(upload, at: 0, content).status == 204)
        return upload
    }

    /// Where somebody else creates uploads.
    fileprivate func strangersCreation() async throws -> String {
        let batch = try await store.createBatch(
            .random(), owner: Owner(id: "stranger"), recipe: .web, under: nil, at: Date()
        ).thing
        return "/api/batches/\(batch.id)/images"
    }
}

@Suite("A photo that its owner has sent before")
struct AdoptionTests {
    @Test("is whole when a POST names its digest and length, without a byte")
    func creation() async throws {
        try await UploadServer.run { server in
            _ = try await server.sent()
            let answer = try await server.createTus(10, digest)
            #expect(answer.status == 201 && answer["Upload-Offset"] == "10")
            #expect(answer["Want-Repr-Digest"] == nil)
            let image = try await server.image(of: answer.upload)
            #expect(image.state == .waiting)
            #expect(try await server.original(of: image.id) == photo)
            #expect(try await server.headTus(answer.upload)["Upload-Offset"] == "10")
            #expect(try await server.blobs.staged().isEmpty)
            #expect(server.uploads.active.reservedBytes == 0)
        }
    }

    @Test(
        "is whole when the creation of a draft upload names its digest, whether content follows",
        arguments: ["", photo])
    func draft(content: String) async throws {
        try await UploadServer.run { server in
            _ = try await server.sent()
            let isLast = content.isEmpty ? "?0" : "?1"
            let answer = try await server.send(
                "POST", server.creation,
                digest.merging(["Upload-Complete": isLast, "Upload-Length": "10"]) { $1 },
                body: content)
            #expect(answer.status == 201 && answer["Upload-Complete"] == "?1")
            #expect(answer["Upload-Offset"] == "10")
            let id = try #require(try answer.json["id"]?.stringValue.flatMap { Image.ID($0) })
            #expect(try await server.original(of: id) == photo)
            #expect(try await server.blobs.staged().isEmpty)
            #expect(server.uploads.active.reservedBytes == 0)
        }
    }

    @Test("is whole when an empty PATCH names its digest, as the 201 asked for")
    func append() async throws {
        try await UploadServer.run { server in
            _ = try await server.sent()
            let created = try await server.createTus(10)
            #expect(created["Want-Repr-Digest"] == "sha-256=10")
            let upload = try created.upload
            let answer = try await server.patchTus(upload, at: 0, "", digest)
            #expect(answer.status == 204 && answer["Upload-Offset"] == "10")
            let image = try await server.image(of: upload)
            #expect(image.state == .waiting)
            #expect(try await server.original(of: image.id) == photo)
            #expect(try await server.patchTus(upload, at: 10, "", digest).status == 204)
            #expect(try await server.images().count == 2)
        }
    }

    @Test("is whole in the middle of being sent, too")
    func middle() async throws {
        try await UploadServer.run { server in
            _ = try await server.sent()
            let upload = try await server.createTus(10).upload
            _ = try await server.patchTus(upload, at: 0, "ten ")
            let answer = try await server.patchTus(upload, at: 4, "", digest)
            #expect(answer["Upload-Offset"] == "10")
            #expect(try await server.blobs.staged().isEmpty)
        }
    }

    @Test("stays when the first one is removed")
    func outlives() async throws {
        try await UploadServer.run { server in
            let first = try await server.image(of: try await server.sent())
            let copy = try await server.image(of: server.createTus(10, digest).upload)
            let batch = server.batch.id
            for change in [Change.cancelled, .removed] {
                try await server.store.record(change, of: first.id, in: batch, at: Date())
            }
            try await server.uploads.sweep(grace: 0)
            #expect(try await server.original(of: copy.id) == photo)
        }
    }

    @Test(
        "is sent as ever when the digest or the length is another's",
        arguments: [(10, "ten others"), (11, photo)])
    func others(length: Int, content: String) async throws {
        try await UploadServer.run { server in
            _ = try await server.sent()
            let answer = try await server.createTus(
                length, ["Repr-Digest": reprDigest(content)])
            #expect(answer.status == 201 && answer["Upload-Offset"] == nil)
            #expect(try await server.image(of: answer.upload).state == .uploading)
        }
    }

    @Test("is checked against its digest when all its bytes have come")
    func wrongDigest() async throws {
        try await UploadServer.run { server in
            let upload = try await server.createTus(10, digest).upload
            let answer = try await server.patchTus(upload, at: 0, "ten others")
            #expect(answer.status == 400 && answer.code == "digest-mismatch")
            let image = try await server.image(of: upload)
            #expect(image.state == .rejected)
            #expect(image.document["problem"]?["code"] == "digest-mismatch")
        }
    }
}

@Suite("A photo that somebody else has sent")
struct StrangerTests {
    @Test("is not told of, and its digest brings nothing")
    func creation() async throws {
        try await UploadServer.run { server in
            _ = try await server.sent()
            let theirs = try await server.strangersCreation()
            let headers = tus.merging(["Upload-Length": "10"]) { $1 }
            for more in [[:], digest] {
                let answer = try await server.send(
                    "POST", theirs, headers.merging(more) { $1 })
                #expect(answer.status == 201)
                #expect(answer["Want-Repr-Digest"] == nil && answer["Upload-Offset"] == nil)
                let patched = try await server.patchTus(answer.upload, at: 0, "", digest)
                #expect(patched.status == 204 && patched["Upload-Offset"] == "0")
            }
        }
    }

    @Test("is not given to who holds an upload's URL and is not the owner")
    func delegated() async throws {
        try await UploadServer.run { server in
            _ = try await server.sent()
            let upload = try await server.createTus(10).upload
            let answer = try await server.patchTus(
                upload, at: 0, "", digest.merging(["Authorization": "nobody"]) { $1 })
            #expect(answer.status == 204 && answer["Upload-Offset"] == "0")
            #expect(try await server.image(of: upload).state == .uploading)
        }
    }
}
