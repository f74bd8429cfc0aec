// Requests under keys: whatever is asked twice under one is done once.

import Domain
import Foundation
import Testing

private func key(_ word: String = "key", _ request: String = "request", place: Int = 0)
    -> RequestKey
{
    RequestKey(word: word, place: place, request: request)
}

extension Bench {
    fileprivate func create(
        in batch: Batch, under key: RequestKey?, at date: Date = now, limits: Limits = Limits()
    ) async throws -> Made<Upload> {
        let upload = Upload(batch: batch.id, resumable: true, length: 3, expiresAt: now + 3600)
        return try await store.createUpload(
            upload, name: "a.jpg", limits: limits, under: key, at: date)
    }
}

@Suite("A store, asked under a key,", .serialized)
struct KeyContract {
    @Test(
        "makes an upload once, and gives it as it stands, after a restart too", arguments: allStores
    )
    func upload(kind: StoreKind) async throws {
        let bench = try Bench(kind)
        let batch = try await bench.batch()
        var limits = Limits()
        limits.imagesPerBatch = 1
        let first = try await bench.create(in: batch, under: key(), limits: limits)
        #expect(first.isNew)
        try await bench.store.commit(
            offset: 2, length: nil, of: first.thing.id, until: nil, limits: Limits())
        let events = try await bench.events(of: batch)
        for store in [bench.store, try bench.reopened()] {
            let other = Upload(batch: batch.id, resumable: true, length: 3, expiresAt: now)
            // The batch is full, and what is there needs no room.
            let again = try await store.createUpload(
                other, name: "a.jpg", limits: limits, under: key(), at: now)
            #expect(!again.isNew && again.thing.id == first.thing.id && again.thing.offset == 2)
            let known = try await store.upload(under: key(), in: batch.id, at: now)
            #expect(known?.id == first.thing.id)
        }
        #expect(try await bench.events(of: batch) == events)
        #expect(try await bench.store.isKeyed(first.thing.id))
    }

    @Test("makes one image however many equal creations come at once", arguments: allStores)
    func atOnce(kind: StoreKind) async throws {
        let bench = try Bench(kind)
        let batch = try await bench.batch()
        let made = try await withThrowingTaskGroup(of: Made<Upload>.self) { group in
            for _ in 0..<20 {
                group.addTask { try await bench.create(in: batch, under: key()) }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(Set(made.map(\.thing.id)).count == 1)
        #expect(made.filter(\.isNew).count == 1)
        #expect(try await bench.events(of: batch).count == 2)
    }

    @Test("refuses another request under it, and changes nothing", arguments: allStores)
    func reused(kind: StoreKind) async throws {
        let bench = try Bench(kind)
        let batch = try await bench.batch()
        let upload = try await bench.create(in: batch, under: key()).thing
        let events = try await bench.events(of: batch)
        let image = try #require(upload.image)
        await #expect(throws: Problem(.keyReused)) {
            try await bench.create(in: batch, under: key("key", "other"))
        }
        await #expect(throws: Problem(.keyReused)) {
            try await bench.store.record(
                .cancelled, of: image, in: batch.id, under: key("key", "cancel"), at: now)
        }
        #expect(try await bench.events(of: batch) == events)
    }

    @Test("knows it in its batch and place alone", arguments: allStores)
    func scope(kind: StoreKind) async throws {
        let bench = try Bench(kind)
        let (one, other) = (try await bench.batch(), try await bench.batch())
        let made = [
            try await bench.create(in: one, under: key()),
            try await bench.create(in: other, under: key("key", "elsewhere")),
            try await bench.create(in: one, under: key("key", "second", place: 1)),
            try await bench.create(in: one, under: nil),
            try await bench.create(in: one, under: nil),
        ]
        #expect(made.filter(\.isNew).count == made.count)
        #expect(Set(made.map(\.thing.id)).count == made.count)
    }

    @Test("makes a batch once for its owner, and another for somebody else", arguments: allStores)
    func batches(kind: StoreKind) async throws {
        let bench = try Bench(kind)
        func make(_ owner: Owner, _ request: String = "web", at date: Date = now) async throws
            -> Made<Batch>
        {
            try await bench.store.createBatch(
                .random(), owner: owner, recipe: .web, under: key("key", request), at: date)
        }
        let first = try await make(owner)
        let upload = try await bench.upload(into: first.thing)
        let again = try await make(owner)
        #expect(first.isNew && !again.isNew && again.thing.id == first.thing.id)
        #expect(again.thing.seq == 2, "as it stands, with \(upload.id)")
        let strangers = try await make(Owner(id: "somebody else"))
        #expect(strangers.isNew && strangers.thing.id != first.thing.id)
        await #expect(throws: Problem(.keyReused)) { try await make(owner, "avif") }
        #expect(try await make(owner, "avif", at: now + RequestKey.memory).isNew)
        try await bench.store.deleteBatch(first.thing.id)
    }

    @Test("makes a part once", arguments: allStores)
    func parts(kind: StoreKind) async throws {
        let bench = try Bench(kind)
        let batch = try await bench.batch()
        func make() async throws -> Made<Upload> {
            let part = Upload(
                batch: batch.id, image: nil, resumable: true, length: 3, expiresAt: now)
            return try await bench.store.createPart(part, limits: Limits(), under: key(), at: now)
        }
        let first = try await make()
        #expect(try await make().thing.id == first.thing.id)
        try await bench.store.removeUpload(first.thing.id)
        #expect(try await make().isNew)
    }

    @Test("records a change once, though it were possible again", arguments: allStores)
    func commands(kind: StoreKind) async throws {
        let bench = try Bench(kind)
        let batch = try await bench.batch()
        let image = try #require(try await bench.uploaded(into: batch).image)
        func record(_ change: Change, under key: RequestKey? = nil) async throws -> Image {
            try await bench.store.record(change, of: image, in: batch.id, under: key, at: now)
        }
        _ = try await record(.failed(Problem(.timedOut)))
        #expect(try await record(.retried, under: key("r", "retry")).state == .waiting)
        _ = try await record(.failed(Problem(.timedOut)))
        let events = try await bench.events(of: batch)
        #expect(try await record(.retried, under: key("r", "retry")).state == .failed)
        #expect(try await bench.events(of: batch) == events)
        // What is refused was not done, and may be done later.
        await #expect(throws: Problem.self) { try await record(.cancelled, under: key("c")) }
        _ = try await record(.retried, under: key("s", "retry"))
        #expect(try await record(.cancelled, under: key("c")).state == .cancelled)
        #expect(try await record(.removed, under: key("d")).state == nil)
        #expect(try await record(.removed, under: key("d")).state == nil)
    }

    @Test("forgets it with the upload, or a day after its end", arguments: allStores)
    func forgets(kind: StoreKind) async throws {
        let bench = try Bench(kind)
        let batch = try await bench.batch()
        let day = RequestKey.memory
        func image(_ word: String) async throws -> Upload {
            try await bench.create(in: batch, under: key(word)).thing
        }
        func isKnown(_ word: String, after seconds: Double) async throws -> Bool {
            try await bench.store.upload(
                under: key(word), in: batch.id, at: now + seconds) != nil
        }
        let endings: [(String, Change)] = [
            ("whole", .uploaded(newPhoto())), ("cancelled", .cancelled),
            ("rejected", .rejected(Problem(.damaged))), ("failed", .failed(Problem(.internal))),
        ]
        for (word, change) in endings {
            let upload = try await image(word)
            #expect(try await isKnown(word, after: 100 * day))
            try await bench.store.record(
                change, of: try #require(upload.image), in: batch.id, at: now)
            #expect(try await isKnown(word, after: day - 1), "\(word)")
            #expect(try await !isKnown(word, after: day), "\(word)")
        }
        let expired = try await image("expired")
        try await bench.store.record(
            .expired, of: try #require(expired.image), in: batch.id, at: now)
        #expect(try await !isKnown("expired", after: 0))
        let removed = try await image("removed")
        try await bench.store.removeUpload(removed.id)
        #expect(try await !isKnown("removed", after: 0))

        try await bench.store.forgetKeys(at: now + day)
        #expect(try await !isKnown("whole", after: 0))
        // What is made under a word that is free again is another thing.
        #expect(try await bench.create(in: batch, under: key("whole", "other")).isNew)
    }

    @Test("waits for no idle image, and for its bytes again", arguments: allStores)
    func idle(kind: StoreKind) async throws {
        let bench = try Bench(kind)
        let batch = try await bench.batch()
        let upload = try await bench.upload(into: batch)
        let image = try #require(upload.image)
        #expect(!upload.isIdle)
        try await bench.store.record(.idle, of: image, in: batch.id, at: now)
        #expect(try await bench.reopened().upload(upload.id).isIdle)
        #expect(try await bench.store.batch(batch.id).state == .settled)
        try await bench.store.record(.resumed, of: image, in: batch.id, at: now)
        #expect(try await !bench.store.upload(upload.id).isIdle)
        #expect(try await bench.store.batch(batch.id).state == .open)
    }
}
