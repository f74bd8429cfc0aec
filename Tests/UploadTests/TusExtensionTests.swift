// tus 1.0.0: checksums and concatenation.

import Domain
import Foundation
import Hashing
import Testing

@testable import Web

@Suite("tus Upload-Checksum")
struct TusChecksumTests {
    private func sha1(_ text: String) -> String {
        Data(SHA1.hash(text.utf8)).base64EncodedString()
    }

    private func sha256(_ text: String) -> String {
        Data(SHA256.hash(text.utf8)).base64EncodedString()
    }

    @Test("lets the right bytes in")
    func right() async throws {
        try await UploadServer.run { server in
            let upload = try await server.createTus(8).upload
            let first = ["Upload-Checksum": "sha1 \(sha1("0123"))"]
            #expect(try await server.patchTus(upload, at: 0, "0123", first).status == 204)
            let second = ["Upload-Checksum": "sha256 \(sha256("4567"))"]
            #expect(try await server.patchTus(upload, at: 4, "4567", second).status == 204)
            #expect(try await server.image(of: upload).state == .waiting)
        }
    }

    @Test("answers 460 to the wrong bytes and keeps none of them")
    func wrong() async throws {
        try await UploadServer.run { server in
            let upload = try await server.createTus(8, octets, body: "0123").upload
            let wrong = ["Upload-Checksum": "sha1 \(sha1("4567"))"]
            let answer = try await server.patchTus(upload, at: 4, "4568", wrong)
            #expect(answer.status == 460 && answer.code == "digest-mismatch")
            #expect(try await server.headTus(upload)["Upload-Offset"] == "4")
            #expect(try await server.patchTus(upload, at: 4, "4567", wrong).status == 204)
            let image = try await server.image(of: upload)
            #expect(try await server.original(of: image.id) == "01234567")
        }
    }

    @Test(
        "answers 400 to an algorithm it does not know", arguments: ["md5 AAAA", "sha1", "sha1 **"])
    func unknown(text: String) async throws {
        try await UploadServer.run { server in
            let upload = try await server.createTus(8).upload
            let answer = try await server.patchTus(upload, at: 0, "01", ["Upload-Checksum": text])
            #expect(answer.status == 400)
        }
    }

    @Test("may come in the trailer", arguments: [(true, 204), (false, 460)])
    func trailer(isRight: Bool, status: Int) async throws {
        try await UploadServer.run { server in
            let upload = try await server.createTus(4).upload
            let answer = try await server.connect { connection in
                try await connection.send(
                    "PATCH", "/api/uploads/\(upload)",
                    tus.merging(octets) { $1 }.merging([
                        "Upload-Offset": "0", "Transfer-Encoding": "chunked",
                        "Trailer": "Upload-Checksum",
                    ]) { $1 })
                let checksum = sha1(isRight ? "0123" : "3210")
                try await connection.send(
                    "4\r\n0123\r\n0\r\nUpload-Checksum: sha1 \(checksum)\r\n\r\n")
                return try await connection.answer()
            }
            #expect(answer.status == status)
            #expect(try await server.headTus(upload)["Upload-Offset"] == (isRight ? "4" : "0"))
        }
    }

    @Test("keeps nothing of a request that ends before it can be checked")
    func interrupted() async throws {
        try await UploadServer.run { server in
            let upload = try await server.createTus(8).upload
            try await server.connect { connection in
                try await connection.send(
                    "PATCH", "/api/uploads/\(upload)",
                    tus.merging(octets) { $1 }.merging([
                        "Upload-Offset": "0", "Upload-Checksum": "sha1 \(sha1("01234567"))",
                        "Content-Length": "8", "Expect": "100-continue",
                    ]) { $1 })
                #expect(try await connection.next().status == 100)
                try await connection.send("0123")
                try await connection.drop()
            }
            #expect(try await server.headTus(upload)["Upload-Offset"] == "0")
        }
    }
}

@Suite("tus Upload-Concat")
struct TusConcatTests {
    private func part(_ server: UploadServer, _ bytes: String) async throws -> Upload.ID {
        let headers = ["Upload-Concat": "partial"].merging(octets) { $1 }
        return try await server.createTus(bytes.utf8.count, headers, body: bytes).upload
    }

    @Test("takes any bytes for a part: only the whole begins like a photograph")
    func partsAreNotLookedAt() async throws {
        try await UploadServer.run(inspect: { _, _ in .refuse(Problem(.notAnImage)) }) { server in
            let bytes = String(repeating: "x", count: 128 << 10)
            let headers = ["Upload-Concat": "partial"].merging(octets) { $1 }
            let answer = try await server.createTus(bytes.utf8.count, headers, body: bytes)
            #expect(answer.status == 201)
            #expect(try await server.headTus(answer.upload)["Upload-Offset"] == "131072")
        }
    }

    @Test("joins parts in their order into one image, and only one")
    func join() async throws {
        try await UploadServer.run { server in
            let parts = [try await part(server, "one "), try await part(server, "two ")]
            #expect(try await server.images().isEmpty)
            let urls = [
                "/api/uploads/\(parts[1])", "http://127.0.0.1/api/uploads/\(parts[0])",
            ]
            let answer = try await server.createTus(
                nil, ["Upload-Concat": "final;\(urls.joined(separator: " "))"])
            #expect(answer.status == 201)
            let image = try await server.image(of: answer.upload)
            #expect(try await server.original(of: image.id) == "two one ")
            let head = try await server.headTus(answer.upload)
            #expect(head["Upload-Length"] == "8" && head["Upload-Offset"] == "8")
            #expect(head["Upload-Concat"]?.hasPrefix("final;/api/uploads") == true)
            #expect(try await server.headTus(parts[0])["Upload-Concat"] == "partial")
            #expect(try await server.patchTus(answer.upload, at: 8, "").status == 403)
            #expect(try await server.images().count == 1)
        }
    }

    @Test("writes no byte twice, and none where the sum is more than a file may have")
    func once() async throws {
        var limits = Limits()
        limits.fileBytes = 7
        try await UploadServer.run(limits: limits) { server in
            let parts = [try await part(server, "one "), try await part(server, "two ")]
            for ids in [[0, 0], [0, 1, 0], [0, 1]] {
                let urls = ids.map { "/api/uploads/\(parts[$0])" }.joined(separator: " ")
                let answer = try await server.createTus(nil, ["Upload-Concat": "final;\(urls)"])
                #expect(answer.status == (ids == [0, 1] ? 413 : 400))
            }
            #expect(try await server.images().isEmpty)
            #expect(try await server.blobs.staged().count == 2)
        }
    }

    @Test("keeps at most 4 KiB of what a client says of a file")
    func metadata() async throws {
        try await UploadServer.run { server in
            for (key, count, status) in [
                ("abc", 4_092, 201), ("abcd", 4_092, 400), ("abc", 59_996, 400),
            ] {
                let text = "\(key) \(String(repeating: "A", count: count))"
                let answer = try await server.createTus(3, ["Upload-Metadata": text])
                #expect(answer.status == status)
                guard status == 400 else { continue }
                #expect(try answer.json["limit"] == 4_096)
                #expect(try answer.json["actual"] == .int(text.utf8.count))
            }
        }
    }

    @Test("at /files goes to the batch of its parts")
    func files() async throws {
        try await UploadServer.run { server in
            let part = try await server.send(
                "POST", "/files",
                tus.merging(octets) { $1 }.merging([
                    "Upload-Concat": "partial", "Upload-Length": "3",
                ]) { $1 }, body: "abc"
            ).upload
            let answer = try await server.send(
                "POST", "/files",
                tus.merging(["Upload-Concat": "final;/api/uploads/\(part)"]) { $1 })
            #expect(answer.status == 201 && answer["Set-Cookie"] == nil)
            #expect(try await server.images().map { $0["state"] } == ["waiting"])
        }
    }

    @Test("leaves no empty batch of a part once it is used, and uses it again all the same")
    func emptied() async throws {
        try await UploadServer.run { server in
            // As if this one had been made by an earlier request to /files.
            let own = try await server.store.createBatch(
                .random(), owner: Owner(id: "owner"), recipe: .web, under: nil, at: Date()
            ).thing
            let metadata = UploadMetadata(name: "", concat: "partial", ownsBatch: true)
            let part = try await server.uploads.create(
                metadata, length: 3, resumable: true, in: own.id, by: nil, under: nil
            ).thing
            _ = try await server.patchTus(part.id, at: 0, "abc")
            let first = try await self.part(server, "one ")
            for _ in 0..<2 {
                let parts = "final;/api/uploads/\(first) /api/uploads/\(part.id)"
                let answer = try await server.createTus(nil, ["Upload-Concat": parts])
                #expect(answer.status == 201)
                await #expect(throws: Problem(.batchDeleted)) {
                    try await server.store.batch(own.id)
                }
            }
            #expect(try await server.images().count == 2)
        }
    }

    @Test("that is given up at /files takes along the batch that was made for it")
    func givenUp() async throws {
        try await UploadServer.run { server in
            let partial = ["Upload-Concat": "partial", "Upload-Length": "3"]
            let answer = try await server.send("POST", "/files", tus.merging(partial) { $1 })
            #expect(answer.status == 201)
            let gone = try await server.send("DELETE", "/api/uploads/\(answer.upload)", tus)
            #expect(gone.status == 204)
            await #expect(throws: Problem(.batchDeleted)) {
                try await server.store.batch(server.batch.id)
            }
        }
    }

    @Test("that is refused at /files leaves no batch at all")
    func refused() async throws {
        try await UploadServer.run { server in
            let wrong = ["Upload-Concat": "partial", "Upload-Length": "many"]
            let answer = try await server.send("POST", "/files", tus.merging(wrong) { $1 })
            #expect(answer.status == 400)
            await #expect(throws: Problem(.batchDeleted)) {
                try await server.store.batch(server.batch.id)
            }
        }
    }

    @Test("answers 400 to parts that are unfinished or no parts, and 404 to unknown ones")
    func wrong() async throws {
        try await UploadServer.run { server in
            let unfinished = try await server.createTus(8, ["Upload-Concat": "partial"]).upload
            let whole = try await server.createTus(4, octets, body: "0123").upload
            for (id, status) in [(unfinished, 400), (whole, 400), (Upload.ID.random(), 404)] {
                let answer = try await server.createTus(
                    nil, ["Upload-Concat": "final;/api/uploads/\(id)"])
                #expect(answer.status == status)
            }
            for text in ["final", "final;", "whole", "final;/elsewhere"] {
                #expect(try await server.createTus(nil, ["Upload-Concat": text]).status == 400)
            }
            #expect(try await server.images().count == 1)
        }
    }
}
