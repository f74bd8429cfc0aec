import Foundation
import SQLiteStore
import Synchronization
import Testing

@testable import Domain

private let now = Date(timeIntervalSince1970: 1_800_000_000)

/// A feed over a store of its own, with one batch.
private final class Fixture: Sendable {
    let store: SQLiteStore
    let feed: ChangeFeed
    let batch: Batch
    private let path: String

    init(documentBytes: Int = 128 << 20, keptBytes: Int = 0) async throws {
        path = NSTemporaryDirectory() + "revela-feed-\(UUID().uuidString).sqlite"
        store = try SQLiteStore(path: path)
        feed = ChangeFeed(store: store, documentBytes: documentBytes, keptBytes: keptBytes)
        batch = try await store.createBatch(
            .random(), owner: Owner(id: "o"), recipe: .web, under: nil, at: now
        ).thing
    }

    func addBatch() async throws -> Batch {
        try await store.createBatch(
            .random(), owner: Owner(id: "o"), recipe: .web, under: nil, at: now
        ).thing
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    @discardableResult
    func addImage() async throws -> Image {
        let id = Image.ID.random()
        let upload = Upload(
            batch: batch.id, image: id, resumable: true, length: 3, expiresAt: now)
        _ = try await store.createUpload(
            upload, name: "a.jpg", limits: Limits(), under: nil, at: now)
        return try await store.image(id, in: batch.id)
    }

    func cursor(_ seq: Int) -> Cursor { Cursor(epoch: batch.epoch, seq: seq) }
}

extension Changes {
    fileprivate var seqs: [Int]? {
        guard case .events(let events) = body else { return nil }
        return events.map(\.seq)
    }
}

@Suite("The change feed")
struct ChangeFeedTests {
    @Test("resets a reader without a cursor to the whole document")
    func firstRead() async throws {
        let fixture = try await Fixture()
        try await fixture.addImage()
        let changes = try await fixture.feed.changes(in: fixture.batch.id, after: nil)
        let snapshot = try await fixture.store.snapshot(of: fixture.batch.id)
        #expect(changes.body == .reset(Document(snapshot)))
        #expect(changes.cursor == fixture.cursor(2))
    }

    @Test("holds a document once for all who read it, and no longer than they do")
    func sharedDocument() async throws {
        let fixture = try await Fixture()
        let (feed, batch) = (fixture.feed, fixture.batch.id)
        var held = try await withThrowingTaskGroup(of: Document.self) { tasks in
            for _ in 0..<50 { tasks.addTask { try await feed.document(of: batch) } }
            return try await tasks.reduce(into: []) { $0.append($1) }
        }
        let first = try #require(held.first)
        #expect(held.allSatisfy { $0 === first })
        #expect(feed.documentBytes == first.text.utf8.count)
        try await fixture.addImage()
        let second = try await feed.document(of: batch)
        #expect(second.cursor == fixture.cursor(2) && second.text != first.text)
        #expect(feed.documentBytes == first.text.utf8.count + second.text.utf8.count)
        held = []
        withExtendedLifetime(first) {}
        withExtendedLifetime(second) {}
    }

    @Test("lets go of a document with its last reader")
    func releasedDocument() async throws {
        let fixture = try await Fixture()
        var held: Document? = try await fixture.feed.document(of: fixture.batch.id)
        #expect(held != nil && fixture.feed.documentBytes > 0)
        held = nil
        // The task that read it may still be going.
        while fixture.feed.documentBytes > 0 { await Task.yield() }
        held = try await fixture.feed.document(of: fixture.batch.id)
        #expect(held?.cursor == fixture.cursor(1))
    }

    @Test("keeps the last document for who asks next, until its batch changes")
    func keptDocument() async throws {
        let fixture = try await Fixture(keptBytes: 1 << 20)
        let (feed, batch) = (fixture.feed, fixture.batch.id)
        weak var kept: Document?
        kept = try await feed.document(of: batch)
        #expect(kept != nil)
        #expect(try await feed.document(of: batch) === kept)
        try await fixture.addImage()
        while feed.documentBytes > 0 { await Task.yield() }
        #expect(kept == nil)
        #expect(try await feed.document(of: batch).cursor == fixture.cursor(2))
    }

    @Test("keeps as many bytes of documents as it may, those that were asked for last")
    func keptBytes() async throws {
        let sample = try await Fixture()
        let size = try await sample.store.snapshot(of: sample.batch.id).document.utf8.count
        let fixture = try await Fixture(keptBytes: 2 * size)
        for _ in 0..<3 {
            _ = try await fixture.feed.document(of: fixture.addBatch().id)
        }
        while fixture.feed.documentBytes > 2 * size { await Task.yield() }
        #expect(fixture.feed.documentBytes == 2 * size)
    }

    @Test("reads no other document while too many bytes of them are held")
    func fullMemory() async throws {
        let fixture = try await Fixture(documentBytes: 1)
        let (feed, batch) = (fixture.feed, fixture.batch.id)
        var held: Document? = try await feed.document(of: batch)
        // The same one costs nothing more.
        #expect(try await feed.document(of: batch) === held)
        try await fixture.addImage()
        let problem = await #expect(throws: Problem.self) { try await feed.document(of: batch) }
        #expect(problem?.code == .unavailable && problem?.limit == 1)
        held = nil
        while feed.documentBytes > 0 { await Task.yield() }
        #expect(try await feed.document(of: batch).cursor == fixture.cursor(2))
        #expect(held == nil)
    }

    @Test(
        "resets a cursor of another life, and one from the future", arguments: [("x", 1), ("", 99)])
    func unservable(epoch: String, seq: Int) async throws {
        let fixture = try await Fixture()
        let cursor = Cursor(epoch: epoch.isEmpty ? fixture.batch.epoch : epoch, seq: seq)
        let changes = try await fixture.feed.changes(in: fixture.batch.id, after: cursor)
        #expect(changes.seqs == nil)
        #expect(changes.cursor == fixture.cursor(1))
    }

    @Test("resets a cursor from the future from its memory, too", arguments: [3, 99, Int.max])
    func unservableFromMemory(seq: Int) async throws {
        let fixture = try await Fixture()
        let subscription = fixture.feed.subscribe(to: fixture.batch.id) { _ in }
        try await fixture.addImage()
        let changes = try await fixture.feed.changes(
            in: fixture.batch.id, after: fixture.cursor(seq))
        #expect(changes.seqs == nil)
        #expect(changes.cursor == fixture.cursor(2))
        subscription.cancel()
    }

    @Test("resumes before the first event, in the middle and at the end")
    func resumes() async throws {
        let fixture = try await Fixture()
        try await fixture.addImage()
        try await fixture.addImage()
        for seq in 0...3 {
            let changes = try await fixture.feed.changes(
                in: fixture.batch.id, after: fixture.cursor(seq))
            #expect(changes.seqs == Array((seq + 1)..<4))
            #expect(changes.cursor == fixture.cursor(3))
        }
    }

    @Test("says the same from its memory as from the store")
    func memoryAgrees() async throws {
        let fixture = try await Fixture()
        let subscription = fixture.feed.subscribe(to: fixture.batch.id) { _ in }
        for _ in 0..<5 { try await fixture.addImage() }
        for seq in 1...6 {
            let cursor = fixture.cursor(seq)
            let recent = fixture.feed.recentChanges(in: fixture.batch.id, after: cursor)
            let cold = ChangeFeed(store: fixture.store)
            #expect(try await cold.changes(in: fixture.batch.id, after: cursor) == recent)
        }
        #expect(
            fixture.feed.recentChanges(in: fixture.batch.id, after: fixture.cursor(0)) == nil)
        subscription.cancel()
        #expect(
            fixture.feed.recentChanges(in: fixture.batch.id, after: fixture.cursor(5)) == nil)
    }

    @Test("knows without the store that nothing is new, from the first read to the next commit")
    func nothingNew() async throws {
        let fixture = try await Fixture()
        let cold = ChangeFeed(store: fixture.store)
        let batch = fixture.batch.id
        #expect(cold.recentChanges(in: batch, after: fixture.cursor(1)) == nil)
        let read = try await cold.changes(in: batch, after: fixture.cursor(1))
        #expect(read.seqs == [])
        #expect(cold.recentChanges(in: batch, after: fixture.cursor(1)) == read)
        try await fixture.addImage()
        #expect(cold.recentChanges(in: batch, after: fixture.cursor(1)) == nil)
        #expect(cold.recentChanges(in: batch, after: fixture.cursor(2))?.seqs == [])
        try await fixture.store.deleteBatch(batch)
        #expect(cold.recentChanges(in: batch, after: fixture.cursor(2)) == nil)
    }

    @Test("never lets an older read replace a newer position, nor a deleted batch come back")
    func laterPositionStands() {
        let batch = Batch.ID.random()
        var heads = HeadCache()
        heads.learn(Cursor(epoch: "e", seq: 4), .open, of: batch)
        heads.learn(Cursor(epoch: "e", seq: 3), .open, of: batch)
        #expect(heads.changes(in: batch, after: Cursor(epoch: "e", seq: 3)) == nil)
        #expect(heads.changes(in: batch, after: Cursor(epoch: "e", seq: 4)) != nil)
        heads.forgetDeleted(batch)
        #expect(heads.changes(in: batch, after: Cursor(epoch: "e", seq: 4)) == nil)
        #expect(heads.deletions == 1)
    }

    @Test("replays a long log in pages without a gap")
    func pages() async throws {
        let fixture = try await Fixture()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<(ChangeFeed.pageSize + 20) {
                group.addTask { try await fixture.addImage() }
            }
            try await group.waitForAll()
        }
        var cursor = fixture.cursor(0)
        var seen: [Int] = []
        while true {
            let changes = try await fixture.feed.changes(in: fixture.batch.id, after: cursor)
            seen += changes.seqs ?? []
            cursor = changes.cursor
            if !changes.hasMore { break }
        }
        #expect(seen == Array(1...(ChangeFeed.pageSize + 21)))
    }

    @Test("wakes a subscriber for each event and each live value, and not after it has left")
    func wakes() async throws {
        let fixture = try await Fixture()
        let wakes = Mutex<[Wake]>([])
        let subscription = fixture.feed.subscribe(to: fixture.batch.id) { wake in
            wakes.withLock { $0.append(wake) }
        }
        let image = try await fixture.addImage()
        fixture.feed.show(Live(received: 1), of: image.id, in: fixture.batch.id)
        #expect(wakes.withLock { $0 } == [.log, .live])
        subscription.cancel()
        subscription.cancel()
        try await fixture.addImage()
        #expect(wakes.withLock(\.count) == 2)
        #expect(fixture.feed.subscriberCount == 0)
    }

    @Test("shows what moves, whole, until an event says that it rests")
    func live() async throws {
        let fixture = try await Fixture()
        let image = try await fixture.addImage()
        #expect(fixture.feed.live(in: fixture.batch.id).text == "{}")
        fixture.feed.show(Live(received: 7), of: image.id, in: fixture.batch.id)
        let moving = fixture.feed.live(in: fixture.batch.id)
        #expect(moving.text == #"{"\#(image.id)":{"received":7}}"#)
        try await fixture.store.record(
            .cancelled, of: image.id, in: fixture.batch.id, at: now)
        let still = fixture.feed.live(in: fixture.batch.id)
        #expect(still.text == "{}")
        #expect(still.version != moving.version)
    }

    @Test("tells a reader of a deleted batch that it was deleted")
    func deleted() async throws {
        let fixture = try await Fixture()
        let wakes = Mutex(0)
        let subscription = fixture.feed.subscribe(to: fixture.batch.id) { _ in
            wakes.withLock { $0 += 1 }
        }
        defer { subscription.cancel() }
        try await fixture.addImage()
        try await fixture.store.deleteBatch(fixture.batch.id)
        #expect(wakes.withLock { $0 } == 2)
        await #expect(throws: Problem(.batchDeleted)) {
            try await fixture.feed.changes(in: fixture.batch.id, after: fixture.cursor(2))
        }
    }
}
