// "Resumable Uploads for HTTP", in each of its versions.

import Domain
import Foundation
import Hashing
import Testing

@testable import Web

/// Headers of a request in version `interop`.
private func draft(
    _ interop: Int?, last: Bool?, _ more: [String: String] = [:], appends: Bool = false
) -> [String: String] {
    var headers = more
    if let interop { headers["Upload-Draft-Interop-Version"] = String(interop) }
    if let last {
        let name = interop == 3 ? "Upload-Incomplete" : "Upload-Complete"
        headers[name] = last != (interop == 3) ? "?1" : "?0"
    }
    if appends, (interop ?? 8) >= 6 { headers["Content-Type"] = "application/partial-upload" }
    return headers
}

extension UploadServer {
    fileprivate func append(
        _ upload: Upload.ID, at offset: Int, _ body: String, last: Bool, _ interop: Int? = 8,
        _ more: [String: String] = [:]
    ) async throws -> Answer {
        let headers = draft(
            interop, last: last, ["Upload-Offset": String(offset)], appends: true)
        return try await send(
            "PATCH", "/api/uploads/\(upload)", headers.merging(more) { $1 }, body: body)
    }

    /// Careful creation: no content yet.
    fileprivate func careful(_ interop: Int? = 8, _ more: [String: String] = [:]) async throws
        -> Upload.ID
    {
        try await send("POST", creation, draft(interop, last: false, more)).upload
    }
}

@Suite("Draft creation")
struct DraftCreationTests {
    @Test(
        "tells the upload's URL by 104 before the body, and the image's at the end",
        arguments: 3...8)
    func interim(version: Int) async throws {
        try await UploadServer.run { server in
            try await server.connect { connection in
                try await connection.send(
                    "POST", server.creation,
                    draft(
                        version, last: true,
                        [
                            "Content-Length": "5",
                            "Content-Disposition": "inline; filename*=UTF-8''a%20b.jpg",
                        ]))
                let interim = try await connection.next()
                #expect(interim.status == 104)
                #expect(interim["Upload-Draft-Interop-Version"] == "\(version)")
                #expect((interim["Upload-Limit"] != nil) == (version >= 6))
                let upload = try interim.upload
                try await connection.send("bytes")
                let answer = try await connection.answer()
                #expect(answer.status == 201)
                let image = try await server.image(of: upload)
                #expect(answer["Location"] == "\(server.creation)/\(image.id)")
                #expect(try answer.json["name"] == "a b.jpg")
                #expect(
                    answer[version == 3 ? "Upload-Incomplete" : "Upload-Complete"]
                        == (version == 3 ? "?0" : "?1"))
                #expect(try await server.original(of: image.id) == "bytes")
            }
        }
    }

    @Test("sends no 104 to a client that names no version")
    func silent() async throws {
        try await UploadServer.run { server in
            try await server.connect { connection in
                try await connection.send(
                    "POST", server.creation, draft(nil, last: true), body: Array("bytes".utf8))
                #expect(try await connection.next().status == 201)
            }
        }
    }

    @Test("sends no 104 to a client of HTTP/1.0, which knows no interim answers")
    func old() async throws {
        try await UploadServer.run { server in
            try await server.connect { connection in
                let headers = draft(8, last: true, ["Content-Length": "5"])
                let lines = headers.map { "\($0): \($1)\r\n" }.joined()
                try await connection.send("POST \(server.creation) HTTP/1.0\r\n\(lines)\r\nbytes")
                #expect(try await connection.next().status == 201)
            }
        }
    }

    @Test("in an unknown version is a plain upload")
    func unknownVersion() async throws {
        try await UploadServer.run { server in
            try await server.connect { connection in
                try await connection.send(
                    "POST", server.creation, draft(99, last: false), body: Array("bytes".utf8))
                let answer = try await connection.next()
                #expect(answer.status == 201 && answer["Upload-Complete"] == nil)
                #expect(try answer.json["state"] == "waiting")
            }
        }
    }

    @Test("with some of the bytes answers 201 with where to go on")
    func incomplete() async throws {
        try await UploadServer.run { server in
            let answer = try await server.send(
                "POST", server.creation, draft(nil, last: false, ["Upload-Length": "10"]),
                body: "0123")
            #expect(answer.status == 201)
            #expect(answer["Upload-Complete"] == "?0" && answer["Upload-Offset"] == "4")
            #expect(answer["Upload-Limit"]?.contains("max-age=") == true)
            #expect(try await server.store.upload(answer.upload).length == 10)
        }
    }

    @Test("tells progress by 104 without a Location")
    func progress() async throws {
        var settings = UploadSettings.roomy
        settings.commitBytes = 4
        try await UploadServer.run(settings: settings) { server in
            try await server.connect { connection in
                try await connection.send(
                    "POST", server.creation, draft(8, last: true, ["Content-Length": "8"]))
                #expect(try await connection.next()["Location"] != nil)
                try await connection.send("0123")
                let progress = try await connection.next()
                #expect(progress.status == 104 && progress["Upload-Offset"] == "4")
                #expect(progress["Location"] == nil)
                try await connection.send("4567")
                #expect(try await connection.answer().status == 201)
            }
        }
    }

    @Test("refuses lengths that do not agree, forms, and files over the limit")
    func refused() async throws {
        try await UploadServer.run { server in
            let lengths = try await server.send(
                "POST", server.creation, draft(8, last: true, ["Upload-Length": "9"]), body: "0123")
            #expect(lengths.status == 400)
            #expect(lengths.isProblem("inconsistent-upload-length"))
            let form = try await server.send(
                "POST", server.creation, draft(8, last: true, formType), body: "x")
            #expect(form.status == 415)
            let large = try await server.send(
                "POST", server.creation, draft(8, last: false, ["Upload-Length": "999999999999"]))
            #expect(large.status == 413 && large["Upload-Limit"]?.hasPrefix("max-size=") == true)
            #expect(try await server.images().isEmpty)
        }
    }

    @Test("compares the whole file with the digest announced", arguments: [true, false])
    func reprDigest(isRight: Bool) async throws {
        try await UploadServer.run { server in
            let digest = Data(SHA256.hash("0123".utf8)).base64EncodedString()
            let upload = try await server.careful(8, ["Repr-Digest": "sha-256=:\(digest):"])
            let answer = try await server.append(
                upload, at: 0, isRight ? "0123" : "0124", last: true, 8,
                ["Want-Repr-Digest": "sha-256=1"])
            #expect(answer.status == (isRight ? 200 : 400))
            #expect(answer["Repr-Digest"] == (isRight ? "sha-256=:\(digest):" : nil))
            #expect(try await server.image(of: upload).state == (isRight ? .waiting : .rejected))
        }
    }
}

@Suite("Draft PATCH")
struct DraftAppendTests {
    @Test("answers 204 until the last, which answers 200 with the image", arguments: 3...8)
    func append(version: Int) async throws {
        try await UploadServer.run { server in
            let upload = try await server.careful(version)
            let first = try await server.append(upload, at: 0, "0123", last: false, version)
            #expect(first.status == 204 && first["Upload-Offset"] == "4")
            let last = try await server.append(upload, at: 4, "4567", last: true, version)
            #expect(last.status == 200)
            #expect(try last.json["state"] == "waiting")
            let field = version == 3 ? "Upload-Incomplete" : "Upload-Complete"
            #expect(first[field] == (version == 3 ? "?1" : "?0"))
            #expect(last[field] == (version == 3 ? "?0" : "?1"))
            let image = try await server.image(of: upload)
            #expect(try await server.original(of: image.id) == "01234567")
        }
    }

    @Test("answers 409 with what was expected for another offset")
    func mismatch() async throws {
        try await UploadServer.run { server in
            let upload = try await server.careful()
            _ = try await server.append(upload, at: 0, "0123", last: false)
            let answer = try await server.append(upload, at: 3, "x", last: false)
            #expect(answer.status == 409)
            #expect(answer["Upload-Offset"] == "4" && answer["Upload-Complete"] == "?0")
            #expect(answer["Content-Type"] == "application/problem+json")
            let problem = try answer.json
            #expect(
                problem["type"]
                    == "https://iana.org/assignments/http-problem-types#mismatching-upload-offset")
            #expect(problem["expected-offset"]?.intValue == 4)
            #expect(problem["provided-offset"]?.intValue == 3)
        }
    }

    @Test("answers 400 without its fields and 415 for another type")
    func malformed() async throws {
        try await UploadServer.run { server in
            let upload = try await server.careful()
            let path = "/api/uploads/\(upload)"
            let noOffset = draft(8, last: false, appends: true)
            #expect(try await server.send("PATCH", path, noOffset, body: "x").status == 400)
            let noComplete = draft(8, last: nil, ["Upload-Offset": "0"], appends: true)
            #expect(try await server.send("PATCH", path, noComplete, body: "x").status == 400)
            let text = draft(
                8, last: nil, ["Upload-Offset": "0", "Upload-Complete": "yes"], appends: true)
            #expect(try await server.send("PATCH", path, text, body: "x").status == 400)
            let otherType = draft(
                8, last: false, ["Upload-Offset": "0", "Content-Type": "image/png"])
            #expect(try await server.send("PATCH", path, otherType, body: "x").status == 415)
        }
    }

    @Test("beyond the length ends the upload, and its image says why")
    func overrun() async throws {
        try await UploadServer.run { server in
            let upload = try await server.careful(8, ["Upload-Length": "6"])
            _ = try await server.append(upload, at: 0, "0123", last: false)
            let answer = try await server.append(upload, at: 4, "4567", last: false)
            #expect(answer.status == 413 && answer.code == "length-exceeded")
            let image = try await server.image(of: upload)
            #expect(image.state == .rejected)
            #expect(image.document["problem"]?["code"] == "length-exceeded")
            #expect(try await server.append(upload, at: 4, "45", last: true).status == 410)
            #expect(try await server.send("HEAD", "/api/uploads/\(upload)").status == 410)
        }
    }

    @Test("announcing more bytes than can be counted is one too large", arguments: [true, false])
    func immense(isLengthKnown: Bool) async throws {
        try await UploadServer.run { server in
            let upload = try await server.careful(8, isLengthKnown ? ["Upload-Length": "6"] : [:])
            _ = try await server.append(upload, at: 0, "0123", last: false)
            let answer = try await server.append(
                upload, at: 4, "4", last: true, 8, ["Content-Length": String(Int.max)])
            #expect(answer.status == 413)
            #expect(answer.code == (isLengthKnown ? "length-exceeded" : "file-too-large"))
        }
    }

    @Test("shorter than the length said is inconsistent")
    func tooShort() async throws {
        try await UploadServer.run { server in
            let upload = try await server.careful(8, ["Upload-Length": "6"])
            let answer = try await server.append(upload, at: 0, "0123", last: true)
            #expect(answer.status == 400)
            #expect(answer.isProblem("inconsistent-upload-length"))
        }
    }

    @Test(
        "naming another length than before is inconsistent, and costs nothing", arguments: [5, 7])
    func otherLength(length: Int) async throws {
        try await UploadServer.run { server in
            let upload = try await server.careful(8, ["Upload-Length": "6"])
            _ = try await server.append(upload, at: 0, "0123", last: false)
            let answer = try await server.append(
                upload, at: 4, "4", last: false, 8, ["Upload-Length": String(length)])
            #expect(answer.status == 400)
            #expect(answer.isProblem("inconsistent-upload-length"))
            #expect(try await server.append(upload, at: 4, "45", last: true).status == 200)
        }
    }

    @Test("shorter than the length said, by a body of no known length, is inconsistent, too")
    func tooShortInChunks() async throws {
        try await UploadServer.run { server in
            let upload = try await server.careful(8, ["Upload-Length": "6"])
            let answer = try await server.append(
                upload, at: 0, "4\r\n0123\r\n0\r\n\r\n", last: true, 8,
                ["Transfer-Encoding": "chunked"])
            #expect(answer.status == 400)
            #expect(answer.isProblem("inconsistent-upload-length"))
            #expect(try await server.append(upload, at: 4, "45", last: true).status == 200)
        }
    }

    @Test("that ends an upload without a byte is refused, and its image says why")
    func empty() async throws {
        try await UploadServer.run { server in
            let upload = try await server.careful()
            let answer = try await server.append(upload, at: 0, "", last: true)
            #expect(answer.status == 422 && answer.code == "empty-file")
            let image = try await server.image(of: upload)
            #expect(image.state == .rejected)
            #expect(image.document["problem"]?["code"] == "empty-file")
        }
    }

    @Test("with nothing to add completes the upload, and repeats its answer")
    func emptyLast() async throws {
        try await UploadServer.run { server in
            let upload = try await server.careful()
            _ = try await server.append(upload, at: 0, "0123", last: false)
            for _ in 0..<2 {
                let answer = try await server.append(upload, at: 4, "", last: true)
                #expect(answer.status == 200 && answer["Upload-Complete"] == "?1")
            }
            let more = try await server.append(upload, at: 4, "4", last: true)
            #expect(more.status == 400)
            #expect(more.isProblem("completed-upload"))
        }
    }

    @Test("with a wrong Content-Digest adds nothing")
    func contentDigest() async throws {
        try await UploadServer.run { server in
            let upload = try await server.careful()
            let digest = Data(SHA256.hash("0123".utf8)).base64EncodedString()
            let headers = ["Content-Digest": "sha-256=:\(digest):"]
            #expect(
                try await server.append(upload, at: 0, "0124", last: false, 8, headers).status
                    == 400)
            let right = try await server.append(upload, at: 0, "0123", last: false, 8, headers)
            #expect(right["Upload-Offset"] == "4")
        }
    }
}

@Suite("Draft HEAD, DELETE and OPTIONS")
struct DraftOtherTests {
    @Test("HEAD answers offset, completeness and limits, and refuses to be told them")
    func head() async throws {
        try await UploadServer.run { server in
            let upload = try await server.careful(8, ["Upload-Length": "8"])
            _ = try await server.append(upload, at: 0, "0123", last: false)
            let path = "/api/uploads/\(upload)"
            let answer = try await server.send("HEAD", path, draft(8, last: nil))
            #expect(answer.status == 204)
            #expect(answer["Upload-Offset"] == "4" && answer["Upload-Complete"] == "?0")
            #expect(answer["Upload-Length"] == "8" && answer["Cache-Control"] == "no-store")
            #expect(answer["Upload-Limit"]?.contains("max-age=") == true)
            let old = try await server.send("HEAD", path, draft(3, last: nil))
            #expect(old["Upload-Incomplete"] == "?1" && old["Upload-Complete"] == nil)
            #expect(try await server.send("HEAD", path, draft(8, last: false)).status == 400)
            #expect(try await server.send("HEAD", path, ["Upload-Offset": "4"]).status == 400)
        }
    }

    @Test("DELETE ends the upload")
    func delete() async throws {
        try await UploadServer.run { server in
            let upload = try await server.careful()
            let path = "/api/uploads/\(upload)"
            #expect(try await server.send("DELETE", path, draft(8, last: nil)).status == 204)
            #expect(try await server.send("HEAD", path, draft(8, last: nil)).status == 404)
            #expect(try await server.append(upload, at: 0, "x", last: true).status == 404)
        }
    }
}
