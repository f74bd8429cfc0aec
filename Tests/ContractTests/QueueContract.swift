import Domain
import Testing

@Suite("A store's queue", .serialized)
struct QueueContract {
    @Test("gives a job to one claimant only, and says processing in the log", arguments: allStores)
    func claims(kind: StoreKind) async throws {
        let bench = try Bench(kind)
        let batch = try await bench.batch()
        let upload = try await bench.uploaded(into: batch)
        let job = try #require(try await bench.store.claimJob(boot: "b", at: now))
        #expect(job.image.id == upload.image && job.original == original && job.attempt == 1)
        #expect(job.wanted == ["thumb", "medium", "large"])
        #expect(try await bench.store.claimJob(boot: "b", at: now) == nil)
        #expect(try await bench.events(of: batch).last?.type == .imageProcessing)
    }

    @Test("takes turns between batches", arguments: allStores)
    func fair(kind: StoreKind) async throws {
        let bench = try Bench(kind)
        let large = try await bench.batch()
        for _ in 0..<4 { _ = try await bench.uploaded(into: large) }
        let small = try await bench.batch()
        _ = try await bench.uploaded(into: small)
        var turns: [Batch.ID?] = []
        for _ in 0..<3 {
            turns.append(try await bench.store.claimJob(boot: "b", at: now)?.image.batch)
        }
        #expect(Set(turns.prefix(2)) == [large.id, small.id])
        #expect(turns[2] == large.id)
    }

    @Test(
        "queues a lost attempt again until its limit, then fails it in plain words",
        arguments: allStores, Job.Loss.allCases)
    func losses(kind: StoreKind, loss: Job.Loss) async throws {
        let bench = try Bench(kind)
        let batch = try await bench.batch()
        let upload = try await bench.uploaded(into: batch)
        let problem = Problem(.workerCrashed, "It stopped the worker.")
        for attempt in 1...loss.limit {
            let job = try #require(try await bench.store.claimJob(boot: "b", at: now))
            #expect(job.attempt == attempt)
            try await bench.store.release(job, after: loss, problem: problem, at: now)
        }
        #expect(try await bench.store.claimJob(boot: "b", at: now) == nil)
        let image = try await bench.store.image(try #require(upload.image), in: batch.id)
        #expect(image.state == .failed)
        #expect(image.document["problem"]?["code"] == "worker-crashed")

        try await bench.store.record(.retried, of: image.id, in: batch.id, at: now)
        #expect(try await bench.store.claimJob(boot: "b", at: now)?.attempt == 1)
    }

    @Test("does not count an attempt that nobody lost", arguments: allStores)
    func givenBack(kind: StoreKind) async throws {
        let bench = try Bench(kind)
        _ = try await bench.uploaded(into: try await bench.batch())
        for _ in 0..<10 {
            let job = try #require(try await bench.store.claimJob(boot: "b", at: now))
            try await bench.store.release(job, after: nil, problem: Problem(.internal), at: now)
        }
        #expect(try await bench.store.claimJob(boot: "b", at: now) != nil)
    }

    @Test(
        "queues again what a dead server was running, and nothing of its own", arguments: allStores)
    func recovery(kind: StoreKind) async throws {
        let bench = try Bench(kind)
        let batch = try await bench.batch()
        for _ in 0..<2 { _ = try await bench.uploaded(into: batch) }
        let lost = try #require(try await bench.store.claimJob(boot: "old", at: now))
        let store = try bench.reopened()
        let own = try #require(try await store.claimJob(boot: "new", at: now))
        try await store.recoverJobs(boot: "new", at: now)
        let again = try #require(try await store.claimJob(boot: "new", at: now))
        #expect(again.image.id == lost.image.id && again.attempt == 2)
        #expect(again.image.id != own.image.id)
        #expect(try await store.claimJob(boot: "new", at: now) == nil)
    }

    @Test("forgets the job of a cancelled image, whoever still holds it", arguments: allStores)
    func cancelled(kind: StoreKind) async throws {
        let bench = try Bench(kind)
        let batch = try await bench.batch()
        _ = try await bench.uploaded(into: batch)
        let job = try #require(try await bench.store.claimJob(boot: "b", at: now))
        try await bench.store.record(.cancelled, of: job.image.id, in: batch.id, at: now)
        try await bench.store.release(job, after: .worker, problem: Problem(.internal), at: now)
        await #expect(throws: Problem.self) {
            try await bench.store.record(.ready, of: job.image.id, in: batch.id, at: now)
        }
        #expect(try await bench.store.claimJob(boot: "b", at: now) == nil)
        #expect(try await bench.store.image(job.image.id, in: batch.id).state == .cancelled)
    }
}
