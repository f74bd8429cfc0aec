// Uploads that hang, race, dawdle, or are not wanted.

import Domain
import Foundation
import Synchronization
import Testing

@testable import Web

extension UploadServer {
    /// Sends half of a PATCH of 8 bytes and keeps the connection open while `body` runs; returns
    /// what the hanging request is told in the end.
    fileprivate func hanging(
        _ upload: Upload.ID, _ body: @Sendable () async throws -> Void
    ) async throws -> Answer {
        try await connect { connection in
            try await connection.send(
                "PATCH", "/api/uploads/\(upload)",
                tus.merging(octets) { $1 }.merging([
                    "Upload-Offset": "0", "Content-Length": "8", "Expect": "100-continue",
                ]) { $1 })
            #expect(try await connection.next().status == 100)
            try await connection.send("0123")
            try await body()
            return try await connection.answer()
        }
    }
}

@Suite("The newest request wins")
struct NewestRequestTests {
    @Test("HEAD ends a hanging PATCH at once, and its offset can be used")
    func head() async throws {
        try await UploadServer.run { server in
            let upload = try await server.createTus(8).upload
            let told = try await server.hanging(upload) {
                // What was sent is on its way; some of it may not have arrived.
                let offset = try #require(
                    try await server.headTus(upload)["Upload-Offset"].flatMap { Int($0) })
                let rest = String("01234567".dropFirst(offset))
                #expect(try await server.patchTus(upload, at: offset, rest).status == 204)
            }
            #expect(told.status == 409)
            let image = try await server.image(of: upload)
            #expect(try await server.original(of: image.id) == "01234567")
        }
    }

    @Test("PATCH ends a hanging PATCH")
    func patch() async throws {
        try await UploadServer.run { server in
            let upload = try await server.createTus(8).upload
            _ = try await server.hanging(upload) {
                // Refused for its offset or not, it does not wait.
                let answer = try await server.patchTus(upload, at: 4, "4567")
                #expect([204, 409].contains(answer.status))
            }
        }
    }

    @Test("DELETE ends a hanging PATCH, and nothing is left")
    func delete() async throws {
        try await UploadServer.run { server in
            let upload = try await server.createTus(8).upload
            _ = try await server.hanging(upload) {
                let answer = try await server.send("DELETE", "/api/uploads/\(upload)", tus)
                #expect(answer.status == 204)
            }
            #expect(try await server.headTus(upload).status == 404)
            #expect(try await server.images().map { $0["state"] } == ["cancelled"])
            #expect(try await server.blobs.staged().isEmpty)
        }
    }

    @Test("cancelling the image ends its upload with 410")
    func cancelled() async throws {
        try await UploadServer.run { server in
            let upload = try await server.createTus(8).upload
            let told = try await server.hanging(upload) {
                let image = try await server.image(of: upload)
                try await server.store.record(
                    .cancelled, of: image.id, in: server.batch.id, at: Date())
                try await server.uploads.forget(try await server.store.upload(upload))
            }
            #expect(told.status == 410)
            #expect(try await server.patchTus(upload, at: 0, "0").status == 410)
        }
    }

    @Test("of many that race for one upload, one writes and no byte is mixed up")
    func race() async throws {
        try await UploadServer.run { server in
            let upload = try await server.createTus(8).upload
            let answers = try await withThrowingTaskGroup(of: Int.self) { group in
                for digit in 0..<8 {
                    group.addTask {
                        try await server.patchTus(
                            upload, at: 0, String(repeating: "\(digit)", count: 8)
                        ).status
                    }
                }
                return try await group.reduce(into: [Int]()) { $0.append($1) }
            }
            #expect(answers.filter { $0 == 204 }.count <= 1)
            #expect(answers.allSatisfy { $0 == 204 || $0 == 409 })
            let offset = try #require(
                try await server.headTus(upload)["Upload-Offset"].flatMap { Int($0) })
            if offset == 8 {
                let image = try await server.image(of: upload)
                let bytes = try #require(try await server.original(of: image.id))
                #expect(Set(bytes).count == 1)
            }
        }
    }
}

@Suite("A client that cannot be waited for")
struct SlowClientTests {
    @Test("is answered 408, and its bytes are kept")
    func tooSlow() async throws {
        var settings = UploadSettings.roomy
        settings.patience = .seconds(2)
        try await UploadServer.run(settings: settings) { server in
            let upload = try await server.createTus(8).upload
            let told = try await server.connect { connection in
                // The bytes come along with the head: however busy the machine is, they are there
                // before the waiting for more begins.
                let fields = tus.merging(octets) { $1 }.merging([
                    "Upload-Offset": "0", "Content-Length": "8",
                ]) { $1 }
                let lines = fields.map { "\($0): \($1)\r\n" }.joined()
                try await connection.send(
                    "PATCH /api/uploads/\(upload) HTTP/1.1\r\nHost: here\r\n\(lines)\r\n0123")
                return try await connection.answer()
            }
            #expect(told.status == 408)
            #expect(try await server.headTus(upload)["Upload-Offset"] == "4")
        }
    }

    @Test("finds no place while others send: 429, when to come back, and no upload lost")
    func tooMany() async throws {
        var settings = UploadSettings.roomy
        settings.concurrent = 1
        try await UploadServer.run(settings: settings) { server in
            // Enough that its place is worth keeping, however long a busy machine takes for the rest.
            let most = String(repeating: "x", count: 1 << 20)
            let first = try await server.createTus(most.utf8.count + 8).upload
            let second = try await server.createTus(8).upload
            try await server.connect { connection in
                try await connection.send(
                    "PATCH", "/api/uploads/\(first)",
                    tus.merging(octets) { $1 }.merging([
                        "Upload-Offset": "0", "Content-Length": "\(most.utf8.count + 8)",
                        "Expect": "100-continue",
                    ]) { $1 })
                #expect(try await connection.next().status == 100)
                try await connection.send(most)
                let answer = try await server.patchTus(second, at: 0, "01234567")
                #expect(answer.status == 429 && answer["Retry-After"] != nil)
                try await connection.send("01234567")
                #expect(try await connection.answer().status == 204)
            }
            #expect(try await server.patchTus(second, at: 0, "01234567").status == 204)
        }
    }
}

@Suite("An upload that is looked at")
struct EarlyRefusalTests {
    private let problem = Problem(.notAnImage, "Not one of ours.")
    private let bytes = String(repeating: "x", count: 128 << 10)

    @Test("is refused at its first 64 KiB: 422, and HEAD still says where it stood")
    func refused() async throws {
        let problem = problem
        let inspect: UploadService.Inspector = { _, durable in
            durable >= 64 << 10 ? .refuse(problem) : .undecided
        }
        try await UploadServer.run(inspect: inspect) { server in
            let upload = try await server.createTus(1 << 20).upload
            let answer = try await server.patchTus(upload, at: 0, bytes)
            #expect(answer.status == 422 && answer.code == "not-an-image")
            let image = try await server.image(of: upload)
            #expect(image.state == .rejected)
            #expect(image.document["problem"]?["detail"] == "Not one of ours.")
            let head = try await server.headTus(upload)
            #expect(head.status == 200 && head["Upload-Length"] == "1048576")
            let offset = try #require(head["Upload-Offset"].flatMap { Int($0) })
            #expect(offset >= 64 << 10)
            #expect(try await server.patchTus(upload, at: offset, "x").status == 422)
            #expect(try await server.blobs.staged().isEmpty)
        }
    }

    @Test("is not judged by bytes that were taken back")
    func takenBack() async throws {
        let (verdicts, verdict) = AsyncStream<RenderReport.Verdict>.makeStream()
        let upload = Upload(
            batch: .random(), image: .random(), resumable: true, length: 1 << 20,
            expiresAt: .distantFuture)
        let check = FirstBytesCheck(upload, inspect: Self.told(by: verdicts))
        check.take(at: 64 << 10, for: nil)
        async let back: Void = check.takeBack(to: 1_000)
        verdict.yield(.refuse(problem))
        await back
        #expect(check.problem == nil && check.isDue(at: 64 << 10))
        // What it says of bytes that stay, stays.
        check.take(at: 64 << 10, for: nil)
        verdict.yield(.refuse(problem))
        await check.settle()
        await check.takeBack(to: 64 << 10)
        #expect(check.problem == problem)
    }

    @Test("is refused in a form alone")
    func form() async throws {
        let problem = problem
        let inspect: UploadService.Inspector = { upload, _ in
            (try? UploadMetadata(of: upload))?.name == "bad" ? .refuse(problem) : .undecided
        }
        try await UploadServer.run(inspect: inspect) { server in
            let body = UploadTests.form([("bad", bytes), ("good", bytes)])
            let answer = try await server.send("POST", server.creation, formType, body: body)
            #expect(answer.status == 201)
            #expect(try await server.images().map { $0["state"] } == ["rejected", "waiting"])
        }
    }

    @Test("is its form's alone while it is finished: no sweep takes it away")
    func formsOwn() async throws {
        let (verdicts, verdict) = AsyncStream<RenderReport.Verdict>.makeStream()
        let (uploads, looked) = AsyncStream<Upload.ID>.makeStream()
        try await UploadServer.run(inspect: { upload, _ in
            looked.yield(upload.id)
            for await verdict in verdicts { return verdict }
            return .undecided
        }) { server in
            let body = UploadTests.form([("a", bytes)])
            async let answer = server.send("POST", server.creation, formType, body: body)
            var seen = uploads.makeAsyncIterator()
            let upload = try #require(await seen.next())
            while !server.uploads.active.isHeld(upload) { await Task.yield() }
            try await server.uploads.sweep()
            verdict.yield(.fits)
            #expect(try await answer.status == 201)
        }
    }

    @Test("is looked at again at 256 KiB and 1 MiB, until it is known to fit", arguments: 1...3)
    func fits(at look: Int) async throws {
        let (looks, seen) = AsyncStream<Int>.makeStream()
        let count = Mutex(0)
        try await UploadServer.run(inspect: { _, durable in
            seen.yield(durable)
            return count.withLock { count in
                count += 1
                return count == look ? .fits : .undecided
            }
        }) { server in
            let upload = try await server.createTus(4 << 20).upload
            var offset = 0
            for end in [64 << 10, 256 << 10, 1 << 20, 4 << 20] {
                let bytes = String(repeating: "x", count: end - offset)
                #expect(try await server.patchTus(upload, at: offset, bytes).status == 204)
                offset = end
            }
            seen.finish()
            var places: [Int] = []
            for await durable in looks { places.append(durable) }
            #expect(places == Array([64 << 10, 256 << 10, 1 << 20].prefix(look)))
        }
    }

    @Test("goes on coming while it is looked at, and ends when it is refused")
    func refusedWhileItComes() async throws {
        let (verdicts, verdict) = AsyncStream<RenderReport.Verdict>.makeStream()
        var settings = UploadSettings.roomy
        settings.commitBytes = 1 << 20
        try await UploadServer.run(settings: settings, inspect: Self.told(by: verdicts)) { server in
            let upload = try await server.createTus(64 << 20).upload
            let answer = try await server.connect { connection in
                try await connection.send(
                    "PATCH", "/api/uploads/\(upload)",
                    tus.merging(octets) { $1 }.merging([
                        "Upload-Offset": "0", "Content-Length": String(64 << 20),
                    ]) { $1 })
                try await connection.send(String(repeating: "x", count: 8 << 20))
                try await server.untilDurable(4 << 20, of: upload)
                // The client has said that more will come, and says nothing.
                verdict.yield(.refuse(problem))
                return try await connection.answer()
            }
            #expect(answer.status == 422 && answer.code == "not-an-image")
            #expect(try await server.image(of: upload).state == .rejected)
        }
    }

    @Test("is not acknowledged as a whole before the look at it has ended")
    func refusedAfterItsLastByte() async throws {
        let (verdicts, verdict) = AsyncStream<RenderReport.Verdict>.makeStream()
        try await UploadServer.run(inspect: Self.told(by: verdicts)) { server in
            let upload = try await server.createTus(bytes.utf8.count).upload
            async let answer = server.patchTus(upload, at: 0, bytes)
            try await server.untilWritten(bytes.utf8.count, of: upload)
            verdict.yield(.refuse(problem))
            #expect(try await answer.status == 422)
            #expect(try await server.image(of: upload).state == .rejected)
        }
    }

    /// A look that takes as long as the test wants.
    private static func told(
        by verdicts: AsyncStream<RenderReport.Verdict>
    ) -> UploadService.Inspector {
        { _, _ in
            for await verdict in verdicts { return verdict }
            return .undecided
        }
    }
}

extension UploadServer {
    /// Returns once so many bytes are in the upload's file.
    fileprivate func untilWritten(_ count: Int, of upload: Upload.ID) async throws {
        let file = "\(folder)/staging/\(upload)"
        func size() throws -> Int? {
            try FileManager.default.attributesOfItem(atPath: file)[.size] as? Int
        }
        while try size() ?? 0 < count { await Task.yield() }
    }

    /// Returns once so many bytes are noted, without a request that would end the one under way.
    fileprivate func untilDurable(_ count: Int, of upload: Upload.ID) async throws {
        while try await store.upload(upload).offset < count { await Task.yield() }
    }
}
