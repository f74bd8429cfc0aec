// What one owner may have: counted as it comes and goes, so that no limit looks at all of it.

import Domain
import Foundation
import Testing

@Suite("A store's limits of an owner", .serialized)
struct OwnerUseContract {
    private let ana = Owner(id: "ana")
    private let guest = Owner(id: "guest")

    private func limits(
        bytes: Int? = nil, batches: Int? = nil, uploads: Int? = nil
    ) -> Limits {
        var limits = Limits()
        limits.ownerBytes = bytes
        limits.ownerBatches = batches
        limits.ownerUploads = uploads
        return limits
    }

    private func begin(_ bench: Bench, of owner: Owner, _ limits: Limits) async throws -> Batch {
        try await bench.store.createBatch(
            NewBatch(owner: owner, recipe: .web), limits: limits, under: nil, at: now
        ).thing
    }

    private func part(_ length: Int?, in batch: Batch) -> Upload {
        Upload(batch: batch.id, image: nil, resumable: true, length: length, expiresAt: now + 3600)
    }

    @Test("batches: so many, and one more where one is deleted", arguments: allStores)
    func batches(kind: StoreKind) async throws {
        let bench = try Bench(kind)
        let two = limits(batches: 2)
        let first = try await begin(bench, of: ana, two)
        _ = try await begin(bench, of: ana, two)
        let refused = await #expect(throws: Problem.self) { try await begin(bench, of: ana, two) }
        #expect(refused?.code == .tooManyBatches && refused?.limit == 2 && refused?.actual == 3)
        #expect(refused?.retryable == false)
        _ = try await begin(bench, of: guest, two)
        try await bench.reopened().deleteBatch(first.id)
        let third = try await begin(bench, of: ana, two)
        try await bench.store.deleteUnused(third.id)
        _ = try await begin(bench, of: ana, two)
        while try await bench.store.purge() {}
        await #expect(throws: Problem.self) { try await begin(bench, of: ana, two) }
    }

    @Test("the same request is no batch more", arguments: allStores)
    func keys(kind: StoreKind) async throws {
        let bench = try Bench(kind)
        let key = RequestKey(word: "key", request: "web")
        func make() async throws -> Made<Batch> {
            try await bench.store.createBatch(
                NewBatch(owner: ana, recipe: .web), limits: limits(batches: 1), under: key, at: now)
        }
        let first = try await make()
        #expect(try await make().thing.id == first.thing.id)
    }

    @Test(
        "bytes of all batches together, announced or come, until they are gone",
        arguments: allStores)
    func bytes(kind: StoreKind) async throws {
        let bench = try Bench(kind)
        let hundred = limits(bytes: 100)
        let (one, other) = (try await bench.batch(of: ana), try await bench.batch(of: ana))
        let kept = try await bench.upload(into: one, length: 60, limits: hundred)
        let refused = await #expect(throws: Problem.self) {
            try await bench.upload(into: other, length: 41, limits: hundred)
        }
        #expect(refused?.code == .ownerFull && refused?.limit == 100 && refused?.actual == 101)
        let others = try await bench.batch(of: guest)
        _ = try await bench.upload(into: others, length: 41, limits: hundred)

        // A length that nobody announced counts as it comes, of a part as of a photo.
        let unknown = try await bench.upload(into: other, length: nil, limits: hundred)
        let part = part(nil, in: other)
        _ = try await bench.store.createPart(part, limits: hundred, under: nil, at: now)
        func come(_ bytes: Int, of upload: Upload) async throws {
            try await bench.store.commit(
                offset: bytes, length: nil, of: upload.id, until: nil, limits: hundred)
        }
        try await come(10, of: part)
        try await come(30, of: unknown)
        for upload in [part, unknown] {
            let offset = upload.image == nil ? 11 : 31
            let refused = await #expect(throws: Problem.self) { try await come(offset, of: upload) }
            #expect(refused?.code == .ownerFull && refused?.actual == 101)
        }
        // What ends without its file, and what is removed, makes room.
        let image = try #require(kept.image)
        try await bench.store.record(.cancelled, of: image, in: one.id, at: now)
        try await come(70, of: part)
        try await bench.store.removeUpload(part.id)
        try await bench.store.deleteBatch(other.id)
        let whole = try await bench.upload(into: one, length: 100, limits: hundred)
        await #expect(throws: Problem.self) {
            try await bench.store.createPart(
                self.part(1, in: one), limits: hundred, under: nil, at: now)
        }
        // What came is another size than was announced.
        try await bench.store.record(
            .uploaded(Blob(sha256: original.sha256, size: 90)), of: try #require(whole.image),
            in: one.id, at: now)
        _ = try await bench.upload(into: one, length: 10, limits: hundred)
    }

    @Test("unfinished uploads, of whoever sends them; time helps", arguments: allStores)
    func uploads(kind: StoreKind) async throws {
        let bench = try Bench(kind)
        let three = limits(uploads: 3)
        let (batch, other) = (try await bench.batch(of: ana), try await bench.batch(of: ana))
        let first = try await bench.upload(into: batch, limits: three)
        let part = part(3, in: other)
        _ = try await bench.store.createPart(part, limits: three, under: nil, at: now)
        _ = try await bench.upload(into: other, limits: three)
        let refused = await #expect(throws: Problem.self) {
            try await bench.upload(into: batch, limits: three)
        }
        #expect(refused?.code == .tooManyRequests && refused?.limit == 3 && refused?.actual == 4)
        #expect(refused?.retryable == true && refused?.retryAfter != nil)
        await #expect(throws: Problem.self) {
            try await bench.store.createPart(
                self.part(3, in: batch), limits: three, under: nil, at: now)
        }
        try await bench.store.record(
            .uploaded(original), of: try #require(first.image), in: batch.id, at: now)
        _ = try await bench.upload(into: batch, limits: three)
        // A part that is moved to another owner's batch is theirs from then on.
        let theirs = try await bench.batch(of: guest)
        try await bench.store.moveParts([part.id], to: theirs.id)
        _ = try await bench.upload(into: batch, limits: three)
        for _ in 0..<2 { _ = try await bench.upload(into: theirs, limits: three) }
        await #expect(throws: Problem.self) { try await bench.upload(into: theirs, limits: three) }
        // Those of a deleted batch are gone with what it held.
        try await bench.store.deleteBatch(theirs.id)
        while try await bench.store.purge() {}
        let again = try await bench.batch(of: guest)
        for _ in 0..<3 { _ = try await bench.upload(into: again, limits: three) }
    }

    @Test("of a guest's batch its keeper answers for bytes and batches", arguments: allStores)
    func guests(kind: StoreKind) async throws {
        let bench = try Bench(kind)
        let store = bench.store
        let batch = try await bench.batch(of: ana)
        let link = DropLink(
            batch: batch.id, title: "Party", asksName: false, files: nil, bytes: nil,
            until: now + 60)
        try await store.makeDropLink(link, secret: "s", at: now)
        func enter(_ guest: Owner, _ limits: Limits) async throws -> Batch {
            try await store.enterDrop(
                secret: "s", as: guest, asker: .unknown, name: nil, expiresAt: nil, limits: limits,
                at: now)
        }
        let own = try await enter(guest, limits(batches: 2))
        let refused = await #expect(throws: Problem.self) {
            try await enter(Owner(id: "another"), limits(batches: 2))
        }
        #expect(refused?.code == .tooManyBatches)
        #expect(try await enter(guest, limits(batches: 2)).id == own.id)
        _ = try await bench.upload(into: own, length: 60, limits: limits(bytes: 100))
        await #expect(throws: Problem.self) {
            try await bench.upload(into: batch, length: 41, limits: limits(bytes: 100))
        }
        // The guest's own uploads are no limit on the keeper's.
        _ = try await bench.upload(into: batch, length: 1, limits: limits(uploads: 1))
        await #expect(throws: Problem.self) {
            try await bench.upload(into: own, length: 1, limits: limits(uploads: 1))
        }
    }
}
