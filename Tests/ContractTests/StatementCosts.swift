// What the SQLite store's statements cost: the same, however much there is that nobody asks for.
// Counted in the steps of SQLite's own machine, triggers and cascades included, so that no clock and
// no load has a part in it.

import Domain
import Foundation
import GRDB
import GRDBSQLite
import Synchronization
import Testing

@testable import SQLiteStore

@Suite("Statements of the SQLite store", .serialized)
struct StatementCosts {
    /// They count what there is, for `/metrics`.
    private static let gauges = ["FROM job GROUP BY lane"]

    @Test("cost the same beside hundreds of others' uploads, photos and batches")
    func others() async throws {
        let (few, many) = (try await costs(beside: 0), try await costs(beside: 200))
        #expect(Set(few.keys).isSubset(of: many.keys))
        for (statement, cost) in many where !Self.gauges.contains(where: statement.contains) {
            let alone = few[statement] ?? 0
            #expect(
                cost <= alone * 3 / 2 + 100,
                "\(alone) steps became \(cost): \(statement)")
        }
    }

    /// The steps of each statement of a whole course beside so many photos of others, at most.
    private func costs(beside others: Int) async throws -> [String: Int] {
        let folder = NSTemporaryDirectory() + "revela-costs-\(UUID().uuidString)"
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: false)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let path = folder + "/revela.sqlite"
        let filled = try SQLiteStore(path: path)
        try await crowd(filled, others)
        // The last connection's end locks the file for a moment.
        try filled.close()
        let meter = Meter()
        let store = try SQLiteStore(path: path) { meter.watch($0) }
        let outcome = await result(of: { try await Course(store: store).run() })
        try withExtendedLifetime(meter) { try store.close() }
        try outcome.get()
        return meter.most
    }

    /// Photos of others: every second one waits, the rest is ready, with the same bytes as ours.
    private func crowd(_ store: SQLiteStore, _ count: Int) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<count {
                group.addTask {
                    let course = Course(store: store, owner: Owner(id: "owner \(number)"))
                    let batch = try await course.batch()
                    _ = try await course.link(on: batch)
                    let image = try await course.uploaded(batch, original)
                    if number.isMultiple(of: 2) { try await course.develop(image) }
                }
            }
            try await group.waitForAll()
        }
    }
}

/// Counts the steps of all statements on the connections that it watches.
private final class Meter: Sendable {
    private let steps = Mutex<[String: Int]>([:])

    /// The most steps that one run of each statement took.
    var most: [String: Int] { steps.withLock { $0 } }

    /// It must outlive the connection.
    func watch(_ database: Database) {
        sqlite3_trace_v2(
            database.sqliteConnection, UInt32(SQLITE_TRACE_PROFILE),
            { _, meter, statement, _ in
                guard let meter, let statement else { return 0 }
                Unmanaged<Meter>.fromOpaque(meter).takeUnretainedValue()
                    .note(OpaquePointer(statement))
                return 0
            }, Unmanaged.passUnretained(self).toOpaque())
    }

    private func note(_ statement: OpaquePointer) {
        guard let sql = sqlite3_sql(statement) else { return }
        let taken = Int(sqlite3_stmt_status(statement, SQLITE_STMTSTATUS_VM_STEP, 1))
        steps.withLock { $0[String(cString: sql), default: 0].grow(to: taken) }
    }
}

private func result(of body: () async throws -> Void) async -> Result<Void, any Error> {
    do { return .success(try await body()) } catch { return .failure(error) }
}

extension Int {
    fileprivate mutating func grow(to other: Int) { self = Swift.max(self, other) }
}

/// Everything that a server asks of its store, but for what is told of all there is.
private struct Course {
    let store: SQLiteStore
    var owner = Owner(id: "us")

    func run() async throws {
        let batch = try await batch()
        let waiting = try await uploaded(batch, newPhoto())
        let ready = try await uploaded(batch, original)
        try await develop(ready)
        try await take(batch)
        try await queue()
        try await read(batch, ready)
        try await parts(batch)
        try await follow(batch)
        try await end(batch, waiting)
        try await tidy()
    }

    func batch() async throws -> Batch {
        try await store.createBatch(
            NewBatch(
                owner: owner, asker: Asker(id: owner.id), recipe: .web,
                expiresAt: now + Double(Int(owner.id.dropFirst(6)) ?? 0) + 1), limits: Limits(),
            under: RequestKey(word: "\(UUID())", request: "batch"), at: now
        ).thing
    }

    func uploaded(_ batch: Batch, _ blob: Blob) async throws -> Image {
        let upload = Upload(batch: batch.id, resumable: true, length: 3, expiresAt: now + 3600)
        let key = RequestKey(word: "\(upload.id)", request: "photo")
        _ = try await store.createUpload(
            upload, name: "a.jpg", limits: Limits(), under: key, at: now)
        return try await store.record(
            .uploaded(blob), of: try #require(upload.image), in: batch.id, at: now)
    }

    func develop(_ image: Image) async throws {
        guard image.state == .waiting else { return }
        for change in [Change.processing, .accepted(facts), .renditionReady(rendition), .ready] {
            try await store.record(change, of: image.id, in: image.batch, at: now)
        }
    }

    private let rendition = Rendition(
        name: "thumb", width: 4, height: 3, mediaType: .webp,
        blob: Blob(sha256: String(repeating: "1b", count: 32), size: 9))

    /// An upload that comes in pieces, one that is known, and one that is a copy.
    private func take(_ batch: Batch) async throws {
        let upload = Upload(batch: batch.id, resumable: true, length: 3, expiresAt: now + 3600)
        let key = RequestKey(word: "key", request: "photo")
        for _ in 0..<2 {
            _ = try await store.createUpload(
                upload, name: "a.jpg", limits: Limits(), under: key, at: now)
        }
        let image = try #require(upload.image)
        _ = try await store.upload(under: key, in: batch.id, at: now)
        _ = try await store.isKeyed(upload.id)
        for change in [Change.idle, .resumed] {
            try await store.record(change, of: image, in: batch.id, at: now)
        }
        try await store.commit(
            offset: 2, length: nil, of: upload.id, until: now + 7200, limits: Limits())
        _ = try await store.upload(upload.id)
        _ = try await store.upload(of: image)
        #expect(try await store.openUploads(after: nil, limit: 100).map(\.id) == [upload.id])
        #expect(try await store.hasOriginal(ofSize: 3, for: batch.id))
        #expect(try await !store.hasOriginal(ofSize: 4, for: batch.id))
        _ = try await store.recordKnown(newPhoto(), of: image, in: batch.id, at: now)
        let copy = try await store.recordKnown(original, of: image, in: batch.id, at: now)
        #expect(copy?.state == .ready)
    }

    private func queue() async throws {
        let first = try #require(try await store.claimJob(boot: "old", at: now))
        _ = try await store.endPass(
            first, with: [.renditionReady(rendition)], postponed: true, claimingFor: nil, at: now)
        for loss in [nil, Job.Loss.worker] {
            let job = try #require(try await store.claimJob(boot: "old", at: now))
            try await store.release(job, after: loss, problem: Problem(.internal), at: now)
        }
        _ = try await store.claimJob(boot: "old", at: now)
        try await store.recoverJobs(boot: "new", at: now)
        _ = try await store.jobCounts()
        try await store.keep(EncodeTime(format: .avif, scale: 20, rate: 400, count: 1))
        _ = try await store.encodeTimes()
    }

    private func read(_ batch: Batch, _ image: Image) async throws {
        try await store.probe()
        _ = try await store.batch(batch.id)
        let list = try await store.batches(of: owner, after: nil, limit: 9)
        _ = try await store.batches(of: owner, after: list.last?.place, limit: 9)
        _ = try await store.snapshot(of: batch.id)
        _ = try await store.images(of: batch.id, after: nil, limit: 9)
        for kind in [ImageFiles.Kind.renditions, .originals] {
            _ = try await store.files(kind, in: batch.id, of: nil, after: nil, limit: 9)
        }
        try await store.renameBatch(batch.id, to: "Beach", at: now)
        try await store.rescheduleBatch(batch.id, to: now + 60, keptFor: 1, at: now)
        #expect(try await store.endedBatches(at: now, limit: 9).isEmpty)
        _ = try await store.log(of: batch.id, after: 2, limit: 9)
        _ = try await store.image(image.id, in: batch.id)
        _ = try await store.rendition("thumb", of: image.id)
        _ = try await store.original(of: image.id)
    }

    func link(on batch: Batch) async throws -> DropLink {
        let link = DropLink(
            batch: batch.id, title: "Party", asksName: false, files: nil, bytes: nil,
            until: now + 60)
        try await store.makeDropLink(link, secret: "\(UUID())", at: now)
        return link
    }

    /// What the operator asks for beside the server, and what they have told it.
    private func follow(_ batch: Batch) async throws {
        let link = try await link(on: batch)
        for order in BatchOverview.Order.allCases {
            #expect(try await store.batches(by: order, limit: 1).count == 1)
        }
        #expect(try await store.links(limit: 1).count == 1)
        try await store.give(.rescheduleBatch(batch.id, to: nil))
        try await store.give(.endLink(link.id))
        for waiting in try await store.instructions(after: 0, limit: 9) {
            try await store.forgetInstruction(waiting.number)
        }
        _ = try await store.endLink(link.id, at: now)
    }

    private func parts(_ batch: Batch) async throws {
        let other = try await self.batch()
        let part = Upload(
            batch: other.id, image: nil, resumable: true, length: 3, expiresAt: now + 3600)
        _ = try await store.createPart(part, limits: Limits(), under: nil, at: now)
        try await store.moveParts([part.id], to: batch.id)
        try await store.deleteUnused(other.id)
        try await store.removeUpload(part.id)
    }

    private func end(_ batch: Batch, _ waiting: Image) async throws {
        // Wherever its job is by now.
        for change in [Change.cancelled, .removed] {
            try await store.record(change, of: waiting.id, in: batch.id, at: now)
        }
        _ = try await uploaded(batch, newPhoto())
        try await store.deleteBatch(batch.id)
        await #expect(throws: Problem(.batchDeleted)) { try await store.batch(batch.id) }
        while try await store.purge() {}
    }

    private func tidy() async throws {
        let released = try await store.releasedBlobs(after: nil, limit: 100)
        let unused = try await store.unreferenced(released)
        #expect(!unused.isEmpty)
        try await store.forgetReleased(released, removed: Set(unused))
        try await store.forgetKeys(at: now)
    }
}
