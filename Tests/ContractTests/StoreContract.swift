// What every store owes. The suite knows no technology: a new store is added to `allStores` and
// passes, or is not a store.

import Domain
import Foundation
import SQLiteStore
import Testing

/// A kind of store and how to open a fresh one, or the same one again.
struct StoreKind: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let open: @Sendable (_ folder: String) throws -> any Store & GrantStore
}

let allStores = [
    StoreKind(testDescription: "SQLite") { try SQLiteStore(path: $0 + "/revela.sqlite") }
]

let now = Date(timeIntervalSince1970: 1_800_000_000)
let owner = Owner(id: "owner")
let original = Blob(sha256: String(repeating: "0a", count: 32), size: 3)
func newPhoto() -> Blob {
    let digits = String(UInt64.random(in: 0 ... .max), radix: 16)
    return Blob(sha256: String(repeating: "0", count: 64 - digits.count) + digits, size: 3)
}

let facts = ImageFacts(mediaType: .jpeg, width: 4, height: 3, frames: 1, placeholder: "AA==")

/// A store in a folder of its own, which can be opened again as after a restart.
final class Bench: Sendable {
    let kind: StoreKind
    let folder: String
    let store: any Store & GrantStore

    init(_ kind: StoreKind) throws {
        self.kind = kind
        folder = NSTemporaryDirectory() + "revela-store-\(UUID().uuidString)"
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true)
        store = try kind.open(folder)
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    func reopened() throws -> any Store & GrantStore { try kind.open(folder) }

    func batch(of owner: Owner = owner) async throws -> Batch {
        try await store.createBatch(
            .random(), owner: owner, recipe: .web, under: nil, at: now
        ).thing
    }

    func upload(into batch: Batch, length: Int? = 3, limits: Limits = Limits()) async throws
        -> Upload
    {
        let upload = Upload(
            batch: batch.id, resumable: true, length: length, expiresAt: now + 3600)
        _ = try await store.createUpload(
            upload, name: "a.jpg", limits: limits, under: nil, at: now)
        return upload
    }

    /// An image whose last byte has come, so that its job is queued: a new photo, or the given one.
    func uploaded(into batch: Batch, _ blob: Blob = newPhoto()) async throws -> Upload {
        let upload = try await upload(into: batch)
        try await store.record(
            .uploaded(blob), of: try #require(upload.image), in: batch.id, at: now)
        return upload
    }

    func events(of batch: Batch) async throws -> [Event] {
        try await store.log(of: batch.id, after: 0, limit: 10_000).events
    }
}

@Suite("A store", .serialized)
struct StoreContract {
    @Test("keeps a document that is exactly its folded log", arguments: allStores)
    func documentIsFoldedLog(kind: StoreKind) async throws {
        let bench = try Bench(kind)
        let batch = try await bench.batch()
        for ending in [Change.ready, .failed(Problem(.timedOut)), .cancelled] {
            _ = try await bench.uploaded(into: batch)
            let job = try #require(try await bench.store.claimJob(boot: "b", at: now))
            try await bench.store.record(.accepted(facts), of: job.image.id, in: batch.id, at: now)
            try await bench.store.record(ending, of: job.image.id, in: batch.id, at: now)
            if ending == .cancelled {
                try await bench.store.record(.removed, of: job.image.id, in: batch.id, at: now)
            }
        }
        let events = try await bench.events(of: batch)
        let folded = try events.reduce(JSON.object([:])) { $0.merging(try $1.patch()) }
        let snapshot = try await bench.reopened().snapshot(of: batch.id)
        #expect(snapshot.document == folded.text)
        #expect(snapshot.batch.seq == events.last?.seq)
        #expect(events.map(\.seq) == Array(1...events.count))
        #expect(snapshot.batch.state == .settled)
    }

    @Test("pages its log", arguments: allStores)
    func pages(kind: StoreKind) async throws {
        let bench = try Bench(kind)
        let batch = try await bench.batch()
        for _ in 0..<5 { _ = try await bench.upload(into: batch) }
        let page = try await bench.store.log(of: batch.id, after: 2, limit: 3)
        #expect(page.events.map(\.seq) == [3, 4, 5])
        #expect(page.batch.seq == 6 && page.firstSeq == 1)
    }

    @Test("tells of each commit before the write returns, in order", arguments: allStores)
    func observes(kind: StoreKind) async throws {
        let bench = try Bench(kind)
        let (commits, continuation) = AsyncStream<Commit>.makeStream()
        bench.store.observe { continuation.yield($0) }
        let batch = try await bench.batch()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<20 { group.addTask { _ = try await bench.upload(into: batch) } }
            try await group.waitForAll()
        }
        try await bench.store.deleteBatch(batch.id)
        continuation.finish()
        var seen: [Int] = []
        var isDeleted = false
        for await commit in commits {
            switch commit {
            case .recorded(let state, let events):
                #expect(state.seq == events.last?.seq)
                seen += events.map(\.seq)
            case .deleted(let id): isDeleted = id == batch.id
            case .claimed: Issue.record("nobody stood by")
            }
        }
        #expect(seen == Array(1...21))
        #expect(isDeleted)
    }

    @Test("undoes a refused write whole, and only that", arguments: allStores)
    func refusal(kind: StoreKind) async throws {
        let bench = try Bench(kind)
        let batch = try await bench.batch()
        let upload = try await bench.upload(into: batch)
        let before = try await bench.store.snapshot(of: batch.id)
        await #expect(throws: Problem.self) {
            try await bench.store.record(
                .ready, of: try #require(upload.image), in: batch.id, at: now)
        }
        #expect(try await bench.store.snapshot(of: batch.id) == before)
    }

    @Test("refuses an image the batch has no room for, with the limit", arguments: allStores)
    func full(kind: StoreKind) async throws {
        let bench = try Bench(kind)
        let batch = try await bench.batch()
        var limits = Limits()
        limits.imagesPerBatch = 1
        limits.batchBytes = 100
        let refused = await #expect(throws: Problem.self) {
            try await bench.upload(into: batch, length: 101, limits: limits)
        }
        #expect(refused?.code == .batchFull && refused?.limit == 100 && refused?.actual == 101)
        _ = try await bench.upload(into: batch, length: 100, limits: limits)
        let second = await #expect(throws: Problem.self) {
            try await bench.upload(into: batch, length: nil, limits: limits)
        }
        #expect(second?.limit == 1)
    }

    @Test(
        "keeps parts, which have no image and no event, until they are removed",
        arguments: allStores)
    func parts(kind: StoreKind) async throws {
        let bench = try Bench(kind)
        let batch = try await bench.batch()
        var limits = Limits()
        limits.imagesPerBatch = 1
        let part = Upload(
            batch: batch.id, image: nil, resumable: true, length: 3, expiresAt: now)
        _ = try await bench.store.createPart(part, limits: limits, under: nil, at: now)
        try await bench.store.commit(
            offset: 3, length: nil, of: part.id, until: nil, limits: Limits())
        let reopened = try bench.reopened()
        #expect(try await reopened.upload(part.id).offset == 3)
        #expect(try await reopened.upload(part.id).image == nil)
        #expect(try await reopened.openUploads(after: nil, limit: 100).map(\.id) == [part.id])
        #expect(try await bench.events(of: batch).map(\.type) == [.batchCreated])
        let refused = await #expect(throws: Problem.self) {
            try await bench.store.createPart(
                Upload(batch: batch.id, image: nil, resumable: true, length: 3, expiresAt: now),
                limits: limits, under: nil, at: now)
        }
        #expect(refused?.code == .batchFull)

        try await bench.store.removeUpload(part.id)
        try await bench.store.removeUpload(part.id)
        let gone = await #expect(throws: Problem.self) { try await bench.store.upload(part.id) }
        #expect(gone?.code == .noSuchUpload)
    }

    @Test("knows a deleted batch from one that never was", arguments: allStores)
    func deleted(kind: StoreKind) async throws {
        let bench = try Bench(kind)
        let batch = try await bench.batch()
        let upload = try await bench.uploaded(into: batch, original)
        try await bench.store.deleteBatch(batch.id)
        await #expect(throws: Problem(.batchDeleted)) { try await bench.store.batch(batch.id) }
        await #expect(throws: Problem(.noSuchBatch)) { try await bench.store.batch(.random()) }
        await #expect(throws: Problem(.noSuchUpload)) {
            try await bench.store.upload(upload.id)
        }
        #expect(try await bench.store.claimJob(boot: "b", at: now) == nil)
        while try await bench.store.purge() {}
        #expect(try await bench.store.unreferenced([original.sha256]) == [original.sha256])
    }

    @Test("lists an owner's batches, the newest first", arguments: allStores)
    func lists(kind: StoreKind) async throws {
        let bench = try Bench(kind)
        let older = try await bench.batch()
        let newer = try await bench.store.createBatch(
            .random(), owner: owner, recipe: .web, under: nil, at: now + 1
        ).thing
        _ = try await bench.batch(of: Owner(id: "somebody else"))
        let list = try await bench.store.batches(of: owner, after: nil, limit: 9)
        #expect(list.map(\.id) == [newer.id.rawValue, older.id.rawValue])
        #expect(list.map(\.renditions) == [[], []])
    }

    @Test("renames a batch by an event, once for the same name", arguments: allStores)
    func renames(kind: StoreKind) async throws {
        let bench = try Bench(kind)
        let batch = try await bench.batch()
        for name in ["Beach", "Beach", "Praia \"x\"", nil, nil] {
            try await bench.store.renameBatch(batch.id, to: name, at: now)
            let snapshot = try await bench.store.snapshot(of: batch.id)
            #expect(snapshot.batch.name == name)
            #expect(try JSON(parsing: snapshot.document)["name"]?.stringValue == name)
            #expect(
                try await bench.store.batches(of: owner, after: nil, limit: 1).map(\.name) == [name]
            )
        }
        let log = try await bench.store.log(of: batch.id, after: 1, limit: 9).events
        #expect(log.map(\.type) == [.batchRenamed, .batchRenamed, .batchRenamed])
        let whole = try await bench.store.log(of: batch.id, after: 0, limit: 9).events
        let folded = try whole.reduce(JSON.object([:])) { try $0.merging($1.patch()) }
        #expect(folded.text == (try await bench.store.snapshot(of: batch.id)).document)
    }

    @Test(
        "gives the files of all images or of chosen ones, in order and in pages",
        arguments: allStores)
    func files(kind: StoreKind) async throws {
        let bench = try Bench(kind)
        let batch = try await bench.batch()
        var images: [Image.ID] = []
        for number in 0..<4 {
            let upload = try await bench.uploaded(
                into: batch, Blob(sha256: String(repeating: "\(number)c", count: 32), size: 5))
            images.append(try #require(upload.image))
        }
        _ = try await bench.upload(into: batch)
        let all = try await bench.store.files(
            .originals, in: batch.id, of: nil, after: nil, limit: 9)
        #expect(all.map(\.image) == images)
        #expect(all.map { $0.original?.sha256.prefix(2) } == ["0c", "1c", "2c", "3c"])
        let chosen = try await bench.store.files(
            .originals, in: batch.id, of: [images[3], images[1], .random()],
            after: all[1].position, limit: 9)
        #expect(chosen.map(\.image) == [images[3]])
        let page = try await bench.store.files(
            .originals, in: batch.id, of: nil, after: all[0].position, limit: 2)
        #expect(page.map(\.image) == [images[1], images[2]])
        let made = try await bench.store.files(
            .renditions, in: batch.id, of: nil, after: nil, limit: 9)
        #expect(made.isEmpty)
    }

    @Test("removes a batch that came to nothing, and no other", arguments: allStores)
    func unused(kind: StoreKind) async throws {
        let bench = try Bench(kind)
        let (empty, used, other) = (
            try await bench.batch(), try await bench.batch(), try await bench.batch()
        )
        let upload = try await bench.upload(into: used)
        try await bench.store.record(
            .cancelled, of: try #require(upload.image), in: used.id, at: now)
        try await bench.store.record(
            .removed, of: try #require(upload.image), in: used.id, at: now)
        let part = Upload(
            batch: empty.id, image: nil, resumable: true, length: 3, expiresAt: now + 3600)
        _ = try await bench.store.createPart(part, limits: Limits(), under: nil, at: now)
        for batch in [empty, used] { try await bench.store.deleteUnused(batch.id) }
        #expect(try await bench.store.batches(of: owner, after: nil, limit: 9).count == 3)

        try await bench.store.moveParts([part.id, upload.id, .random()], to: other.id)
        #expect(try await bench.store.upload(part.id).batch == other.id)
        try await bench.store.deleteUnused(empty.id)
        await #expect(throws: Problem(.batchDeleted)) { try await bench.store.batch(empty.id) }
        let left = try await bench.store.batches(of: owner, after: nil, limit: 9).map(\.id)
        #expect(Set(left) == [used.id.rawValue, other.id.rawValue])
    }

    @Test("lists page by page, each batch once, though some go meanwhile", arguments: allStores)
    func pagesOfBatches(kind: StoreKind) async throws {
        let bench = try Bench(kind)
        var ids: [Batch.ID] = []
        // Pairs made at the same time, so that a page ends between two of them.
        for number in 0..<9 {
            let date = now + Double(number / 2)
            let batch = try await bench.store.createBatch(
                .random(), owner: owner, recipe: .web, under: nil, at: date)
            ids.append(batch.thing.id)
        }
        let whole = try await bench.store.batches(of: owner, after: nil, limit: 99)
        #expect(Set(whole.map(\.id)) == Set(ids.map(\.rawValue)))
        var paged: [BatchSummary] = []
        while true {
            let page = try await bench.store.batches(of: owner, after: paged.last?.place, limit: 2)
            guard let last = page.last else { break }
            paged += page
            try await bench.store.deleteBatch(try #require(Batch.ID(last.id)))
        }
        #expect(paged == whole)
    }

    @Test("shows the smallest renditions of a batch's first images", arguments: allStores)
    func smallRenditions(kind: StoreKind) async throws {
        let bench = try Bench(kind)
        let batch = try await bench.batch()
        var urls: [Image.ID: String] = [:]
        for number in 1...BatchSummary.renditionLimit + 1 {
            let upload = try await bench.uploaded(into: batch, original)
            let image = try #require(upload.image)
            _ = try await bench.store.claimJob(boot: "b", at: now)
            let blob = Blob(sha256: String(repeating: "\(number)b", count: 32), size: 9)
            for (name, side) in [("large", 40), ("thumb", 4), ("medium", 20)] {
                let rendition = Rendition(
                    name: name, width: side, height: side, mediaType: .webp, blob: blob)
                try await bench.store.record(
                    .renditionReady(rendition), of: image, in: batch.id, at: now)
                if name == "thumb" { urls[image] = rendition.url(in: batch.id, of: image) }
            }
        }
        let first = urls.keys.sorted { $0.rawValue < $1.rawValue }.prefix(
            BatchSummary.renditionLimit)
        let list = try await bench.store.batches(of: owner, after: nil, limit: 9)
        #expect(list.map(\.renditions) == [first.map { urls[$0] }])
    }

    @Test("never lets an offset go back", arguments: allStores)
    func offsets(kind: StoreKind) async throws {
        let bench = try Bench(kind)
        let upload = try await bench.upload(into: try await bench.batch(), length: nil)
        for (offset, length) in [(2, 3), (1, 9)] {
            try await bench.store.commit(
                offset: offset, length: length, of: upload.id, until: nil, limits: Limits())
        }
        let stored = try await bench.reopened().upload(upload.id)
        #expect(stored.offset == 2 && stored.length == 3 && !stored.isComplete)
        #expect(try await bench.store.openUploads(after: nil, limit: 100).map(\.id) == [upload.id])
    }

    @Test("tells open uploads in pages, each of them once", arguments: allStores)
    func openUploads(kind: StoreKind) async throws {
        let bench = try Bench(kind)
        let batch = try await bench.batch()
        var made: Set<Upload.ID> = []
        for _ in 0..<7 { made.insert(try await bench.upload(into: batch).id) }
        _ = try await bench.uploaded(into: batch, original)
        var seen: [Upload.ID] = []
        while true {
            let page = try await bench.store.openUploads(after: seen.last, limit: 3)
            #expect(page.count <= 3)
            if page.isEmpty { break }
            seen += page.map(\.id)
        }
        #expect(seen.count == 7 && Set(seen) == made)
    }

    @Test("tells images in pages, in the order of their positions", arguments: allStores)
    func imagePages(kind: StoreKind) async throws {
        let bench = try Bench(kind)
        let batch = try await bench.batch()
        _ = try await bench.upload(into: try await bench.batch())
        var made: [Image.ID?] = []
        for _ in 0..<12 { made.append(try await bench.upload(into: batch).image) }
        let fifth = made.remove(at: 4)
        let removed = try #require(fifth)
        try await bench.store.record(.cancelled, of: removed, in: batch.id, at: now)
        try await bench.store.record(.removed, of: removed, in: batch.id, at: now)
        var seen: [Image] = []
        while true {
            let last = seen.last?.document["position"]?.intValue
            let page = try await bench.store.images(of: batch.id, after: last, limit: 5)
            #expect(page.batch.imageCount == 11 && page.readyCount == 0)
            if page.images.isEmpty { break }
            seen += page.images
        }
        #expect(seen.map(\.id) == made)
        await #expect(throws: Problem(.noSuchBatch)) {
            try await bench.store.images(of: .random(), after: nil, limit: 5)
        }
    }

    @Test("counts bytes that were not announced as soon as they are known", arguments: allStores)
    func deferredLengths(kind: StoreKind) async throws {
        let bench = try Bench(kind)
        let batch = try await bench.batch()
        var limits = Limits()
        limits.batchBytes = 10
        let first = try await bench.upload(into: batch, length: nil, limits: limits)
        let second = try await bench.upload(into: batch, length: nil, limits: limits)
        // By the bytes that have come, and then by the length that was told.
        try await bench.store.commit(
            offset: 4, length: nil, of: first.id, until: nil, limits: limits)
        try await bench.store.commit(
            offset: 5, length: 6, of: first.id, until: nil, limits: limits)
        for (offset, length) in [(5, nil), (0, 5)] as [(Int, Int?)] {
            let refused = await #expect(throws: Problem.self) {
                try await bench.store.commit(
                    offset: offset, length: length, of: second.id, until: nil, limits: limits)
            }
            #expect(refused?.code == .batchFull && refused?.limit == 10 && refused?.actual == 11)
        }
        #expect(try await bench.store.upload(second.id).offset == 0)
        try await bench.store.commit(
            offset: 4, length: 4, of: second.id, until: nil, limits: limits)
    }

    @Test("keeps what a rendition is, and which blobs are in use", arguments: allStores)
    func renditions(kind: StoreKind) async throws {
        let bench = try Bench(kind)
        let batch = try await bench.batch()
        let upload = try await bench.uploaded(into: batch, original)
        _ = try await bench.store.claimJob(boot: "b", at: now)
        let blob = Blob(sha256: String(repeating: "1b", count: 32), size: 9)
        let thumb = Rendition(name: "thumb", width: 4, height: 3, mediaType: .webp, blob: blob)
        try await bench.store.record(
            .renditionReady(thumb), of: try #require(upload.image), in: batch.id, at: now)
        #expect(try await bench.store.rendition("thumb", of: try #require(upload.image)) == thumb)
        await #expect(throws: Problem(.noSuchRendition)) {
            try await bench.store.rendition("large", of: try #require(upload.image))
        }
        #expect(try await bench.store.original(of: try #require(upload.image)) == original)
        let names = [blob.sha256, "unknown", original.sha256]
        #expect(try await bench.store.unreferenced(names) == ["unknown"])
    }
}
