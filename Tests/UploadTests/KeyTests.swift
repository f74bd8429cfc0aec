// `Idempotency-Key`: a creation whose answer got lost comes again, by every way there is.

import Domain
import Foundation
import NIOCore
import Synchronization
import TestSupport
import Testing

@testable import Web

func keyed(_ key: String = "\"key\"") -> [String: String] { ["Idempotency-Key": key] }

/// A way to bring photos, as one request.
struct Way: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let headers: [String: String]
    let body: String
    /// What each file holds in the end, once the rest of it is sent where it is not whole.
    var contents = ["0123456789"]

    static let all = [
        Way(
            testDescription: "tus",
            headers: tus.merging(["Upload-Length": "10", "Upload-Metadata": named]) { $1 }, body: ""
        ),
        Way(
            testDescription: "tus with a body",
            headers: tus.merging(octets) { $1 }.merging(["Upload-Length": "10"]) { $1 },
            body: "0123456789"),
        Way(
            testDescription: "draft, empty",
            headers: ["Upload-Complete": "?0", "Upload-Length": "10"], body: ""),
        Way(
            testDescription: "draft with the body",
            headers: ["Upload-Complete": "?1", "Upload-Length": "10"], body: "0123456789"),
        Way(
            testDescription: "a file",
            headers: [
                "Content-Type": "image/jpeg", "Content-Disposition": "inline; filename=a.jpg",
            ], body: "0123456789"),
        Way(
            testDescription: "a form of five", headers: formType,
            body: form((1...5).map { ("\($0).jpg", "file \($0)") }),
            contents: (1...5).map { "file \($0)" }),
    ]

    private static var named: String { "filename \(base64("a.jpg"))" }
}

extension UploadServer {
    fileprivate func ask(_ way: Way, _ more: [String: String] = keyed()) async throws -> Answer {
        try await send("POST", creation, way.headers.merging(more) { $1 }, body: way.body)
    }

    fileprivate func events() async throws -> [EventType] {
        try await store.log(of: batch.id, after: 0, limit: 1_000).events.map(\.type)
    }

    /// Sends what is missing of the one upload there is.
    fileprivate func sendRest(of way: Way) async throws {
        for upload in try await store.openUploads(after: nil, limit: 100) where upload.resumable {
            let offset = upload.offset
            let rest = String(way.contents[0].dropFirst(offset))
            #expect(try await patchTus(upload.id, at: offset, rest).status == 204)
        }
    }

    fileprivate func contents() async throws -> [String] {
        let document = try JSON(parsing: try await store.snapshot(of: batch.id).document)
        var contents: [String] = []
        for id in (document["images"] ?? [:]).members.keys {
            let original = try await original(of: try #require(Image.ID(id)))
            contents.append(original ?? "nothing")
        }
        return contents.sorted()
    }
}

extension Answer {
    /// What it says of the photos: where they are, or which they are.
    fileprivate var things: [String] {
        get throws {
            if let location = self["Location"] { return [location] }
            guard case .array(let images) = try json["images"] else { return [] }
            return images.compactMap { $0["id"]?.stringValue }
        }
    }
}

@Suite("A creation under a key", .timeLimit(.minutes(5)))
struct KeyTests {
    @Test("is answered twice and done once", arguments: Way.all)
    func twice(way: Way) async throws {
        try await UploadServer.run { server in
            let first = try await server.ask(way)
            #expect(first.status == 201)
            let events = try await server.events()
            let again = try await server.ask(way)
            #expect(again.status == 201)
            #expect(try again.things == first.things)
            #expect(again["Link"] == first["Link"])
            #expect(try await server.events() == events)
            #expect(try await server.images().count == way.contents.count)
            try await server.sendRest(of: way)
            // As it stands now.
            let late = try await server.ask(way)
            #expect(late.status == 201)
            #expect(try await server.images().allSatisfy { $0["state"] == "waiting" })
            #expect(try await server.contents() == way.contents.sorted())
        }
    }

    @Test("without one makes another each time", arguments: Way.all)
    func withoutKey(way: Way) async throws {
        try await UploadServer.run { server in
            for _ in 0..<2 {
                let answer = try await server.ask(way, [:])
                #expect(answer.status == 201)
            }
            #expect(try await server.images().count == 2 * way.contents.count)
        }
    }

    @Test(
        "that asks for something else answers 422 and does nothing",
        arguments: [
            (0, ["Upload-Length": "11"]), (0, ["Upload-Metadata": "filename \(base64("b"))"]),
            (0, ["Upload-Concat": "partial"]), (2, ["Upload-Length": "9"]),
            (2, ["Content-Disposition": "inline; filename=b.jpg"]),
            (2, ["Content-Type": "image/png"]),
            (4, ["Content-Disposition": "inline; filename=b.jpg"]),
            (4, ["Content-Type": "image/png"]),
        ])
    func other(way: Int, change: [String: String]) async throws {
        try await UploadServer.run { server in
            let way = Way.all[way]
            _ = try await server.ask(way)
            let events = try await server.events()
            let answer = try await server.ask(way, keyed().merging(change) { $1 })
            #expect(answer.status == 422 && answer.code == "key-reused")
            #expect(try await server.events() == events)
        }
    }

    @Test(
        "that is no string of a structured field, or too long, answers 400",
        arguments: [
            "key", "\"key", "key\"", "\"\"", "\"a\", \"b\"", ":a2V5:", "12", "?1", "(\"key\")",
            "\"a\" b", "\"\(String(repeating: "k", count: 129))\"",
        ])
    func malformed(key: String) async throws {
        try await UploadServer.run { server in
            for way in Way.all {
                let answer = try await server.ask(way, keyed(key))
                #expect(answer.status == 400 && answer.code == "bad-request", "\(way)")
            }
            #expect(try await server.images().isEmpty)
        }
    }

    @Test(
        "may be up to 128 characters, and its parameters mean nothing",
        arguments: ["\"\(String(repeating: "k", count: 128))\"", "\"a \\\"b\\\"\"", "\"k\";a=1"])
    func wellFormed(key: String) async throws {
        try await UploadServer.run { server in
            for _ in 0..<2 {
                let answer = try await server.ask(Way.all[0], keyed(key))
                #expect(answer.status == 201)
            }
            #expect(try await server.images().count == 1)
        }
    }

    @Test("that is still under way answers 409 and when to ask again", arguments: Way.all)
    func underWay(way: Way) async throws {
        guard !way.body.isEmpty else { return }
        try await UploadServer.run { server in
            let first = try await server.connect { connection in
                let headers = way.headers.merging(keyed()) { $1 }.merging([
                    "Content-Length": String(way.body.utf8.count), "Expect": "100-continue",
                ]) { $1 }
                try await connection.send("POST", server.creation, headers)
                #expect(try await connection.next().status == 100)
                try await connection.send(way.body.utf8.prefix(4))
                let answer = try await server.ask(way)
                #expect(answer.status == 409 && answer.code == "request-under-way")
                #expect(answer["Retry-After"] == "1")
                try await connection.send(way.body.utf8.dropFirst(4))
                return try await connection.answer()
            }
            #expect(first.status == 201)
            #expect(try await server.ask(way).things == first.things)
            #expect(try await server.contents() == way.contents.sorted())
        }
    }

    @Test("brings what is missing when it was cut off", arguments: Way.all, [2, 7, 300])
    func cut(way: Way, at count: Int) async throws {
        guard way.body.utf8.count > count else { return }
        try await UploadServer.run { server in
            try await server.connect { connection in
                let headers = way.headers.merging(keyed()) { $1 }.merging([
                    "Content-Length": String(way.body.utf8.count)
                ]) { $1 }
                try await connection.send("POST", server.creation, headers)
                try await connection.send(way.body.utf8.prefix(count))
                try await connection.drop()
            }
            var answer = try await server.ask(way)
            while answer.status == 409 { answer = try await server.ask(way) }
            #expect(answer.status == 201)
            try await server.sendRest(of: way)
            #expect(try await server.contents() == way.contents.sorted())
            #expect(try await server.images().allSatisfy { $0["state"] == "waiting" })
        }
    }

    @Test("waits over a restart for what is missing")
    func restart() async throws {
        try await UploadServer.run { server in
            let metadata = UploadMetadata(name: "a.jpg")
            let key = try IdempotencyKey("key")
            for request in [metadata.request(under: key, length: 10, type: "image/jpeg"), nil] {
                let upload = try await server.uploads.create(
                    metadata, length: 10, resumable: false, in: server.batch.id, by: nil,
                    under: request
                ).thing
                try await server.blobs.append([Chunk(.init(string: "0123"))], to: upload.id, at: 0)
                try await server.blobs.sync(upload.id)
                try await server.store.commit(
                    offset: 4, length: nil, of: upload.id, until: nil, limits: Limits())
            }
            try await server.uploads.recover()
            #expect(try await server.images().map { $0["state"] } == ["uploading", "rejected"])
            #expect(try await server.ask(Way.all[4]).status == 201)
            #expect(try await server.images().map { $0["state"] } == ["waiting", "rejected"])
            #expect(try await server.contents() == ["0123456789", "nothing"])
        }
    }

    @Test("goes on with what a concatenation that was cut off left")
    func concatenation() async throws {
        try await UploadServer.run { server in
            let part = try await server.createTus(
                3, ["Upload-Concat": "partial"].merging(keyed("\"part\"")) { $1 }
            ).upload
            let again = try await server.createTus(
                3, ["Upload-Concat": "partial"].merging(keyed("\"part\"")) { $1 }
            ).upload
            #expect(part == again)
            let other = try await server.createTus(3, ["Upload-Concat": "partial"]).upload
            _ = try await server.patchTus(part, at: 0, "abc")
            _ = try await server.patchTus(other, at: 0, "def")
            let final = ["Upload-Concat": "final;/api/uploads/\(part) /api/uploads/\(other)"]
            let metadata = UploadMetadata(name: "", concat: final["Upload-Concat"])
            let upload = try await server.uploads.create(
                metadata, length: 6, resumable: false, in: server.batch.id,
                by: nil, under: metadata.request(under: IdempotencyKey("key"), length: 6, type: nil)
            ).thing
            try await server.blobs.append([Chunk(.init(string: "ab"))], to: upload.id, at: 0)
            try await server.uploads.recover()
            for _ in 0..<2 {
                let answer = try await server.createTus(nil, final.merging(keyed()) { $1 })
                #expect(try answer.status == 201 && answer.upload == upload.id)
            }
            #expect(try await server.contents() == ["abcdef"])
        }
    }

    @Test("leaves no image, however often its file cannot be made")
    func unstaged() async throws {
        try await UploadServer.run { server in
            try FileManager.default.removeItem(atPath: "\(server.folder)/staging")
            for _ in 0..<3 {
                let answer = try await server.ask(Way.all[0])
                #expect(answer.status == 503)
                #expect(try await server.images().isEmpty)
            }
        }
    }

    @Test("that was given up begins anew")
    func givenUp() async throws {
        try await UploadServer.run { server in
            let first = try await server.ask(Way.all[0]).upload
            _ = try await server.send("DELETE", "/api/uploads/\(first)", tus)
            #expect(try await server.ask(Way.all[0]).upload != first)
        }
    }

    @Test("of a form refuses one file alone, the same twice")
    func refusedPart() async throws {
        var limits = Limits()
        limits.fileBytes = 10
        try await UploadServer.run(limits: limits) { server in
            let way = Way(
                testDescription: "", headers: formType,
                body: form([("a", "fine"), ("b", "far too large"), ("c", "fine too")]))
            let answers = [try await server.ask(way), try await server.ask(way)]
            #expect(answers[0].status == 201 && answers[0].body == answers[1].body)
            let states = try await server.images().map { $0["state"] }
            #expect(states == ["waiting", "rejected", "waiting"])
        }
    }
}

@Suite("Two equal creations at once", .timeLimit(.minutes(5)))
struct InterleavingTests {
    @Test("make one image, whichever comes first and whichever is cut where", arguments: 0..<60)
    func interleaved(seed: UInt64) async throws {
        try await UploadServer.run { server in
            var dice = Dice(seed: seed)
            let way = Way.all[Int.random(in: 0..<Way.all.count, using: &dice)]
            let request = Request(way, to: server.creation)
            let cut = Int.random(in: 0...request.bytes.count + 20, using: &dice)
            let pauses = (0..<2).map { _ in Int.random(in: 0...40, using: &dice) }
            let sizes = (0..<2).map { _ in Int.random(in: 1...request.bytes.count, using: &dice) }
            async let one = request.send(
                to: server, in: sizes[0], pausing: pauses[0],
                until: cut > request.bytes.count ? nil : cut)
            async let other = request.send(to: server, in: sizes[1], pausing: pauses[1], until: nil)
            let answers = try await [one, other].compactMap { $0 }
            #expect(answers.allSatisfy { $0.status == 201 })
            let things = try answers.map { try $0.things }
            #expect(Set(things).count == 1)
            try await server.sendRest(of: way)
            #expect(try await server.contents() == way.contents.sorted(), "\(way)")
            let created = try await server.events().filter { $0 == .imageCreated }
            #expect(created.count == way.contents.count)
        }
    }

    private struct Request: Sendable {
        let bytes: [UInt8]

        init(_ way: Way, to path: String) {
            let headers = way.headers.merging(keyed()) { $1 }
                .merging(["Content-Length": String(way.body.utf8.count)]) { $1 }
            let lines = headers.map { "\($0): \($1)\r\n" }.joined()
            bytes = Array("POST \(path) HTTP/1.1\r\nHost: x\r\n\(lines)\r\n\(way.body)".utf8)
        }

        /// The answer; nil where the connection is cut behind so many bytes. Asks again for as long
        /// as the other is under way, and where the server has answered and closed before all was
        /// sent.
        func send(
            to server: UploadServer, in size: Int, pausing: Int, until cut: Int?
        ) async throws -> Answer? {
            while true {
                for _ in 0..<pausing { await Task.yield() }
                do {
                    let answer = try await server.connect { connection -> Answer? in
                        try await send(on: connection, in: size, pausing: pausing, until: cut)
                    }
                    if answer?.status != 409 { return answer }
                } catch
                    where error is ChannelError || error is IOError || error is ConnectionClosed
                {
                    if cut != nil { return nil }
                }
            }
        }

        private func send(
            on connection: Connection, in size: Int, pausing: Int, until cut: Int?
        ) async throws -> Answer? {
            var rest = bytes.prefix(cut ?? bytes.count)
            while !rest.isEmpty {
                try await connection.send(rest.prefix(size))
                rest = rest.dropFirst(size)
                for _ in 0..<pausing { await Task.yield() }
            }
            guard cut == nil else {
                try await connection.drop()
                return nil
            }
            return try await connection.answer()
        }
    }
}

@Suite("An upload that never got a byte")
struct IdleTests {
    private let start = Date(timeIntervalSince1970: 1_800_000_000)

    private func run(
        _ test: (UploadServer, _ setMinutes: (Double) -> Void) async throws -> Void
    ) async throws {
        let minutes = Mutex(0.0)
        let start = start
        let now = { @Sendable in start + minutes.withLock { $0 } * 60 }
        try await UploadServer.run(now: now) { server in
            try await test(server) { later in minutes.withLock { $0 = later } }
        }
    }

    private func state(_ server: UploadServer) async throws -> Batch.State {
        try await server.store.batch(server.batch.id).state
    }

    @Test("does not hold the batch for long, and holds it again once its bytes come")
    func idle() async throws {
        try await run { server, setMinutes in
            let ghost = try await server.createTus(8).upload
            try await server.uploads.noteIdle()
            #expect(try await state(server) == .open)
            setMinutes(2)
            for _ in 0..<2 { try await server.uploads.noteIdle() }
            #expect(try await state(server) == .settled)
            #expect(try await server.images().map { $0["idle"] } == [true])
            #expect(try await server.patchTus(ghost, at: 0, "0123").status == 204)
            #expect(try await state(server) == .open)
            #expect(try await server.images().map { $0["idle"] } == [nil])
            setMinutes(30)
            try await server.uploads.noteIdle()
            #expect(try await state(server) == .open)
        }
    }

    @Test("ends after an hour")
    func ends() async throws {
        try await run { server, setMinutes in
            _ = try await server.createTus(8)
            let begun = try await server.createTus(8).upload
            _ = try await server.patchTus(begun, at: 0, "0")
            setMinutes(59)
            try await server.uploads.sweep()
            #expect(try await server.images().map { $0["state"] } == ["uploading", "uploading"])
            setMinutes(60)
            try await server.uploads.sweep()
            #expect(try await server.images().map { $0["state"] } == ["expired", "uploading"])
        }
    }

    @Test("is waited for a day where it has a key: its sender comes again")
    func keyed() async throws {
        try await run { server, setMinutes in
            let headers = ["Idempotency-Key": "\"key\""]
            let upload = try await server.createTus(8, headers).upload
            setMinutes(22 * 60)
            try await server.uploads.noteIdle()
            try await server.uploads.sweep()
            #expect(try await state(server) == .open)
            #expect(try await server.createTus(8, headers).upload == upload)
            setMinutes(24 * 60)
            try await server.uploads.sweep()
            #expect(try await server.images().map { $0["state"] } == ["expired"])
            // What ended so can be started again.
            #expect(try await server.createTus(8, headers).upload != upload)
        }
    }
}
