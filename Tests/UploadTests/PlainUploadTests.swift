// One request, one or many files.

import Domain
import Testing

@testable import Web

@Suite("A plain upload", .timeLimit(.minutes(5)))
struct PlainUploadTests {
    @Test("POST of a form makes an image of each file, in order, and answers 201 with the list")
    func form() async throws {
        try await UploadServer.run { server in
            let body = UploadTests.form([("a.jpg", "first"), ("b.jpg", "second")])
            let answer = try await server.send("POST", server.creation, formType, body: body)
            #expect(answer.status == 201)
            guard case .array(let images) = try answer.json["images"] else {
                Issue.record("no list: \(answer.body)")
                return
            }
            #expect(images.map { $0["name"]?.stringValue } == ["a.jpg", "b.jpg"])
            #expect(images.map { $0["state"]?.stringValue } == ["waiting", "waiting"])
            let id = try #require(images[1]["id"]?.stringValue.flatMap { Image.ID($0) })
            #expect(images[1]["url"]?.stringValue == "\(server.creation)/\(id)")
            #expect(try await server.original(of: id) == "second")
            #expect(try await server.blobs.staged().isEmpty)
        }
    }

    @Test("POST of a form refuses a file over the limit alone, and the rest goes on")
    func oneTooLarge() async throws {
        var limits = Limits()
        limits.fileBytes = 10
        try await UploadServer.run(limits: limits) { server in
            let body = UploadTests.form([("a", "fine"), ("b", "far too large"), ("c", "fine too")])
            let answer = try await server.send("POST", server.creation, formType, body: body)
            #expect(answer.status == 201)
            let images = try await server.images()
            #expect(images.map { $0["state"]?.stringValue } == ["waiting", "rejected", "waiting"])
            #expect(images[1]["problem"]?["code"] == "file-too-large")
            #expect(images[1]["problem"]?["limit"]?.intValue == 10)
            #expect(try await server.blobs.staged().isEmpty)
        }
    }

    @Test("POST of a form makes an empty file a rejected image")
    func empty() async throws {
        try await UploadServer.run { server in
            let answer = try await server.send(
                "POST", server.creation, formType, body: UploadTests.form([("a", "")]))
            #expect(answer.status == 201)
            #expect(try await server.images().map { $0["problem"]?["code"] } == ["empty-file"])
        }
    }

    @Test("POST of a form that is cut short answers 400, and whole parts stay")
    func malformed() async throws {
        try await UploadServer.run { server in
            let whole = UploadTests.form([("a", "fine"), ("b", "cut")])
            let answer = try await server.send(
                "POST", server.creation, formType, body: String(whole.dropLast(15)))
            #expect(answer.status == 400)
            #expect(answer.code == "malformed-multipart")
            let images = try await server.images()
            #expect(images.map { $0["state"]?.stringValue } == ["waiting", "rejected"])
            #expect(images[1]["problem"]?["code"] == "upload-incomplete")
            #expect(try await server.blobs.staged().isEmpty)
        }
    }

    @Test(
        "POST answers what a form or a file must be",
        arguments: [
            ("multipart/form-data", 400, "malformed-multipart"),
            ("multipart/mixed; boundary=x", 400, "malformed-multipart"),
            ("application/x-www-form-urlencoded", 415, "unsupported-media-type"),
            ("text/plain", 415, "unsupported-media-type"),
        ])
    func contentType(type: String, status: Int, code: String) async throws {
        try await UploadServer.run { server in
            let answer = try await server.send(
                "POST", server.creation, ["Content-Type": type], body: "a=b")
            #expect(answer.status == status)
            #expect(answer.code == code)
            #expect(try await server.images().isEmpty)
        }
    }

    @Test(
        "POST of a file takes types in any case, and those that say nothing",
        arguments: [
            "IMAGE/JPEG", "Image/jpeg; q=1", "Application/Octet-Stream", "binary/octet-stream", "",
        ])
    func typesOfFiles(type: String) async throws {
        try await UploadServer.run { server in
            let answer = try await server.send(
                "POST", server.creation, ["Content-Type": type], body: "bytes")
            #expect(answer.status == 201)
        }
    }

    @Test("POST in a coding that is not undone is 415, form or file", arguments: ["gzip", "br"])
    func contentCoding(coding: String) async throws {
        try await UploadServer.run { server in
            let coded = ["Content-Encoding": coding]
            for type in [formType, [:]] {
                let answer = try await server.send(
                    "POST", server.creation, coded.merging(type) { $1 }, body: "bytes")
                #expect(answer.status == 415 && answer["Accept-Encoding"] == "identity")
                #expect(answer.code == "unsupported-media-type")
            }
            #expect(try await server.images().isEmpty)
        }
    }

    @Test("POST of a form without files answers 400")
    func noFiles() async throws {
        try await UploadServer.run { server in
            let body =
                "--b0undary\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n--b0undary--"
            let answer = try await server.send("POST", server.creation, formType, body: body)
            #expect(answer.status == 400 && answer.code == "bad-request")
        }
    }

    @Test("POST of a file answers 201 with the image and its URL")
    func raw() async throws {
        try await UploadServer.run { server in
            let answer = try await server.send(
                "POST", server.creation,
                [
                    "Content-Type": "image/jpeg",
                    "Content-Disposition": "attachment; filename*=UTF-8''p%C3%A9.jpg",
                ], body: "bytes")
            #expect(answer.status == 201)
            #expect(try answer.json["name"]?.stringValue == "pé.jpg")
            #expect(try answer.json["state"]?.stringValue == "waiting")
            #expect(answer["Location"]?.hasPrefix("http://127.0.0.1\(server.creation)/") == true)
            let id = try #require(answer["Location"]?.split(separator: "/").last)
            #expect(try await server.original(of: #require(Image.ID(id))) == "bytes")
        }
    }

    @Test("POST of a file refuses by its announced length, before any byte")
    func tooLarge() async throws {
        var limits = Limits()
        limits.fileBytes = 10
        try await UploadServer.run(limits: limits) { server in
            try await server.connect { connection in
                try await connection.send(
                    "POST", server.creation, ["Content-Length": "11", "Expect": "100-continue"])
                var answer = try await connection.next()
                // A server that is slow to look may ask for the body first.
                if answer.status == 100 { answer = try await connection.next() }
                #expect(answer.status == 413 && answer.code == "file-too-large")
                #expect(answer["Connection"] == "close")
                try await connection.untilClosed()
            }
            #expect(try await server.images().isEmpty)
        }
    }

    @Test("POST of a chunked file stops at the limit")
    func chunkedTooLarge() async throws {
        var limits = Limits()
        limits.fileBytes = 10
        try await UploadServer.run(limits: limits) { server in
            let answer = try await server.connect { connection in
                try await connection.send(
                    "POST", server.creation, ["Transfer-Encoding": "chunked"])
                try await connection.send("b\r\n01234567890\r\n0\r\n\r\n")
                return try await connection.answer()
            }
            #expect(answer.status == 413 && answer.code == "file-too-large")
            #expect(try await server.images().map { $0["state"] } == ["rejected"])
            #expect(try await server.blobs.staged().isEmpty)
        }
    }

    @Test("POST of an empty file answers 422", arguments: ["0", nil])
    func emptyFile(length: String?) async throws {
        try await UploadServer.run { server in
            let answer = try await server.connect { connection in
                if let length {
                    try await connection.send("POST", server.creation, ["Content-Length": length])
                } else {
                    try await connection.send(
                        "POST", server.creation, ["Transfer-Encoding": "chunked"])
                    try await connection.send("0\r\n\r\n")
                }
                return try await connection.answer()
            }
            #expect(answer.status == 422 && answer.code == "empty-file")
            #expect(try await server.blobs.staged().isEmpty)
        }
    }

    @Test("POST with Expect: 100-continue is told to go on")
    func expectContinue() async throws {
        try await UploadServer.run { server in
            try await server.connect { connection in
                try await connection.send(
                    "POST", server.creation, ["Content-Length": "5", "Expect": "100-continue"])
                #expect(try await connection.next().status == 100)
                try await connection.send("bytes")
                #expect(try await connection.next().status == 201)
            }
        }
    }

    @Test("POST that loses its connection leaves a rejected image and no file")
    func connectionLost() async throws {
        try await UploadServer.run { server in
            try await server.connect { connection in
                try await connection.send(
                    "POST", server.creation, ["Content-Length": "5", "Expect": "100-continue"])
                #expect(try await connection.next().status == 100)
                try await connection.send("byt")
                try await connection.drop()
            }
            try await server.settled()
            #expect(
                try await server.images().map { $0["problem"]?["code"] } == ["upload-incomplete"])
            // Nobody is answered any more: its file goes soon after its end was noted.
            while try await !server.blobs.staged().isEmpty { await Task.yield() }
        }
    }

    @Test("POST of a chunked file that loses its connection is not taken for whole")
    func chunkedConnectionLost() async throws {
        try await UploadServer.run { server in
            try await server.connect { connection in
                try await connection.send(
                    "POST", server.creation,
                    ["Transfer-Encoding": "chunked", "Expect": "100-continue"])
                #expect(try await connection.next().status == 100)
                try await connection.send("5\r\nbytes\r\n")
                try await connection.drop()
            }
            try await server.settled()
            #expect(
                try await server.images().map { $0["problem"]?["code"] } == ["upload-incomplete"])
        }
    }

    @Test("POST to a full batch answers 409 and keeps what fitted")
    func batchFull() async throws {
        var limits = Limits()
        limits.imagesPerBatch = 1
        try await UploadServer.run(limits: limits) { server in
            let body = UploadTests.form([("a", "fits"), ("b", "does not")])
            let answer = try await server.send("POST", server.creation, formType, body: body)
            #expect(answer.status == 409 && answer.code == "batch-full")
            #expect(try await server.images().map { $0["state"] } == ["waiting"])
        }
    }

    @Test("POST while the disk is below its floor answers 507 before any byte")
    func diskFull() async throws {
        var settings = UploadSettings.roomy
        settings.diskFloor = 1 << 60
        try await UploadServer.run(settings: settings) { server in
            let answer = try await server.send("POST", server.creation, body: "bytes")
            #expect(answer.status == 507 && answer.code == "disk-full")
            #expect(try await server.images().isEmpty)
        }
    }
}

extension UploadServer {
    /// Returns once the batch has images and each has ended or waits for its work.
    func settled() async throws {
        let (wakes, wake) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
        let subscription = feed.subscribe(to: batch.id) { _ in wake.yield() }
        defer { subscription.cancel() }
        wake.yield()
        for await _ in wakes {
            let images = try await images()
            if !images.isEmpty, images.allSatisfy({ $0["state"] != "uploading" }) { return }
        }
    }
}
