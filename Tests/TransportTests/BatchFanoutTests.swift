// A batch as one event loop sees it, where the log changes while it is read.

import Domain
import Foundation
import NIOCore
import NIOPosix
import SQLiteStore
import Synchronization
import Testing

@testable import Web

@Suite("A fanout", .timeLimit(.minutes(5)))
struct BatchFanoutTests {
    @Test("reads on where the log changed during its first read")
    func changedMeanwhile() async throws {
        try await withHeldFanout { held in
            let (cursors, opened) = AsyncStream<Int>.makeStream()
            let sink = try await held.onLoop { fanout in
                let sink = Notebook()
                fanout.changes(after: nil) { result in
                    guard case .success(let changes) = result else { return opened.finish() }
                    fanout.add(Subscriber(at: changes.cursor, untilSettled: false, sink: sink))
                    opened.yield(changes.cursor.seq)
                }
                return NIOLoopBound(sink, eventLoop: held.loop)
            }
            await held.untilRead()
            try await held.addImage()
            held.release()
            var cursor = cursors.makeAsyncIterator()
            #expect(await cursor.next() == 1)
            let text = try await held.onLoop { _ in sink.value.text }
            #expect(text.contains("\"seq\":2"))
        }
    }

    @Test("lets nobody share a read that began before the log changed")
    func olderRead() async throws {
        try await withHeldFanout { held in
            let (cursors, read) = AsyncStream<Int>.makeStream()
            let open: @Sendable (BatchFanout) -> Void = { fanout in
                fanout.changes(after: nil) { result in
                    guard case .success(let changes) = result else { return read.finish() }
                    read.yield(changes.cursor.seq)
                }
            }
            try await held.onLoop(open)
            await held.untilRead()
            try await held.addImage()
            try await held.onLoop(open)
            held.release()
            var seen: Set<Int?> = []
            var cursor = cursors.makeAsyncIterator()
            for _ in 0..<2 { seen.insert(await cursor.next()) }
            #expect(seen == [1, 2])
        }
    }
}

/// A fanout whose first read of the log is kept from it, once it is done.
private struct HeldFanout: Sendable {
    let loop: any EventLoop
    let addImage: @Sendable () async throws -> Void
    let untilRead: @Sendable () async -> Void
    let release: @Sendable () -> Void
    fileprivate let fanout: NIOLoopBound<BatchFanout>

    /// Runs `body` on the fanout's loop, after all that was to run there before.
    func onLoop<Value: Sendable>(
        _ body: @escaping @Sendable (BatchFanout) throws -> Value
    ) async throws -> Value {
        try await loop.submit { try body(fanout.value) }.get()
    }
}

private func withHeldFanout(_ body: (HeldFanout) async throws -> Void) async throws {
    let path = NSTemporaryDirectory() + "revela-fanout-\(UUID().uuidString).sqlite"
    defer { try? FileManager.default.removeItem(atPath: path) }
    let store = try SQLiteStore(path: path)
    let feed = ChangeFeed(store: store)
    let batch = try await store.createBatch(
        .random(), owner: owner, recipe: .web, under: nil, at: now
    ).thing
    let (reads, didRead) = AsyncStream<Void>.makeStream()
    let (gate, opened) = AsyncStream<Void>.makeStream()
    let isFirst = Atomic(true)
    let loop = MultiThreadedEventLoopGroup.singleton.any()
    let fanout = try await loop.submit {
        let fanout = BatchFanout(
            batch.id, feed: feed, timing: EventsTiming(), loop: loop,
            readLog: { cursor in
                let changes = try await feed.changes(in: batch.id, after: cursor)
                if isFirst.exchange(false, ordering: .relaxed) {
                    didRead.finish()
                    for await _ in gate {}
                }
                return changes
            }, onUnused: { _ in })
        return NIOLoopBound(fanout, eventLoop: loop)
    }.get()
    try await body(
        HeldFanout(
            loop: loop,
            addImage: {
                let upload = Upload(batch: batch.id, resumable: true, length: 3, expiresAt: now)
                _ = try await store.createUpload(
                    upload, name: "a", limits: Limits(), under: nil, at: now)
            },
            untilRead: { for await _ in reads {} },
            release: { opened.finish() },
            fanout: fanout))
}

/// Keeps all that is written.
private final class Notebook: StreamSink {
    let form = WireForm.plainEventStream
    let isWritable = true
    let isLost = false
    private(set) var text = ""

    func start(after cursor: Cursor?, with changes: Changes, untilSettled: Bool) {}
    func write(_ bytes: ByteBuffer) { text += String(buffer: bytes) }
    func write(reset document: Document) {}
    func flush() {}
    func end(_ end: Message.End) {}
    func abort() {}
}
