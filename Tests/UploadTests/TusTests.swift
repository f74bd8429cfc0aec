// tus 1.0.0, row by row. The wire is spoken by hand, because clients never do what these rows are
// about.

import Crypto
import Domain
import Foundation
import Testing

@testable import Web

let tus = ["Tus-Resumable": "1.0.0"]
private let octets = ["Content-Type": "application/offset+octet-stream"]

extension UploadServer {
    func createTus(
        _ length: Int? = 10, _ more: [String: String] = [:], body: String = ""
    ) async throws -> Answer {
        var headers = tus.merging(more) { $1 }
        if let length { headers["Upload-Length"] = String(length) }
        return try await send("POST", creation, headers, body: body)
    }

    func patchTus(
        _ upload: Upload.ID, at offset: Int, _ body: String, _ more: [String: String] = [:]
    ) async throws -> Answer {
        let headers = tus.merging(octets) { $1 }.merging(["Upload-Offset": "\(offset)"]) { $1 }
        return try await send(
            "PATCH", "/api/uploads/\(upload)", headers.merging(more) { $1 }, body: body)
    }

    func headTus(_ upload: Upload.ID) async throws -> Answer {
        try await send("HEAD", "/api/uploads/\(upload)", tus)
    }
}

@Suite("tus POST")
struct TusCreationTests {
    @Test("answers 201 with where the upload and its image are")
    func created() async throws {
        try await UploadServer.run { server in
            let answer = try await server.createTus(
                10, ["Upload-Metadata": "filename \(base64("wörld.jpg")),empty"])
            #expect(answer.status == 201)
            #expect(answer["Tus-Resumable"] == "1.0.0")
            #expect(answer["Upload-Expires"]?.hasSuffix("GMT") == true)
            let upload = try await server.store.upload(answer.upload)
            let image = try #require(upload.image)
            #expect(answer["Link"] == "<\(server.creation)/\(image)>; rel=\"status\"")
            let member = try #require(try await server.images().first)
            #expect(member["name"] == "wörld.jpg" && member["state"] == "uploading")
            #expect(member["size"]?.intValue == 10)
        }
    }

    @Test("answers 412 to another version and does nothing")
    func version() async throws {
        try await UploadServer.run { server in
            let answer = try await server.createTus(10, ["Tus-Resumable": "0.2.2"])
            #expect(answer.status == 412)
            #expect(answer["Tus-Version"] == "1.0.0" && answer["Tus-Resumable"] == "1.0.0")
            #expect(try await server.images().isEmpty)
        }
    }

    @Test(
        "answers 400 unless exactly one of length and deferred length is there",
        arguments: [
            [:], ["Upload-Length": "-1"], ["Upload-Length": "ten"], ["Upload-Length": "+1"],
            ["Upload-Length": "99999999999999999999"], ["Upload-Defer-Length": "2"],
            ["Upload-Length": "1", "Upload-Defer-Length": "1"],
        ] as [[String: String]])
    func length(headers: [String: String]) async throws {
        try await UploadServer.run { server in
            let answer = try await server.createTus(nil, headers)
            #expect(answer.status == 400 && answer.code == "bad-request")
            #expect(answer["Tus-Resumable"] == "1.0.0")
        }
    }

    @Test("answers 413 over the limit and 422 for an empty file")
    func size() async throws {
        try await UploadServer.run { server in
            let large = try await server.createTus(200 << 20 + 1)
            #expect(large.status == 413 && large.code == "file-too-large")
            #expect(try await server.createTus(0).code == "empty-file")
            #expect(try await server.images().isEmpty)
        }
    }

    @Test(
        "answers 400 to metadata that is none",
        arguments: ["filename ***", "filename \(base64("a")),filename \(base64("b"))", ",", "a b c"])
    func metadata(text: String) async throws {
        try await UploadServer.run { server in
            let answer = try await server.createTus(10, ["Upload-Metadata": text])
            #expect(answer.status == 400)
        }
    }

    @Test("takes bytes with the creation, some or all")
    func withUpload() async throws {
        try await UploadServer.run { server in
            let some = try await server.createTus(10, octets, body: "01234")
            #expect(some.status == 201 && some["Upload-Offset"] == "5")
            #expect(try await server.image(of: some.upload).state == .uploading)
            let all = try await server.createTus(10, octets, body: "0123456789")
            #expect(all.status == 201 && all["Upload-Offset"] == "10")
            #expect(all["Upload-Expires"] == nil)
            #expect(try await server.image(of: all.upload).state == .waiting)
        }
    }

    @Test("answers 415 to bytes of another type")
    func withUploadOfAnotherType() async throws {
        try await UploadServer.run { server in
            let answer = try await server.createTus(10, ["Content-Type": "image/jpeg"], body: "01234")
            #expect(answer.status == 415)
            #expect(try await server.images().isEmpty)
        }
    }

    @Test("keeps the bytes of an interrupted creation")
    func interrupted() async throws {
        try await UploadServer.run { server in
            try await server.connect { connection in
                try await connection.send(
                    "POST", server.creation,
                    tus.merging(octets) { $1 }.merging([
                        "Upload-Length": "10", "Content-Length": "10", "Expect": "100-continue",
                    ]) { $1 })
                #expect(try await connection.next().status == 100)
                try await connection.send("0123")
                try await connection.drop()
            }
            let upload = try await server.offset(of: nil, reaching: 4)
            #expect(try await server.headTus(upload)["Upload-Offset"] == "4")
            #expect(try await server.patchTus(upload, at: 4, "456789").status == 204)
            let image = try await server.image(of: upload)
            #expect(try await server.original(of: image.id) == "0123456789")
        }
    }

    @Test("to /files makes a batch by itself")
    func files() async throws {
        try await UploadServer.run { server in
            let answer = try await server.send(
                "POST", "/files", tus.merging(["Upload-Length": "3"]) { $1 })
            #expect(answer.status == 201)
            #expect(answer["Set-Cookie"] == "revela_owner=secret")
            #expect(try await server.patchTus(answer.upload, at: 0, "abc").status == 204)
        }
    }
}

@Suite("tus HEAD")
struct TusHeadTests {
    @Test("answers where the upload stands, what it was said to be, and never caches")
    func head() async throws {
        try await UploadServer.run { server in
            let metadata = "filename \(base64("a.jpg")),other"
            let created = try await server.createTus(10, ["Upload-Metadata": metadata])
            _ = try await server.patchTus(created.upload, at: 0, "0123")
            let answer = try await server.headTus(created.upload)
            #expect(answer.status == 204)
            #expect(answer["Upload-Offset"] == "4" && answer["Upload-Length"] == "10")
            #expect(answer["Upload-Metadata"] == metadata)
            #expect(answer["Cache-Control"] == "no-store")
            #expect(answer["Upload-Complete"] == "?0")
            #expect(answer["Upload-Limit"]?.contains("max-size=") == true)
        }
    }

    @Test("answers 404 without an offset for what never was or was given up")
    func unknown() async throws {
        try await UploadServer.run { server in
            for path in ["/api/uploads/\(Upload.ID.random())", "/api/uploads/nonsense"] {
                let answer = try await server.send("HEAD", path, tus)
                #expect(answer.status == 404 && answer["Upload-Offset"] == nil)
                #expect(answer["Tus-Resumable"] == "1.0.0")
            }
        }
    }

    @Test("answers length equal to offset once the upload is whole")
    func whole() async throws {
        try await UploadServer.run { server in
            let upload = try await server.createTus(4, octets, body: "0123").upload
            let answer = try await server.headTus(upload)
            #expect(answer["Upload-Offset"] == "4" && answer["Upload-Length"] == "4")
            #expect(answer["Upload-Complete"] == "?1" && answer["Upload-Expires"] == nil)
        }
    }
}

@Suite("tus PATCH")
struct TusPatchTests {
    @Test("answers 204 with the new offset, and the last one queues the image")
    func append() async throws {
        try await UploadServer.run { server in
            let upload = try await server.createTus(10).upload
            let first = try await server.patchTus(upload, at: 0, "0123")
            #expect(first.status == 204 && first["Upload-Offset"] == "4")
            #expect(first["Upload-Expires"] != nil)
            let last = try await server.patchTus(upload, at: 4, "456789")
            #expect(last.status == 204 && last["Upload-Offset"] == "10")
            let image = try await server.image(of: upload)
            #expect(image.state == .waiting)
            #expect(try await server.original(of: image.id) == "0123456789")
            #expect(try await server.blobs.staged().isEmpty)
        }
    }

    @Test("answers 409 for another offset and changes nothing", arguments: [3, 5])
    func offset(offset: Int) async throws {
        try await UploadServer.run { server in
            let upload = try await server.createTus(10, octets, body: "0123").upload
            let answer = try await server.patchTus(upload, at: offset, "x")
            #expect(answer.status == 409 && answer["Upload-Offset"] == "4")
            #expect(answer.code == "offset-mismatch")
            #expect(try await server.headTus(upload)["Upload-Offset"] == "4")
        }
    }

    @Test("answers 415 for another type and 400 without an offset")
    func malformed() async throws {
        try await UploadServer.run { server in
            let upload = try await server.createTus(10).upload
            let path = "/api/uploads/\(upload)"
            let plain = ["Content-Type": "image/jpeg", "Upload-Offset": "0"]
            #expect(
                try await server.send("PATCH", path, tus.merging(plain) { $1 }, body: "x").status == 415)
            #expect(
                try await server.send("PATCH", path, tus.merging(octets) { $1 }, body: "x").status == 400)
            #expect(try await server.patchTus(upload, at: 0, "x", ["Upload-Offset": "-0"]).status == 400)
            #expect(
                try await server.patchTus(upload, at: 0, "x", ["Tus-Resumable": "2"]).status == 412)
        }
    }

    @Test("answers 413 to more bytes than announced and keeps the acknowledged ones")
    func overrun() async throws {
        try await UploadServer.run { server in
            let upload = try await server.createTus(10, octets, body: "0123").upload
            let announced = try await server.patchTus(upload, at: 4, "4567890")
            #expect(announced.status == 413 && announced.code == "length-exceeded")
            let chunked = try await server.connect { connection in
                try await connection.send(
                    "PATCH", "/api/uploads/\(upload)",
                    tus.merging(octets) { $1 }.merging([
                        "Upload-Offset": "4", "Transfer-Encoding": "chunked",
                    ]) { $1 })
                try await connection.send("7\r\n4567890\r\n0\r\n\r\n")
                return try await connection.answer()
            }
            #expect(chunked.status == 413)
            #expect(try await server.headTus(upload)["Upload-Offset"] == "4")
            #expect(try await server.patchTus(upload, at: 4, "456789").status == 204)
            let image = try await server.image(of: upload)
            #expect(try await server.original(of: image.id) == "0123456789")
        }
    }

    @Test("takes a chunked body")
    func chunked() async throws {
        try await UploadServer.run { server in
            let upload = try await server.createTus(4).upload
            let answer = try await server.connect { connection in
                try await connection.send(
                    "PATCH", "/api/uploads/\(upload)",
                    tus.merging(octets) { $1 }.merging([
                        "Upload-Offset": "0", "Transfer-Encoding": "chunked",
                    ]) { $1 })
                try await connection.send("2\r\nab\r\n2\r\ncd\r\n0\r\n\r\n")
                return try await connection.answer()
            }
            #expect(answer.status == 204 && answer["Upload-Offset"] == "4")
        }
    }

    @Test("sets a deferred length once")
    func deferLength() async throws {
        try await UploadServer.run { server in
            let upload = try await server.createTus(nil, ["Upload-Defer-Length": "1"]).upload
            let head = try await server.headTus(upload)
            #expect(head["Upload-Defer-Length"] == "1" && head["Upload-Length"] == nil)
            #expect(try await server.patchTus(upload, at: 0, "01").status == 204)
            let tooShort = try await server.patchTus(upload, at: 2, "", ["Upload-Length": "1"])
            #expect(tooShort.status == 400)
            #expect(try await server.patchTus(upload, at: 2, "2", ["Upload-Length": "4"]).status == 204)
            #expect(try await server.patchTus(upload, at: 3, "3", ["Upload-Length": "5"]).status == 400)
            #expect(try await server.headTus(upload)["Upload-Length"] == "4")
            #expect(try await server.patchTus(upload, at: 3, "3").status == 204)
            #expect(try await server.image(of: upload).state == .waiting)
        }
    }

    @Test("answers 204 to an empty append of a whole upload, 413 to more, 409 elsewhere")
    func afterTheEnd() async throws {
        try await UploadServer.run { server in
            let upload = try await server.createTus(4, octets, body: "0123").upload
            #expect(try await server.patchTus(upload, at: 4, "").status == 204)
            #expect(try await server.patchTus(upload, at: 4, "4").status == 413)
            #expect(try await server.patchTus(upload, at: 0, "0123").status == 409)
        }
    }

    @Test("is POST with X-HTTP-Method-Override too")
    func override() async throws {
        try await UploadServer.run { server in
            let upload = try await server.createTus(4).upload
            let headers = tus.merging(octets) { $1 }.merging([
                "Upload-Offset": "0", "X-HTTP-Method-Override": "PATCH",
            ]) { $1 }
            let answer = try await server.send(
                "POST", "/api/uploads/\(upload)", headers, body: "0123")
            #expect(answer.status == 204 && answer["Upload-Offset"] == "4")
        }
    }
}

@Suite("tus Upload-Checksum")
struct TusChecksumTests {
    private func sha1(_ text: String) -> String {
        Data(Insecure.SHA1.hash(data: Data(text.utf8))).base64EncodedString()
    }

    private func sha256(_ text: String) -> String {
        Data(SHA256.hash(data: Data(text.utf8))).base64EncodedString()
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

    @Test("answers 400 to an algorithm it does not know", arguments: ["md5 AAAA", "sha1", "sha1 **"])
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

@Suite("tus DELETE")
struct TusDeleteTests {
    @Test("ends an unfinished upload and cancels its image")
    func unfinished() async throws {
        try await UploadServer.run { server in
            let upload = try await server.createTus(8, octets, body: "0123").upload
            let image = try await server.image(of: upload).id
            #expect(try await server.send("DELETE", "/api/uploads/\(upload)", tus).status == 204)
            #expect(try await server.headTus(upload).status == 404)
            #expect(try await server.patchTus(upload, at: 4, "4567").status == 404)
            #expect(try await server.store.image(image, in: server.batch.id).state == .cancelled)
            #expect(try await server.blobs.staged().isEmpty)
        }
    }

    @Test("of a whole upload leaves its image")
    func whole() async throws {
        try await UploadServer.run { server in
            let upload = try await server.createTus(4, octets, body: "0123").upload
            let image = try await server.image(of: upload).id
            #expect(try await server.send("DELETE", "/api/uploads/\(upload)", tus).status == 204)
            #expect(try await server.headTus(upload).status == 404)
            #expect(try await server.store.image(image, in: server.batch.id).state == .waiting)
        }
    }
}

@Suite("tus Upload-Concat")
struct TusConcatTests {
    private func part(_ server: UploadServer, _ bytes: String) async throws -> Upload.ID {
        let headers = ["Upload-Concat": "partial"].merging(octets) { $1 }
        return try await server.createTus(bytes.utf8.count, headers, body: bytes).upload
    }

    @Test("joins parts in their order into one image, and only one")
    func join() async throws {
        try await UploadServer.run { server in
            let parts = [try await part(server, "one "), try await part(server, "two ")]
            #expect(try await server.images().isEmpty)
            let urls = [
                "/api/uploads/\(parts[1])", "http://127.0.0.1/api/uploads/\(parts[0])",
                "/api/uploads/\(parts[1])",
            ]
            let answer = try await server.createTus(
                nil, ["Upload-Concat": "final;\(urls.joined(separator: " "))"])
            #expect(answer.status == 201)
            let image = try await server.image(of: answer.upload)
            #expect(try await server.original(of: image.id) == "two one two ")
            let head = try await server.headTus(answer.upload)
            #expect(head["Upload-Length"] == "12" && head["Upload-Offset"] == "12")
            #expect(head["Upload-Concat"]?.hasPrefix("final;/api/uploads") == true)
            #expect(try await server.headTus(parts[0])["Upload-Concat"] == "partial")
            #expect(try await server.patchTus(answer.upload, at: 12, "").status == 403)
            #expect(try await server.images().count == 1)
        }
    }

    @Test("answers 400 to parts that are unfinished, foreign or no parts, and 404 to unknown ones")
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

@Suite("tus OPTIONS")
struct TusOptionsTests {
    @Test("tells versions, extensions and limits without being asked by version")
    func options() async throws {
        try await UploadServer.run { server in
            for path in ["/files", server.creation] {
                let answer = try await server.send("OPTIONS", path)
                #expect(answer.status == 204)
                #expect(answer["Tus-Version"] == "1.0.0" && answer["Tus-Max-Size"] == "209715200")
                #expect(answer["Tus-Checksum-Algorithm"] == "sha1,sha256")
                #expect(answer["Tus-Extension"]?.contains("concatenation") == true)
                #expect(answer["Upload-Limit"] == "max-size=209715200, min-size=1")
            }
        }
    }
}

extension UploadServer {
    /// Returns once the upload (or the only one there is) holds `offset` durable bytes.
    func offset(of id: Upload.ID?, reaching offset: Int) async throws -> Upload.ID {
        while true {
            let open = try await store.openUploads().first { id == nil || $0.id == id }
            if let open, open.offset >= offset { return open.id }
            await Task.yield()
        }
    }
}
