// A batch that is deleted is gone for everybody at once, and makes nobody wait.

import Domain
import Foundation
import Testing

private let thumb = Rendition(
    name: "thumb", width: 4, height: 3, mediaType: .webp,
    blob: Blob(sha256: String(repeating: "1b", count: 32), size: 9))

extension Bench {
    /// An image that is ready, with one rendition.
    fileprivate func developed(
        in batch: Batch, _ blob: Blob = newPhoto(), as rendition: Rendition = thumb
    ) async throws -> Upload {
        let upload = try await uploaded(into: batch, blob)
        let image = try #require(upload.image)
        for change in [Change.processing, .accepted(facts), .renditionReady(rendition), .ready] {
            try await store.record(change, of: image, in: batch.id, at: now)
        }
        return upload
    }

    /// Slices until nothing of deleted batches is left.
    fileprivate func purge(_ store: any Store) async throws -> Int {
        var slices = 0
        while try await store.purge() { slices += 1 }
        return slices
    }
}

@Suite("A store's deletion of a batch", .serialized)
struct DeletionContract {
    @Test("takes all of it from sight before any of it is removed", arguments: allStores)
    func atOnce(kind: StoreKind) async throws {
        let bench = try Bench(kind)
        let batch = try await bench.batch()
        let ready = try await bench.developed(in: batch, original)
        let image = try #require(ready.image)
        let open = try await bench.upload(into: batch)
        _ = try await bench.uploaded(into: batch)
        let running = try #require(try await bench.store.claimJob(boot: "b", at: now))
        _ = try await bench.uploaded(into: batch)
        try await bench.store.deleteBatch(batch.id)

        for store in [bench.store, try bench.reopened()] {
            await #expect(throws: Problem(.batchDeleted)) { try await store.batch(batch.id) }
            await #expect(throws: Problem(.batchDeleted)) { try await store.snapshot(of: batch.id) }
            await #expect(throws: Problem(.batchDeleted)) {
                try await store.images(of: batch.id, after: nil, limit: 9)
            }
            await #expect(throws: Problem(.batchDeleted)) {
                try await store.files(.renditions, in: batch.id, of: nil, after: nil, limit: 9)
            }
            await #expect(throws: Problem(.batchDeleted)) {
                try await store.log(of: batch.id, after: 0, limit: 9)
            }
            await #expect(throws: Problem(.batchDeleted)) {
                try await store.image(image, in: batch.id)
            }
            await #expect(throws: Problem(.batchDeleted)) { try await bench.upload(into: batch) }
            await #expect(throws: Problem(.batchDeleted)) {
                try await store.record(.removed, of: image, in: batch.id, at: now)
            }
            await #expect(throws: Problem(.batchDeleted)) { try await store.deleteBatch(batch.id) }
            await #expect(throws: Problem(.noSuchUpload)) { try await store.upload(open.id) }
            await #expect(throws: Problem(.noSuchUpload)) {
                try await store.commit(
                    offset: 3, length: nil, of: open.id, until: nil, limits: Limits())
            }
            await #expect(throws: Problem(.noSuchRendition)) {
                try await store.rendition("thumb", of: image)
            }
            #expect(try await store.upload(of: image) == nil)
            #expect(try await store.original(of: image) == nil)
            #expect(try await store.openUploads(after: nil, limit: 9) == [])
            #expect(try await store.batches(of: owner, after: nil, limit: 9) == [])
            #expect(try await store.claimJob(boot: "b", at: now) == nil)
            // What ran is nobody's any more, and stands in no start's way.
            try await store.release(running, after: .cpu, problem: Problem(.tooSlow), at: now)
            try await store.recoverJobs(boot: "next", at: now)
            #expect(try await store.claimJob(boot: "next", at: now) == nil)
        }
        // Nothing new is a copy of it, or known by it.
        let other = try await bench.batch()
        #expect(try await !bench.store.hasOriginal(ofSize: original.size, for: other.id))
        let again = try #require(try await bench.uploaded(into: other, original).image)
        #expect(try await bench.store.image(again, in: other.id).state == .waiting)
    }

    @Test("lets the same request make another batch", arguments: allStores)
    func keys(kind: StoreKind) async throws {
        let bench = try Bench(kind)
        let key = RequestKey(word: "key", request: "web")
        func make() async throws -> Made<Batch> {
            try await bench.store.createBatch(
                .random(), owner: owner, recipe: .web, under: key, at: now)
        }
        let first = try await make().thing
        try await bench.store.deleteBatch(first.id)
        let second = try await make()
        #expect(second.isNew && second.thing.id != first.id)
        _ = try await bench.purge(bench.store)
        #expect(try await make().thing.id == second.thing.id)
    }

    @Test(
        "removes it in slices, over a restart, and leaves others as they are", arguments: allStores)
    func slices(kind: StoreKind) async throws {
        let bench = try Bench(kind)
        let (batch, other) = (try await bench.batch(), try await bench.batch())
        let kept = try await bench.developed(in: other, original)
        for _ in 0..<120 { _ = try await bench.uploaded(into: batch) }
        let part = Upload(
            batch: batch.id, image: nil, resumable: true, length: 3, expiresAt: now + 3600)
        _ = try await bench.store.createPart(part, limits: Limits(), under: nil, at: now)
        try await bench.store.deleteBatch(batch.id)
        #expect(try await bench.store.purge())
        // The server dies here.
        let store = try bench.reopened()
        await #expect(throws: Problem(.batchDeleted)) { try await store.batch(batch.id) }
        #expect(try await bench.purge(store) >= 3)
        await #expect(throws: Problem(.batchDeleted)) { try await store.batch(batch.id) }
        #expect(try await store.releasedBlobs(after: nil, limit: 1_000).count == 120)
        #expect(try await store.upload(kept.id).isComplete)
        #expect(try await store.batch(other.id).imageCount == 1)
        #expect(try await store.jobCounts() == [:])
    }
}

@Suite("A store's released blobs", .serialized)
struct ReleasedContract {
    private func released(_ bench: Bench) async throws -> Set<String> {
        Set(try await bench.store.releasedBlobs(after: nil, limit: 100))
    }

    @Test("are those whose last image or rendition is gone", arguments: allStores)
    func last(kind: StoreKind) async throws {
        let bench = try Bench(kind)
        let batch = try await bench.batch()
        let first = try #require(try await bench.developed(in: batch, original).image)
        // A copy names the same blobs.
        let copy = try #require(try await bench.uploaded(into: batch, original).image)
        try await bench.store.record(.removed, of: first, in: batch.id, at: now)
        #expect(try await released(bench) == [])
        try await bench.store.record(.removed, of: copy, in: batch.id, at: now)
        #expect(try await released(bench) == [original.sha256, thumb.blob.sha256])
        #expect(
            try await bench.reopened().releasedBlobs(after: thumb.blob.sha256, limit: 9) == [])
        #expect(
            try await bench.store.releasedBlobs(after: nil, limit: 1) == [original.sha256])
    }

    @Test("are told of until they are removed or in use again", arguments: allStores)
    func forgotten(kind: StoreKind) async throws {
        let bench = try Bench(kind)
        let batch = try await bench.batch()
        let image = try #require(try await bench.developed(in: batch, original).image)
        try await bench.store.record(.removed, of: image, in: batch.id, at: now)
        let names = [original.sha256, thumb.blob.sha256]
        _ = try await bench.uploaded(into: batch, original)
        try await bench.store.forgetReleased(names, removed: [])
        #expect(try await released(bench) == [thumb.blob.sha256])
        try await bench.store.forgetReleased(names, removed: [thumb.blob.sha256])
        #expect(try await released(bench) == [])
    }

    @Test("are those that a retry replaced", arguments: allStores)
    func replaced(kind: StoreKind) async throws {
        let bench = try Bench(kind)
        let batch = try await bench.batch()
        let image = try #require(try await bench.uploaded(into: batch).image)
        let other = Rendition(
            name: "thumb", width: 5, height: 3, mediaType: .webp,
            blob: Blob(sha256: String(repeating: "2c", count: 32), size: 8))
        for change in [Change.processing, .renditionReady(thumb), .renditionReady(other)] {
            try await bench.store.record(change, of: image, in: batch.id, at: now)
        }
        #expect(try await bench.store.rendition("thumb", of: image) == other)
        #expect(try await released(bench) == [thumb.blob.sha256])
    }
}

@Suite("A store's files of images", .serialized)
struct DevelopedContract {
    @Test("come in pages, by position, each with all its renditions", arguments: allStores)
    func pages(kind: StoreKind) async throws {
        let bench = try Bench(kind)
        let batch = try await bench.batch()
        _ = try await bench.developed(in: try await bench.batch())
        var made: [Image.ID] = []
        for number in 0..<7 {
            let image = try #require(try await bench.uploaded(into: batch).image)
            guard number != 2 else { continue }
            made.append(image)
            try await bench.store.record(.processing, of: image, in: batch.id, at: now)
            for name in ["thumb", "large"] {
                let rendition = Rendition(
                    name: name, width: number, height: 1, mediaType: .webp, blob: thumb.blob)
                try await bench.store.record(
                    .renditionReady(rendition), of: image, in: batch.id, at: now)
            }
        }
        var seen: [ImageFiles] = []
        while true {
            let page = try await bench.store.files(
                .renditions, in: batch.id, of: nil, after: seen.last?.position, limit: 2)
            #expect(page.count <= 2)
            if page.isEmpty { break }
            seen += page
            // One that goes away meanwhile is left out.
            guard seen.count == 2 else { continue }
            try await bench.store.record(.cancelled, of: made[3], in: batch.id, at: now)
            try await bench.store.record(.removed, of: made.remove(at: 3), in: batch.id, at: now)
        }
        #expect(seen.map(\.image) == made)
        #expect(seen.map(\.position) == [0, 1, 3, 5, 6])
        #expect(seen.allSatisfy { $0.name == "a.jpg" })
        #expect(seen.allSatisfy { $0.renditions.map(\.name) == ["large", "thumb"] })
        #expect(seen.map { $0.renditions[0].width } == [0, 1, 3, 5, 6])
    }
}
