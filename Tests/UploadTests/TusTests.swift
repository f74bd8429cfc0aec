// tus 1.0.0, row by row. The wire is spoken by hand, because clients never do what these rows are
// about.

import Domain
import Foundation
import Testing

@testable import Web

let tus = ["Tus-Resumable": "1.0.0"]
let octets = ["Content-Type": "application/offset+octet-stream"]

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
        arguments: [
            "filename ***", "filename \(base64("a")),filename \(base64("b"))", ",", "a b c",
        ])
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
            let answer = try await server.createTus(
                10, ["Content-Type": "image/jpeg"], body: "01234")
            #expect(answer.status == 415)
            #expect(try await server.images().isEmpty)
        }
    }

    @Test("answers 413 to a body longer than the upload and makes nothing")
    func bodyTooLong() async throws {
        try await UploadServer.run { server in
            let answer = try await server.createTus(4, octets, body: "01234")
            #expect(answer.status == 413 && answer.code == "length-exceeded")
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
            let open = try await store.openUploads(after: nil, limit: 100)
                .first { id == nil || $0.id == id }
            if let open, open.offset >= offset { return open.id }
            await Task.yield()
        }
    }
}
