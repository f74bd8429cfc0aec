// Batches whose end has come are deleted as by hand. The clock is held.

import BlobStorage
import Domain
import Foundation
import Logging
import SQLiteStore
import Synchronization
import Testing

@testable import Web

@Suite("Batches that end")
struct EndedBatchesTests {
    private final class Clock: Sendable {
        private let time = Mutex(Date(timeIntervalSince1970: 1_800_000_000))
        func set(_ date: Date) { time.withLock { $0 = date } }
        @Sendable func now() -> Date { time.withLock(\.self) }
    }

    private let folder: String
    private let clock = Clock()
    private let store: SQLiteStore
    private let web: WebServer

    init() throws {
        folder = NSTemporaryDirectory() + "revela-ended-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        store = try SQLiteStore(path: folder + "/revela.sqlite")
        let blobs = try FolderBlobStore(at: folder, threads: 1)
        let feed = ChangeFeed(store: store)
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let uploads = UploadService(
            store: store, blobs: blobs, feed: feed, limits: Limits(), logger: logger, now: clock.now
        )
        web = WebServer(
            WebServer.Settings(), store: store, grants: store, blobs: blobs, feed: feed,
            uploads: uploads,
            capabilities: {
                Capabilities(version: "1", sandbox: "full", libraries: [:], acceptsRisky: true)
            },
            logger: logger, onRunning: { _ in })
    }

    private func batch(until end: Date?) async throws -> Batch {
        try await store.createBatch(
            NewBatch(owner: Owner(id: "owner"), recipe: .web, expiresAt: end), limits: Limits(),
            under: nil,
            at: clock.now()
        ).thing
    }

    @Test("are deleted at their end, however many, with the links made on them, and no others")
    func deleted() async throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let end = clock.now() + .day
        let kept = [try await batch(until: nil), try await batch(until: end + 1)]
        var ending: [Batch] = []
        for _ in 0..<101 { ending.append(try await batch(until: end)) }
        let link = DropLink(
            batch: ending[0].id, title: "Party", asksName: false, files: nil, bytes: nil,
            until: end + 60)
        try await store.makeDropLink(link, secret: "s", at: clock.now())
        let guest = try await store.enterDrop(
            secret: "s", as: Owner(id: "guest"), asker: .unknown, name: nil, expiresAt: nil,
            limits: Limits(), at: clock.now())
        let open = Upload(batch: guest.id, resumable: true, length: 3, expiresAt: .distantFuture)
        _ = try await store.createUpload(
            open, name: "a.jpg", limits: Limits(), under: nil, at: clock.now())

        clock.set(end - 1)
        try await web.deleteEnded()
        for batch in kept + ending { #expect(try await store.batch(batch.id).id == batch.id) }

        clock.set(end)
        try await web.deleteEnded()
        for batch in ending {
            await #expect(throws: Problem(.batchDeleted)) { try await store.batch(batch.id) }
        }
        for batch in kept { #expect(try await store.batch(batch.id).id == batch.id) }
        // As by hand: the link is over, what its guest had not sent whole is given up, the rest stays.
        await #expect(throws: Problem(.noSuchDropLink)) {
            try await store.dropLink(secret: "s", at: end)
        }
        #expect(try await store.batch(guest.id).rights(of: Bearer(guest.owner), at: end).isEmpty)
        #expect(try await store.openUploads(after: nil, limit: 9).isEmpty)
    }

    @Test(
        "by who begins them: strangers' after the shorter time",
        arguments: [
            (nil, 30, false, nil), (nil, 30, true, 30), (7, 30, true, 7), (90, 30, true, 30),
            (90, 30, false, 90), (nil, nil, true, nil), (7, nil, true, 7),
        ] as [(Int?, Int?, Bool, Int?)])
    func rule(keep: Int?, strangers: Int?, isStranger: Bool, days: Int?) {
        var settings = WebServer.Settings()
        settings.keepDays = keep
        settings.strangerKeepDays = strangers
        #expect(settings.keepDays(ofStranger: isStranger) == days)
    }
}
