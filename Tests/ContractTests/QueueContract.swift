import Domain
import Synchronization
import Testing

@Suite("A store's queue", .serialized)
struct QueueContract {
    @Test("gives a job to one claimant only, and says processing in the log", arguments: allStores)
    func claims(kind: StoreKind) async throws {
        let bench = try Bench(kind)
        let batch = try await bench.batch()
        let upload = try await bench.uploaded(into: batch, original)
        let job = try #require(try await bench.store.claimJob(boot: "b", at: now))
        #expect(job.image.id == upload.image && job.original == original && job.attempt == 1)
        #expect(job.wanted == ["thumb", "medium", "large"])
        #expect(try await bench.store.claimJob(boot: "b", at: now) == nil)
        #expect(try await bench.events(of: batch).last?.type == .imageProcessing)
    }

    @Test(
        "claims for who stands by in the transaction that queues a job, once", arguments: allStores)
    func standsBy(kind: StoreKind) async throws {
        let bench = try Bench(kind)
        let batch = try await bench.batch()
        let claimed = Mutex<[Image.ID?]>([])
        bench.store.observe { commit in
            guard case .claimed(let job, boot: "b") = commit else { return }
            #expect(job.image.state == .processing)
            claimed.withLock { $0.append(job.image.id) }
        }
        #expect(try await bench.store.claimJob(boot: "b", standsBy: { true }, at: now) == nil)

        let first = try await bench.uploaded(into: batch)
        #expect(claimed.withLock(\.self) == [first.image])
        let second = try await bench.uploaded(into: batch)
        #expect(try await bench.store.claimJob(boot: "b", at: now)?.image.id == second.image)
        #expect(claimed.withLock(\.self) == [first.image])
    }

    @Test(
        "asks who would stand by after it told what it claimed for them, and ends it with a job",
        arguments: allStores)
    func standsByWithAPlace(kind: StoreKind) async throws {
        let bench = try Bench(kind)
        let batch = try await bench.batch()
        let claimed = Mutex<[Image.ID?]>([])
        bench.store.observe { commit in
            if case .claimed(let job, _) = commit { claimed.withLock { $0.append(job.image.id) } }
        }
        let hasPlace: @Sendable () -> Bool = { claimed.withLock(\.isEmpty) }
        _ = try await bench.store.claimJob(boot: "b", standsBy: hasPlace, at: now)
        let first = try await bench.uploaded(into: batch)
        // Asked by one that has not yet looked at what it was told.
        #expect(try await bench.store.claimJob(boot: "b", standsBy: hasPlace, at: now) == nil)
        let second = try await bench.uploaded(into: batch)
        #expect(claimed.withLock(\.self) == [first.image])

        let job = try await bench.store.claimJob(boot: "b", standsBy: { true }, at: now)
        #expect(job?.image.id == second.image)
        _ = try await bench.uploaded(into: batch)
        #expect(claimed.withLock(\.self) == [first.image])

        // A job that comes back to the queue by itself is found although one stands by.
        _ = try await bench.store.claimJob(boot: "b", at: now)
        #expect(try await bench.store.claimJob(boot: "b", standsBy: { true }, at: now) == nil)
        try await bench.store.release(
            try #require(job), after: nil, problem: Problem(.internal), at: now)
        #expect(
            try await bench.store.claimJob(boot: "b", standsBy: { true }, at: now)?.image.id
                == second.image)
        _ = try await bench.uploaded(into: batch)
        #expect(claimed.withLock(\.self) == [first.image])
    }

    @Test("claims nothing for who stood down, nor for a server before", arguments: allStores)
    func standsDown(kind: StoreKind) async throws {
        let bench = try Bench(kind)
        let batch = try await bench.batch()
        bench.store.observe { commit in
            if case .claimed = commit { Issue.record("claimed for nobody") }
        }
        _ = try await bench.store.claimJob(boot: "b", standsBy: { true }, at: now)
        try await bench.store.standDown()
        _ = try await bench.uploaded(into: batch)
        #expect(try await bench.store.claimJob(boot: "b", at: now) != nil)

        _ = try await bench.store.claimJob(boot: "b", standsBy: { true }, at: now)
        try await bench.store.recoverJobs(boot: "c", at: now)
        _ = try await bench.uploaded(into: batch)
        // The one that was running, and the new one.
        #expect(try await bench.store.claimJob(boot: "c", at: now) != nil)
        #expect(try await bench.store.claimJob(boot: "c", at: now) != nil)
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
        // What would use up its time again is at fault itself.
        #expect(image.state == (loss == .cpu ? .rejected : .failed))
        #expect(image.document["problem"]?["code"] == "worker-crashed")
        if loss == .cpu { return }

        try await bench.store.record(.retried, of: image.id, in: batch.id, at: now)
        #expect(try await bench.store.claimJob(boot: "b", at: now)?.attempt == 1)
    }

    @Test("a photo that memory was short for is tried again alone", arguments: allStores)
    func alone(kind: StoreKind) async throws {
        let bench = try Bench(kind)
        _ = try await bench.uploaded(into: try await bench.batch())
        let first = try #require(try await bench.store.claimJob(boot: "b", at: now))
        try await bench.store.release(
            first, after: .memory, problem: Problem(.outOfMemory), at: now)
        let second = try #require(try await bench.store.claimJob(boot: "b", at: now))
        #expect(!first.runsAlone && second.runsAlone && second.attempt == 2)
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

    @Test("gives a photo five servers and no more", arguments: allStores)
    func serverDeaths(kind: StoreKind) async throws {
        let bench = try Bench(kind)
        let batch = try await bench.batch()
        let upload = try await bench.uploaded(into: batch)
        for life in 1...5 {
            let store = try bench.reopened()
            try await store.recoverJobs(boot: "\(life)", at: now)
            #expect(try await store.claimJob(boot: "\(life)", at: now)?.attempt == life)
        }
        let store = try bench.reopened()
        try await store.recoverJobs(boot: "last", at: now)
        #expect(try await store.claimJob(boot: "last", at: now) == nil)
        let image = try await store.image(try #require(upload.image), in: batch.id)
        #expect(image.state == .failed && image.document["problem"]?["retryable"] == .bool(true))
    }

    @Test("counts what waits and what runs, by lane", arguments: allStores)
    func counts(kind: StoreKind) async throws {
        let bench = try Bench(kind)
        let batch = try await bench.batch()
        #expect(try await bench.store.jobCounts() == [:])
        for _ in 0..<3 { _ = try await bench.uploaded(into: batch) }
        try await bench.finishTurn(
            of: try #require(try await bench.store.claimJob(boot: "b", at: now)))
        _ = try await bench.store.claimJob(boot: "b", at: now)
        let counts = try await bench.store.jobCounts()
        #expect(counts[.quick] == JobCount(waiting: 1, running: 1))
        #expect(counts[.slow] == JobCount(waiting: 1, running: 0))
    }

    @Test("keeps what it learned of encodes", arguments: allStores)
    func encodeTimes(kind: StoreKind) async throws {
        let bench = try Bench(kind)
        let first = EncodeTime(format: .avif, scale: 20, rate: 400, count: 1)
        let second = EncodeTime(format: .avif, scale: 20, rate: 500, count: 2)
        let other = EncodeTime(format: .jpegXL, scale: 20, rate: 90, count: 1)
        for time in [first, second, other] { try await bench.store.keep(time) }
        #expect(Set(try await bench.reopened().encodeTimes()) == [second, other])
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

    @Test("makes every preview before any larger rendition", arguments: allStores)
    func lanes(kind: StoreKind) async throws {
        let bench = try Bench(kind)
        let batch = try await bench.batch()
        for _ in 0..<4 { _ = try await bench.uploaded(into: batch) }
        var turns: [Job] = []
        while let job = try await bench.store.claimJob(boot: "b", at: now) {
            turns.append(job)
            try await bench.finishTurn(of: job)
        }
        #expect(
            turns.map(\.lane) == Array(repeating: .quick, count: 4)
                + Array(repeating: .slow, count: 4))
        #expect(turns.prefix(4).map(\.image.id) == turns.suffix(4).map(\.image.id))
        #expect(turns.last?.wanted == ["medium", "large"])
        #expect(turns.map(\.attempt) == Array(repeating: 1, count: 8))
    }

    @Test("says processing once an attempt, however many turns it takes", arguments: allStores)
    func oneAttempt(kind: StoreKind) async throws {
        let bench = try Bench(kind)
        let batch = try await bench.batch()
        _ = try await bench.uploaded(into: batch)
        let quick = try #require(try await bench.store.claimJob(boot: "b", at: now))
        try await bench.finishTurn(of: quick)
        let lost = try #require(try await bench.store.claimJob(boot: "b", at: now))
        try await bench.store.release(lost, after: .worker, problem: Problem(.internal), at: now)
        let again = try #require(try await bench.store.claimJob(boot: "b", at: now))
        #expect([quick.attempt, lost.attempt, again.attempt] == [1, 1, 2])
        #expect(again.lane == .slow)
        let types = try await bench.events(of: batch).map(\.type)
        #expect(
            types.suffix(3) == [.imageProcessing, .renditionReady, .imageProcessing])
    }

    @Test("records a preview and queues the rest together, or neither", arguments: allStores)
    func postponedTogether(kind: StoreKind) async throws {
        let bench = try Bench(kind)
        let batch = try await bench.batch()
        _ = try await bench.uploaded(into: batch)
        let job = try #require(try await bench.store.claimJob(boot: "b", at: now))
        try await bench.store.record(.cancelled, of: job.image.id, in: batch.id, at: now)
        let refused = await #expect(throws: Problem.self) {
            try await bench.store.endPass(
                job, with: [.accepted(facts), .renditionReady(thumb)], postponed: true,
                claimingFor: nil, at: now)
        }
        #expect(refused?.code == .wrongState)
        #expect(try await bench.store.claimJob(boot: "b", at: now) == nil)
    }

    @Test("takes the next job with the end of a turn, as a claim of its own", arguments: allStores)
    func nextWithTheEnd(kind: StoreKind) async throws {
        let bench = try Bench(kind)
        let batch = try await bench.batch()
        for _ in 0..<2 { _ = try await bench.uploaded(into: batch) }
        let first = try #require(try await bench.store.claimJob(boot: "b", at: now))
        let second = try #require(
            try await bench.store.endPass(
                first, with: [.accepted(facts), .renditionReady(thumb)], postponed: true,
                claimingFor: "b", at: now))
        #expect(second.lane == .quick && second.image.id != first.image.id)
        let slow = try #require(
            try await bench.store.endPass(
                second, with: [.accepted(facts), .renditionReady(thumb)], postponed: true,
                claimingFor: "b", at: now))
        #expect(slow.lane == .slow && slow.image.id == first.image.id && slow.attempt == 1)
        let last = try await bench.store.endPass(
            slow, with: [.ready], postponed: false, claimingFor: "b", at: now)
        #expect(last?.image.id == second.image.id)
        let none = try await bench.store.endPass(
            try #require(last), with: [.ready], postponed: false, claimingFor: "b", at: now)
        #expect(none == nil)
        let types = try await bench.events(of: batch).map(\.type).suffix(9)
        #expect(
            Array(types) == [
                .imageProcessing, .imageAccepted, .renditionReady, .imageProcessing, .imageAccepted,
                .renditionReady, .imageReady, .imageReady, .batchSettled,
            ])
    }

    @Test("takes no other job where the end of a turn is refused", arguments: allStores)
    func noneWithARefusedEnd(kind: StoreKind) async throws {
        let bench = try Bench(kind)
        let batch = try await bench.batch()
        for _ in 0..<2 { _ = try await bench.uploaded(into: batch) }
        let first = try #require(try await bench.store.claimJob(boot: "b", at: now))
        try await bench.store.record(.cancelled, of: first.image.id, in: batch.id, at: now)
        await #expect(throws: Problem.self) {
            try await bench.store.endPass(
                first, with: [.ready], postponed: false, claimingFor: "b", at: now)
        }
        #expect(try await bench.store.claimJob(boot: "b", at: now) != nil)
    }

    @Test("records several changes together, or none", arguments: allStores)
    func together(kind: StoreKind) async throws {
        let bench = try Bench(kind)
        let batch = try await bench.batch()
        let image = try #require(try await bench.uploaded(into: batch).image)
        let before = try await bench.events(of: batch)
        await #expect(throws: Problem.self) {
            try await bench.store.record([.processing, .retried], of: image, in: batch.id, at: now)
        }
        #expect(try await bench.events(of: batch) == before)
        let changes = [Change.processing, .renditionReady(thumb), .ready]
        let recorded = try await bench.store.record(changes, of: image, in: batch.id, at: now)
        #expect(recorded.state == .ready)
        let types = try await bench.events(of: batch).map(\.type)
        #expect(
            types.suffix(4) == [.imageProcessing, .renditionReady, .imageReady, .batchSettled])
    }

    @Test("no stream of new photos keeps another batch from being finished", arguments: allStores)
    func slowTurns(kind: StoreKind) async throws {
        let bench = try Bench(kind)
        let small = try await bench.batch()
        _ = try await bench.uploaded(into: small)
        try await bench.finishTurn(
            of: try #require(try await bench.store.claimJob(boot: "b", at: now)))
        let large = try await bench.batch()
        for _ in 0..<40 { _ = try await bench.uploaded(into: large) }
        var turns: [Job] = []
        for _ in 0..<Job.Lane.slowTurn {
            let job = try #require(try await bench.store.claimJob(boot: "b", at: now))
            turns.append(job)
            try await bench.finishTurn(of: job)
        }
        // The large batch's own larger renditions wait for its previews all the same.
        #expect(turns.count { $0.lane == .slow } == 1)
        #expect(turns.first { $0.lane == .slow }?.image.batch == small.id)
    }

    @Test("takes turns between batches in the slow lane, too", arguments: allStores)
    func slowLaneIsFair(kind: StoreKind) async throws {
        let bench = try Bench(kind)
        let batches = [try await bench.batch(), try await bench.batch()]
        for batch in [0, 0, 0, 1].map({ batches[$0] }) { _ = try await bench.uploaded(into: batch) }
        var turns: [Job] = []
        while let job = try await bench.store.claimJob(boot: "b", at: now) {
            turns.append(job)
            try await bench.finishTurn(of: job)
        }
        let slow = turns.filter { $0.lane == .slow }
        #expect(Set(slow.prefix(2).map(\.image.batch)) == Set(batches.map(\.id)))
    }

    @Test("a retry asks only for what is missing, in the slow lane", arguments: allStores)
    func retry(kind: StoreKind) async throws {
        let bench = try Bench(kind)
        let batch = try await bench.batch()
        _ = try await bench.uploaded(into: batch)
        try await bench.finishTurn(
            of: try #require(try await bench.store.claimJob(boot: "b", at: now)))
        let slow = try #require(try await bench.store.claimJob(boot: "b", at: now))
        let failed = Change.failed(Problem(.timedOut))
        try await bench.store.record(failed, of: slow.image.id, in: batch.id, at: now)
        try await bench.store.record(.retried, of: slow.image.id, in: batch.id, at: now)
        let retried = try #require(try await bench.store.claimJob(boot: "b", at: now))
        #expect(retried.wanted == ["medium", "large"])
        #expect(retried.lane == .slow && retried.attempt == 1)
    }
}

private let thumb = Rendition(
    name: "thumb", width: 4, height: 3, mediaType: .webp,
    blob: Blob(sha256: String(repeating: "1b", count: 32), size: 9))

extension Bench {
    /// Makes what a turn in the job's lane makes.
    fileprivate func finishTurn(of job: Job) async throws {
        switch job.lane {
        case .quick:
            _ = try await store.endPass(
                job, with: [.renditionReady(thumb)], postponed: true, claimingFor: nil, at: now)
        case .slow: try await store.record(.ready, of: job.image.id, in: job.image.batch, at: now)
        }
    }
}
