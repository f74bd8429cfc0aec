// Restarts, expiry, and what is swept. `recover` stands for the next server's start on what the
// last one left behind.

import BlobStorage
import Domain
import Foundation
import NIOCore
import Synchronization
import Testing

@testable import Web

@Suite("A restart")
struct RecoveryTests {
    @Test("cuts an upload to what was acknowledged, and the client goes on from there")
    func unacknowledged() async throws {
        try await UploadServer.run { server in
            let upload = try await server.createTus(8).upload
            _ = try await server.patchTus(upload, at: 0, "0123")
            // Written, never synced and never acknowledged.
            try await server.blobs.append([Chunk(.init(string: "xx"))], to: upload, at: 4)
            try await server.uploads.recover()
            #expect(try await server.headTus(upload)["Upload-Offset"] == "4")
            #expect(try await server.patchTus(upload, at: 4, "4567").status == 204)
            let image = try await server.image(of: upload)
            #expect(try await server.original(of: image.id) == "01234567")
        }
    }

    @Test("finishes an upload that had its last byte, before or after its blob had its name")
    func lastByte() async throws {
        for isPromoted in [false, true] {
            try await UploadServer.run { server in
                let upload = try await server.createTus(4).upload
                try await server.blobs.append([Chunk(.init(string: "0123"))], to: upload, at: 0)
                try await server.blobs.sync(upload)
                try await server.store.commit(
                    offset: 4, length: nil, of: upload, until: nil, limits: Limits())
                if isPromoted { _ = try await server.blobs.promote(upload, size: 4) }
                try await server.uploads.recover()
                let image = try await server.image(of: upload)
                #expect(image.state == .waiting)
                #expect(try await server.original(of: image.id) == "0123")
                #expect(try await server.blobs.staged().isEmpty)
            }
        }
    }

    @Test("finishes an upload whose content got its name before its last bytes were noted")
    func named() async throws {
        for (isRestarted, isResumable) in [(true, true), (true, false), (false, true)] {
            try await UploadServer.run { server in
                let upload = try await server.uploads.create(
                    UploadMetadata(name: "a"), length: 4, resumable: isResumable,
                    in: server.batch.id, by: nil, under: nil
                ).thing.id
                try await server.blobs.append([Chunk(.init(string: "0123"))], to: upload, at: 0)
                _ = try await server.blobs.promote(upload, size: 4)
                if isRestarted { try await server.uploads.recover() }
                #expect(try await server.headTus(upload)["Upload-Offset"] == "4")
                let image = try await server.image(of: upload)
                #expect(image.state == .waiting)
                #expect(try await server.original(of: image.id) == "0123")
                #expect(try await server.blobs.staged().isEmpty)
            }
        }
    }

    @Test("rejects plain uploads that were under way, and forgets their files")
    func plain() async throws {
        try await UploadServer.run { server in
            _ = try await server.uploads.create(
                UploadMetadata(name: "a"), length: nil, resumable: false, in: server.batch.id,
                by: nil, under: nil)
            try await server.uploads.recover()
            #expect(
                try await server.images().map { $0["problem"]?["code"] } == ["upload-incomplete"])
            #expect(try await server.blobs.staged().isEmpty)
        }
    }

    @Test("makes the file of an upload that was noted and never begun")
    func neverBegun() async throws {
        try await UploadServer.run { server in
            let upload = try await server.createTus(4).upload
            try await server.blobs.discard(upload)
            try await server.uploads.recover()
            #expect(try await server.patchTus(upload, at: 0, "0123").status == 204)
        }
    }

    @Test("says so when acknowledged bytes are gone")
    func lost() async throws {
        try await UploadServer.run { server in
            let upload = try await server.createTus(8).upload
            _ = try await server.patchTus(upload, at: 0, "0123")
            try await server.blobs.discard(upload)
            try await server.uploads.recover()
            #expect(try await server.image(of: upload).state == .failed)
            #expect(try await server.headTus(upload).status == 410)
        }
    }

    @Test("keeps a whole upload that the disk does not let it finish, and finishes it later")
    func obstructed() async throws {
        try await UploadServer.run { server in
            let upload = try await server.createTus(4).upload
            try await server.blobs.append([Chunk(.init(string: "0123"))], to: upload, at: 0)
            try await server.blobs.sync(upload)
            try await server.store.commit(
                offset: 4, length: nil, of: upload, until: nil, limits: Limits())
            let blobs = server.folder + "/blobs"
            for folder in try FileManager.default.contentsOfDirectory(atPath: blobs) {
                try FileManager.default.removeItem(atPath: "\(blobs)/\(folder)")
            }
            try await server.uploads.recover()
            #expect(try await server.image(of: upload).state == .uploading)
            #expect(try await server.blobs.staged() == [upload])

            _ = try FolderBlobStore(at: server.folder, threads: 1)
            try await server.uploads.sweep()
            let image = try await server.image(of: upload)
            #expect(image.state == .waiting)
            #expect(try await server.original(of: image.id) == "0123")
        }
    }

    @Test("removes files that nothing refers to")
    func forgotten() async throws {
        try await UploadServer.run { server in
            let stray = Upload.ID.random()
            try await server.blobs.stage(stray)
            let complete = try await server.createTus(
                1, ["Content-Type": "application/offset+octet-stream"], body: "x"
            ).upload
            try await server.blobs.stage(complete)
            let open = try await server.createTus(8).upload
            try await server.uploads.recover()
            #expect(try await server.blobs.staged() == [open])
        }
    }
}

@Suite("Time")
struct ExpiryTests {
    private var shortLived: UploadSettings {
        var settings = UploadSettings.roomy
        settings.firstByte = .zero
        return settings
    }

    @Test("ends uploads nobody comes back to, in the document and on disk")
    func expired() async throws {
        try await UploadServer.run(settings: shortLived) { server in
            let upload = try await server.createTus(8).upload
            let part = try await server.createTus(8, ["Upload-Concat": "partial"]).upload
            try await server.uploads.sweep()
            #expect(try await server.images().map { $0["state"] } == ["expired"])
            #expect(try await server.headTus(upload).status == 410)
            #expect(try await server.headTus(part).status == 404)
            #expect(try await server.blobs.staged().isEmpty)
        }
    }

    @Test("ends an expired upload for whoever comes back before the sweep")
    func late() async throws {
        try await UploadServer.run(settings: shortLived) { server in
            let upload = try await server.createTus(8).upload
            #expect(try await server.patchTus(upload, at: 0, "0123").status == 410)
            #expect(try await server.images().map { $0["state"] } == ["expired"])
        }
    }

    @Test("puts the end of an upload off with each byte that comes, and says so")
    func renewed() async throws {
        let start = Date(timeIntervalSince1970: 1_800_000_000)
        let hours = Mutex(0.0)
        let now = { @Sendable in start + hours.withLock { $0 } * 3_600 }
        func expiry(_ hours: Double) -> String { (start + hours * 3_600).httpDate }
        try await UploadServer.run(now: now) { server in
            let created = try await server.createTus(8)
            let upload = try created.upload
            // Nobody may come back to it, before there is a byte.
            #expect(created["Upload-Expires"] == expiry(1))
            hours.withLock { $0 = 0.9 }
            _ = try await server.patchTus(upload, at: 0, "01")
            hours.withLock { $0 = 20 }
            let more = try await server.patchTus(upload, at: 2, "23")
            #expect(more["Upload-Expires"] == expiry(44))
            // Nothing came with these.
            hours.withLock { $0 = 30 }
            #expect(try await server.patchTus(upload, at: 4, "").status == 204)
            try await server.uploads.sweep()
            #expect(try await server.headTus(upload)["Upload-Expires"] == expiry(44))
            // A clock that is set back takes nothing away.
            hours.withLock { $0 = 1 }
            let early = try await server.patchTus(upload, at: 4, "45")
            #expect(early["Upload-Expires"] == expiry(44))
            hours.withLock { $0 = 44 }
            try await server.uploads.sweep()
            #expect(try await server.headTus(upload).status == 410)
            #expect(try await server.images().map { $0["state"] } == ["expired"])
        }
    }

    @Test("sweeps blobs that no image uses, and no others")
    func orphans() async throws {
        try await UploadServer.run { server in
            let answer = try await server.send("POST", server.creation, body: "used")
            let image = try #require(try answer.json["id"]?.stringValue.flatMap { Image.ID($0) })
            let stray = Upload.ID.random()
            try await server.blobs.stage(stray)
            _ = try await server.blobs.promote(stray, size: 0)
            #expect(try await server.blobs.names(olderThan: 0).count == 2)
            try await server.uploads.sweep()
            #expect(try await server.blobs.names(olderThan: 0).count == 2)
            try await server.uploads.sweep(grace: 0)
            #expect(try await server.blobs.names(olderThan: 0).count == 1)
            #expect(try await server.original(of: image) == "used")
        }
    }

    @Test("sweeps what is removed, and looks once for what an earlier server has left")
    func released() async throws {
        try await UploadServer.run { server in
            // A server before this one has made blobs that nothing came to refer to.
            func leave(_ byte: UInt8) async throws {
                let earlier = try FolderBlobStore(at: server.folder, threads: 1)
                let upload = Upload.ID.random()
                try await earlier.stage(upload)
                let chunk = Chunk(.init(bytes: [byte]))
                try await earlier.append([chunk], to: upload, at: 0)
                _ = try await earlier.promote(upload, size: 1)
                try await earlier.discard(upload)
                try await earlier.shutdown()
            }
            let blobs = { try await server.blobs.names(olderThan: 0).count }
            try await leave(1)
            try await server.uploads.sweep()
            #expect(try await blobs() == 1)
            try await server.uploads.sweep(grace: 0)
            #expect(try await blobs() == 0)

            let answer = try await server.send("POST", server.creation, body: "photo")
            let image = try #require(try answer.json["id"]?.stringValue.flatMap { Image.ID($0) })
            try await server.store.record(.cancelled, of: image, in: server.batch.id, at: Date())
            try await server.store.record(.removed, of: image, in: server.batch.id, at: Date())
            try await server.uploads.sweep()
            #expect(try await blobs() == 1)
            #expect(try await server.store.releasedBlobs(after: nil, limit: 9).count == 1)
            // Nothing of the whole folder is looked at for it any more.
            try await leave(2)
            try await server.uploads.sweep(grace: 0)
            #expect(try await blobs() == 1)
            #expect(try await server.store.releasedBlobs(after: nil, limit: 9) == [])
        }
    }

    @Test("settles what it can, whatever becomes of one upload")
    func oneOfMany() async throws {
        try await UploadServer.run { server in
            var whole: [Upload.ID] = []
            for _ in 0..<8 {
                let upload = try await server.createTus(4).upload
                try await server.blobs.append([Chunk(.init(string: "0123"))], to: upload, at: 0)
                try await server.store.commit(
                    offset: 4, length: nil, of: upload, until: nil, limits: Limits())
                whole.append(upload)
            }
            // A folder where a file should be: nothing can be done with it.
            for upload in whole.dropLast() {
                try await server.blobs.discard(upload)
                try FileManager.default.createDirectory(
                    atPath: "\(server.folder)/staging/\(upload)", withIntermediateDirectories: false
                )
            }
            try await server.uploads.sweep()
            let last = try #require(whole.last)
            #expect(try await server.image(of: last).state == .waiting)
        }
    }

    @Test("gives back the room that was promised to a batch which is deleted")
    func deleted() async throws {
        try await UploadServer.run { server in
            _ = try await server.createTus(100)
            _ = try await server.createTus(50, ["Upload-Concat": "partial"])
            try await server.store.deleteBatch(server.batch.id)
            try await server.uploads.sweep()
            #expect(server.uploads.active.reservedBytes == 0)
        }
    }

    @Test("promises no byte of the disk twice")
    func reserved() async throws {
        try await UploadServer.run { server in
            let first = try await server.createTus(100).upload
            _ = try await server.createTus(50)
            #expect(server.uploads.active.reservedBytes == 150)
            _ = try await server.patchTus(first, at: 0, "0123456789")
            #expect(server.uploads.active.reservedBytes == 140)
            _ = try await server.send("DELETE", "/api/uploads/\(first)", tus)
            #expect(server.uploads.active.reservedBytes == 50)
        }
    }
}
