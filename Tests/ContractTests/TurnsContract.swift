// Whose photo is next where many wait: nobody gets more turns by more owners or more batches.

import Domain
import Foundation
import Synchronization
import Testing

@Suite("A store's turns", .serialized)
struct TurnsContract {
    private static let crowd = Asker(id: "crowd")
    private static let visitor = Asker(id: "visitor")

    private func photo(
        _ bench: Bench, of asker: Asker, _ owner: String, count: Int = 1
    ) async throws -> Batch {
        let batch = try await bench.store.createBatch(
            NewBatch(owner: Owner(id: owner), asker: asker, recipe: .web), limits: Limits(),
            under: nil, at: now
        ).thing
        for _ in 0..<count { _ = try await bench.uploaded(into: batch) }
        return batch
    }

    private func claims(_ bench: Bench, _ count: Int) async throws -> [Job] {
        var jobs: [Job] = []
        for _ in 0..<count {
            if let job = try await bench.store.claimJob(boot: "b", at: now) { jobs.append(job) }
        }
        return jobs
    }

    @Test(
        "go by who asked: sixty batches of new owners have one turn together", arguments: allStores)
    func byAsker(kind: StoreKind) async throws {
        let bench = try Bench(kind)
        for number in 0..<60 {
            _ = try await photo(bench, of: Self.crowd, "owner \(number)")
        }
        _ = try await claims(bench, 3)
        let single = try await photo(bench, of: Self.visitor, "visitor")
        #expect(try await claims(bench, 2).map(\.image.batch).contains(single.id))
    }

    @Test("go by owner among those of one asker, and by batch among those of one owner")
    func byOwnerAndBatch() async throws {
        let bench = try Bench(allStores[0])
        var large: [Batch.ID] = []
        for _ in 0..<3 {
            large.append(try await photo(bench, of: Self.crowd, "large", count: 3).id)
        }
        let small = try await photo(bench, of: Self.crowd, "small", count: 3)
        let turns = try await claims(bench, 6).map(\.image.batch)
        #expect(turns.count { $0 == small.id } == 3)
        #expect(Set(turns.filter { $0 != small.id }) == Set(large))
    }

    @Test(
        "nobody who waits is passed over for those who come again and again", arguments: allStores)
    func newcomers(kind: StoreKind) async throws {
        let bench = try Bench(kind)
        let patient = try await photo(bench, of: Self.visitor, "visitor", count: 2)
        var served = 0
        for number in 0..<8 {
            _ = try await photo(bench, of: Asker(id: "\(number)"), "owner \(number)")
            let job = try #require(try await bench.store.claimJob(boot: "b", at: now))
            if job.image.batch == patient.id { served += 1 }
        }
        #expect(served == 2)
    }

    @Test("are right after what was queued is claimed, removed or deleted", arguments: allStores)
    func leaving(kind: StoreKind) async throws {
        let bench = try Bench(kind)
        let deleted = try await photo(bench, of: Self.crowd, "a", count: 2)
        let cancelled = try await photo(bench, of: Self.crowd, "b")
        let left = try await photo(bench, of: Self.crowd, "b", count: 2)
        try await bench.store.deleteBatch(deleted.id)
        for id in try await bench.images(of: cancelled) {
            try await bench.store.record(.cancelled, of: id, in: cancelled.id, at: now)
        }
        #expect(try await claims(bench, 5).map(\.image.batch) == [left.id, left.id])
        #expect(try await bench.store.claimJob(boot: "b", at: now) == nil)
    }

    @Test("a claim costs the same however many batches wait", arguments: allStores)
    func oneStep(kind: StoreKind) async throws {
        func cost(of waiting: Int) async throws -> Duration {
            let bench = try Bench(kind)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<waiting {
                    group.addTask {
                        _ = try await photo(bench, of: Self.crowd, "owner \(number)")
                    }
                }
                try await group.waitForAll()
            }
            var times: [Duration] = []
            for _ in 0..<20 {
                let begin = ContinuousClock.now
                _ = try await bench.store.claimJob(boot: "b", at: now)
                times.append(.now - begin)
            }
            return try #require(times.min())
        }
        let (few, many) = (try await cost(of: 30), try await cost(of: 3_000))
        // A leap over each who waits would cost a hundred times as much.
        #expect(many < few * 4 + .milliseconds(1), "\(few) became \(many)")
    }

    @Test("thousands of waiting copies do not keep others from writing", arguments: allStores)
    func copiesInSlices(kind: StoreKind) async throws {
        let bench = try Bench(kind)
        let batch = try await bench.batch()
        let count = 200
        for _ in 0..<count + 1 { _ = try await bench.uploaded(into: batch, original) }
        let first = try #require(try await bench.store.claimJob(boot: "b", at: now))
        for change in [Change.accepted(facts), .ready] {
            try await bench.store.record(change, of: first.image.id, in: batch.id, at: now)
        }
        let (began, begin) = AsyncStream<Void>.makeStream()
        let copied = Mutex(0)
        bench.store.observe { commit in
            guard case .recorded(_, let events) = commit else { return }
            copied.withLock { $0 += events.count { $0.type == .imageReady } }
            if copied.withLock({ $0 }) > 0 { begin.finish() }
        }
        let write = Task {
            for await _ in began {}
            _ = try await bench.batch()
            return copied.withLock { $0 }
        }
        #expect(try await bench.store.claimJob(boot: "b", at: now) == nil)
        #expect(copied.withLock { $0 } == count)
        #expect(try await write.value < count)
    }
}

extension Bench {
    fileprivate func images(of batch: Batch) async throws -> [Image.ID] {
        try await events(of: batch).filter { $0.type == .imageCreated }.compactMap(\.image)
    }
}
