import Foundation
import SQLiteStore
import Synchronization
import Testing

@testable import Domain

private let now = Date(timeIntervalSince1970: 1_800_000_000)

/// A feed over a store of its own, with one batch.
private final class Darkroom: Sendable {
    let store: SQLiteStore
    let feed: ChangeFeed
    let batch: Batch
    private let path: String

    init(documentBytes: Int = 128 << 20) async throws {
        path = NSTemporaryDirectory() + "revela-feed-\(UUID().uuidString).sqlite"
        store = try SQLiteStore(path: path)
        feed = ChangeFeed(store: store, documentBytes: documentBytes)
        batch = try await store.createBatch(
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
        let darkroom = try await Darkroom()
        try await darkroom.addImage()
        let changes = try await darkroom.feed.changes(in: darkroom.batch.id, after: nil)
        let snapshot = try await darkroom.store.snapshot(of: darkroom.batch.id)
        #expect(changes.body == .reset(Document(snapshot)))
        #expect(changes.cursor == darkroom.cursor(2))
    }

    @Test("holds a document once for all who read it, and no longer than they do")
    func sharedDocument() async throws {
        let darkroom = try await Darkroom()
        let (feed, batch) = (darkroom.feed, darkroom.batch.id)
        var held = try await withThrowingTaskGroup(of: Document.self) { tasks in
            for _ in 0..<50 { tasks.addTask { try await feed.document(of: batch) } }
            return try await tasks.reduce(into: []) { $0.append($1) }
        }
        let first = try #require(held.first)
        #expect(held.allSatisfy { $0 === first })
        #expect(feed.documentBytes == first.text.utf8.count)
        try await darkroom.addImage()
        let second = try await feed.document(of: batch)
        #expect(second.cursor == darkroom.cursor(2) && second.text != first.text)
        #expect(feed.documentBytes == first.text.utf8.count + second.text.utf8.count)
        held = []
        withExtendedLifetime(first) {}
        withExtendedLifetime(second) {}
    }

    @Test("lets go of a document with its last reader")
    func releasedDocument() async throws {
        let darkroom = try await Darkroom()
        var held: Document? = try await darkroom.feed.document(of: darkroom.batch.id)
        #expect(held != nil && darkroom.feed.documentBytes > 0)
        held = nil
        // The task that read it may still be going.
        while darkroom.feed.documentBytes > 0 { await Task.yield() }
        held = try await darkroom.feed.document(of: darkroom.batch.id)
        #expect(held?.cursor == darkroom.cursor(1))
    }

    @Test("reads no other document while too many bytes of them are held")
    func fullMemory() async throws {
        let darkroom = try await Darkroom(documentBytes: 1)
        let (feed, batch) = (darkroom.feed, darkroom.batch.id)
        var held: Document? = try await feed.document(of: batch)
        // The same one costs nothing more.
        #expect(try await feed.document(of: batch) === held)
        try await darkroom.addImage()
        let problem = await #expect(throws: Problem.self) { try await feed.document(of: batch) }
        #expect(problem?.code == .unavailable && problem?.limit == 1)
        held = nil
        while feed.documentBytes > 0 { await Task.yield() }
        #expect(try await feed.document(of: batch).cursor == darkroom.cursor(2))
        #expect(held == nil)
    }

    @Test(
        "resets a cursor of another life, and one from the future", arguments: [("x", 1), ("", 99)])
    func unservable(epoch: String, seq: Int) async throws {
        let darkroom = try await Darkroom()
        let cursor = Cursor(epoch: epoch.isEmpty ? darkroom.batch.epoch : epoch, seq: seq)
        let changes = try await darkroom.feed.changes(in: darkroom.batch.id, after: cursor)
        #expect(changes.seqs == nil)
        #expect(changes.cursor == darkroom.cursor(1))
    }

    @Test("resets a cursor from the future from its memory, too", arguments: [3, 99, Int.max])
    func unservableFromMemory(seq: Int) async throws {
        let darkroom = try await Darkroom()
        let subscription = darkroom.feed.subscribe(to: darkroom.batch.id) { _ in }
        try await darkroom.addImage()
        let changes = try await darkroom.feed.changes(
            in: darkroom.batch.id, after: darkroom.cursor(seq))
        #expect(changes.seqs == nil)
        #expect(changes.cursor == darkroom.cursor(2))
        subscription.cancel()
    }

    @Test("resumes before the first event, in the middle and at the end")
    func resumes() async throws {
        let darkroom = try await Darkroom()
        try await darkroom.addImage()
        try await darkroom.addImage()
        for seq in 0...3 {
            let changes = try await darkroom.feed.changes(
                in: darkroom.batch.id, after: darkroom.cursor(seq))
            #expect(changes.seqs == Array((seq + 1)..<4))
            #expect(changes.cursor == darkroom.cursor(3))
        }
    }

    @Test("says the same from its memory as from the store")
    func memoryAgrees() async throws {
        let darkroom = try await Darkroom()
        let subscription = darkroom.feed.subscribe(to: darkroom.batch.id) { _ in }
        for _ in 0..<5 { try await darkroom.addImage() }
        for seq in 1...6 {
            let cursor = darkroom.cursor(seq)
            let recent = darkroom.feed.recentChanges(in: darkroom.batch.id, after: cursor)
            let cold = ChangeFeed(store: darkroom.store)
            #expect(try await cold.changes(in: darkroom.batch.id, after: cursor) == recent)
        }
        #expect(
            darkroom.feed.recentChanges(in: darkroom.batch.id, after: darkroom.cursor(0)) == nil)
        subscription.cancel()
        #expect(
            darkroom.feed.recentChanges(in: darkroom.batch.id, after: darkroom.cursor(5)) == nil)
    }

    @Test("knows without the store that nothing is new, from the first read to the next commit")
    func nothingNew() async throws {
        let darkroom = try await Darkroom()
        let cold = ChangeFeed(store: darkroom.store)
        let batch = darkroom.batch.id
        #expect(cold.recentChanges(in: batch, after: darkroom.cursor(1)) == nil)
        let read = try await cold.changes(in: batch, after: darkroom.cursor(1))
        #expect(read.seqs == [])
        #expect(cold.recentChanges(in: batch, after: darkroom.cursor(1)) == read)
        try await darkroom.addImage()
        #expect(cold.recentChanges(in: batch, after: darkroom.cursor(1)) == nil)
        #expect(cold.recentChanges(in: batch, after: darkroom.cursor(2))?.seqs == [])
        try await darkroom.store.deleteBatch(batch)
        #expect(cold.recentChanges(in: batch, after: darkroom.cursor(2)) == nil)
    }

    @Test("never lets an older read replace a newer position, nor a deleted batch come back")
    func laterPositionStands() {
        let batch = Batch.ID.random()
        var positions = Positions()
        positions.learn(Cursor(epoch: "e", seq: 4), .open, of: batch)
        positions.learn(Cursor(epoch: "e", seq: 3), .open, of: batch)
        #expect(positions.changes(in: batch, after: Cursor(epoch: "e", seq: 3)) == nil)
        #expect(positions.changes(in: batch, after: Cursor(epoch: "e", seq: 4)) != nil)
        positions.forgetDeleted(batch)
        #expect(positions.changes(in: batch, after: Cursor(epoch: "e", seq: 4)) == nil)
        #expect(positions.deletions == 1)
    }

    @Test("replays a long log in pages without a gap")
    func pages() async throws {
        let darkroom = try await Darkroom()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<(ChangeFeed.pageSize + 20) {
                group.addTask { try await darkroom.addImage() }
            }
            try await group.waitForAll()
        }
        var cursor = darkroom.cursor(0)
        var seen: [Int] = []
        while true {
            let changes = try await darkroom.feed.changes(in: darkroom.batch.id, after: cursor)
            seen += changes.seqs ?? []
            cursor = changes.cursor
            if !changes.hasMore { break }
        }
        #expect(seen == Array(1...(ChangeFeed.pageSize + 21)))
    }

    @Test("wakes a subscriber for each event and each live value, and not after it has left")
    func wakes() async throws {
        let darkroom = try await Darkroom()
        let wakes = Mutex<[Wake]>([])
        let subscription = darkroom.feed.subscribe(to: darkroom.batch.id) { wake in
            wakes.withLock { $0.append(wake) }
        }
        let image = try await darkroom.addImage()
        darkroom.feed.show(Live(received: 1), of: image.id, in: darkroom.batch.id)
        #expect(wakes.withLock { $0 } == [.log, .live])
        subscription.cancel()
        subscription.cancel()
        try await darkroom.addImage()
        #expect(wakes.withLock(\.count) == 2)
        #expect(darkroom.feed.subscriberCount == 0)
    }

    @Test("shows what moves, whole, until an event says that it rests")
    func live() async throws {
        let darkroom = try await Darkroom()
        let image = try await darkroom.addImage()
        #expect(darkroom.feed.live(in: darkroom.batch.id).text == "{}")
        darkroom.feed.show(Live(received: 7), of: image.id, in: darkroom.batch.id)
        let moving = darkroom.feed.live(in: darkroom.batch.id)
        #expect(moving.text == #"{"\#(image.id)":{"received":7}}"#)
        try await darkroom.store.record(
            .cancelled, of: image.id, in: darkroom.batch.id, at: now)
        let still = darkroom.feed.live(in: darkroom.batch.id)
        #expect(still.text == "{}")
        #expect(still.version != moving.version)
    }

    @Test("tells a reader of a deleted batch that it was deleted")
    func deleted() async throws {
        let darkroom = try await Darkroom()
        let wakes = Mutex(0)
        let subscription = darkroom.feed.subscribe(to: darkroom.batch.id) { _ in
            wakes.withLock { $0 += 1 }
        }
        defer { subscription.cancel() }
        try await darkroom.addImage()
        try await darkroom.store.deleteBatch(darkroom.batch.id)
        #expect(wakes.withLock { $0 } == 2)
        await #expect(throws: Problem(.batchDeleted)) {
            try await darkroom.feed.changes(in: darkroom.batch.id, after: darkroom.cursor(2))
        }
    }
}
