// tus 1.0.0: appending, and giving up.

import Domain
import Foundation
import Testing

@testable import Web

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
                try await server.send("PATCH", path, tus.merging(plain) { $1 }, body: "x").status
                    == 415)
            #expect(
                try await server.send("PATCH", path, tus.merging(octets) { $1 }, body: "x").status
                    == 400)
            #expect(
                try await server.patchTus(upload, at: 0, "x", ["Upload-Offset": "-0"]).status == 400
            )
            #expect(
                try await server.patchTus(upload, at: 0, "x", ["Tus-Resumable": "2"]).status == 412)
        }
    }

    @Test("answers 413 to more bytes for a finished upload, whether they are announced or not")
    func overrunOfTheWhole() async throws {
        try await UploadServer.run { server in
            let upload = try await server.createTus(4, octets, body: "0123").upload
            #expect(try await server.patchTus(upload, at: 4, "4").status == 413)
            let chunked = try await server.patchTus(
                upload, at: 4, "1\r\n4\r\n0\r\n\r\n", ["Transfer-Encoding": "chunked"])
            #expect(chunked.status == 413 && chunked.code == "length-exceeded")
            #expect(try await server.patchTus(upload, at: 4, "").status == 204)
        }
    }

    @Test("answers 403 for an upload that came another way, whose bytes are not its own to send")
    func foreign() async throws {
        try await UploadServer.run { server in
            let plain = try await server.uploads.create(
                UploadMetadata(name: "a"), length: nil, resumable: false, in: server.batch.id,
                by: nil, under: nil
            ).thing
            #expect(try await server.patchTus(plain.id, at: 0, "x").status == 403)
            let draft = ["Upload-Complete": "?0", "Content-Type": "application/partial-upload"]
            let answer = try await server.send(
                "PATCH", "/api/uploads/\(plain.id)", draft.merging(["Upload-Offset": "0"]) { $1 },
                body: "x")
            #expect(answer.status == 403)
        }
    }

    @Test("answers 507 to a length, told late, for which the disk has no room")
    func lateLength() async throws {
        var limits = Limits()
        limits.fileBytes = .max
        try await UploadServer.run(limits: limits) { server in
            let upload = try await server.createTus(nil, ["Upload-Defer-Length": "1"]).upload
            let immense = ["Upload-Length": String(1 << 60)]
            #expect(try await server.patchTus(upload, at: 0, "0123", immense).status == 507)
            #expect(
                try await server.patchTus(upload, at: 0, "0123", ["Upload-Length": "4"]).status
                    == 204)
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
            #expect(
                try await server.patchTus(upload, at: 2, "2", ["Upload-Length": "4"]).status == 204)
            #expect(
                try await server.patchTus(upload, at: 3, "3", ["Upload-Length": "5"]).status == 400)
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
            let path = "/api/uploads/\(upload)"
            let answer = try await server.send("POST", path, headers, body: "0123")
            #expect(answer.status == 204 && answer["Upload-Offset"] == "4")
            let head = tus.merging(["X-HTTP-Method-Override": "head"]) { $1 }
            #expect(try await server.send("POST", path, head)["Upload-Offset"] == "4")
            #expect(try await server.send("POST", path, tus).status == 405)
        }
    }

    @Test("takes its type in any case, and with parameters that say nothing")
    func typeInAnyCase() async throws {
        try await UploadServer.run { server in
            let upload = try await server.createTus(4).upload
            let type = ["Content-Type": "Application/Offset+Octet-Stream; charset=utf-8"]
            #expect(try await server.patchTus(upload, at: 0, "0123", type).status == 204)
        }
    }

    @Test("in a coding that is not undone is 415, and costs nothing")
    func contentCoding() async throws {
        try await UploadServer.run { server in
            let upload = try await server.createTus(4).upload
            for coding in ["gzip", "identity, GZIP", "br"] {
                let answer = try await server.patchTus(
                    upload, at: 0, "0123", ["Content-Encoding": coding])
                #expect(answer.status == 415 && answer["Accept-Encoding"] == "identity")
                #expect(answer["Tus-Resumable"] == "1.0.0")
            }
            let plain = try await server.patchTus(
                upload, at: 0, "0123", ["Content-Encoding": "identity"])
            #expect(plain.status == 204)
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
