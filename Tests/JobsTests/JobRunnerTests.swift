import Domain
import Foundation
import Jobs
import Synchronization
import Testing

@Suite("The runner", .serialized, .timeLimit(.minutes(5)))
struct JobRunnerTests {
    @Test("develops what is sent, and what waited before it began")
    func develops() async throws {
        let fixture = try Fixture()
        let batch = try await fixture.batch()
        let events = fixture.events(of: batch)
        try await fixture.send("first", to: batch)
        try await fixture.open {
            await wait(for: .batchSettled, in: events)
            try await fixture.send("second", to: batch)
            await wait(for: .batchSettled, in: events)
        }
        let types = try await fixture.log(of: batch)
        #expect(types.count { $0 == .imageReady } == 2)
        #expect(types.count { $0 == .imageProcessing } == 2)
    }

    @Test(
        "pauses while nothing can be stored, and goes on when it can; no attempt is counted",
        arguments: [
            Problem(.diskFull),
            Problem(.unavailable, "Another program is writing to the database."),
        ])
    func nothingCanBeStored(_ trouble: Problem) async throws {
        let fixture = try Fixture()
        let batch = try await fixture.batch()
        let events = fixture.events(of: batch)
        fixture.blobs.refuse(with: trouble)
        try await fixture.open {
            let image = try await fixture.send("photo", to: batch)
            // More often than a photo may kill workers or servers.
            var refusals = fixture.blobs.refusals.makeAsyncIterator()
            for _ in 0..<7 { await refusals.next() }
            #expect(try await fixture.store.image(image, in: batch.id).state == .processing)
            fixture.blobs.refuse(with: nil)
            await wait(for: .imageReady, in: events)
        }
        let types = try await fixture.log(of: batch)
        #expect(types.count { $0 == .imageProcessing } == 1)
    }

    @Test("gives up a photo that kills its worker twice, and develops the others")
    func poison() async throws {
        let fixture = try Fixture()
        let poison = try await fixture.batch()
        let batch = try await fixture.batch()
        let (ends, others) = (fixture.events(of: poison), fixture.events(of: batch))
        try await fixture.open {
            let image = try await fixture.send("crash", to: poison)
            try await fixture.send("photo", to: batch)
            await wait(for: .imageFailed, in: ends)
            await wait(for: .imageReady, in: others)
            let problem = try await fixture.store.image(image, in: poison.id).document["problem"]
            #expect(problem?["code"] == "worker-crashed" && problem?["retryable"] == .bool(true))
        }
        let types = try await fixture.log(of: poison)
        #expect(types.count { $0 == .imageProcessing } == Job.Loss.worker.limit)
    }

    @Test(
        "a photo whose worker was killed from outside is tried again alone, and then others go on")
    func killed() async throws {
        let fixture = try Fixture(width: 2)
        let (own, other) = (try await fixture.batch(), try await fixture.batch())
        let (ends, others) = (fixture.events(of: own), fixture.events(of: other))
        let (note, gate) = (fixture.folder + "/note", fixture.folder + "/gate")
        let ready = Mutex<[Batch.ID]>([])
        fixture.store.observe { commit in
            guard case .recorded(let batch, let events) = commit else { return }
            if events.contains(where: { $0.type == .imageReady }) {
                ready.withLock { $0.append(batch.id) }
            }
        }
        try await fixture.open {
            let starts = fixture.events(of: other)
            try await fixture.send("wait for\n\(gate)\n", to: other)
            await wait(for: .imageProcessing, in: starts)
            try await fixture.send("be killed once\n\(note)\n", to: own)
            // Its second attempt is taken, and waits.
            var attempts = 0
            for await event in ends {
                if event == .imageProcessing { attempts += 1 }
                if attempts == 2 { break }
            }
            #expect(ready.withLock { $0.isEmpty })
            FileManager.default.createFile(atPath: gate, contents: nil)
            await wait(for: .imageReady, in: others)
            try await fixture.send("another", to: other)
            await wait(for: .imageReady, in: others)
        }
        #expect(ready.withLock { Array($0.prefix(2)) } == [other.id, own.id])
    }

    @Test("a photo that no memory is enough for ends by our fault, and can be retried")
    func killedAgainAndAgain() async throws {
        let fixture = try Fixture()
        let batch = try await fixture.batch()
        let events = fixture.events(of: batch)
        try await fixture.open {
            let image = try await fixture.send("be killed", to: batch)
            await wait(for: .imageFailed, in: events)
            let problem = try await fixture.store.image(image, in: batch.id).document["problem"]
            #expect(problem?["code"] == "out-of-memory" && problem?["retryable"] == .bool(true))
        }
    }

    @Test("a photo that uses up its CPU time twice is refused, and no retry holds a worker again")
    func tooSlow() async throws {
        let fixture = try Fixture(cpuLimit: 1)
        let batch = try await fixture.batch()
        let events = fixture.events(of: batch)
        try await fixture.open {
            let image = try await fixture.send("burn\n\(fixture.folder)/note\n", to: batch)
            await wait(for: .imageRejected, in: events)
            let problem = try await fixture.store.image(image, in: batch.id).document["problem"]
            #expect(problem?["code"] == "too-slow" && problem?["retryable"] == .bool(false))
            await #expect(throws: Problem.self) {
                try await fixture.store.record(.retried, of: image, in: batch.id, at: Date())
            }
        }
        #expect(try await fixture.log(of: batch).count { $0 == .imageProcessing } == 2)
    }

    @Test("a photo whose bytes are gone from the disk ends, and the others go on")
    func lostOriginal() async throws {
        let fixture = try Fixture()
        let (lost, batch) = (try await fixture.batch(), try await fixture.batch())
        let (ends, others) = (fixture.events(of: lost), fixture.events(of: batch))
        let image = try await fixture.send("photo", to: lost)
        let blob = try #require(try await fixture.store.original(of: image))
        try await fixture.blobs.remove(blob.sha256, olderThan: 0)
        try await fixture.send("another photo", to: batch)
        try await fixture.open {
            await wait(for: .imageFailed, in: ends)
            await wait(for: .imageReady, in: others)
        }
        #expect(try await fixture.log(of: lost).count { $0 == .imageProcessing } == 1)
    }

    @Test("a cancelled photo's worker is ended, and the next photo has one")
    func cancel() async throws {
        let fixture = try Fixture()
        let stuck = try await fixture.batch()
        let batch = try await fixture.batch()
        let (starts, others) = (fixture.events(of: stuck), fixture.events(of: batch))
        try await fixture.open {
            let image = try await fixture.send("hang", to: stuck)
            await wait(for: .imageProcessing, in: starts)
            try await fixture.send("photo", to: batch)
            try await fixture.store.record(
                .cancelled, of: image, in: stuck.id, at: Date())
            await wait(for: .imageReady, in: others)
            #expect(try await fixture.store.image(image, in: stuck.id).state == .cancelled)
        }
    }

    @Test("stopping hands back what runs, uncounted")
    func handsBack() async throws {
        let fixture = try Fixture()
        let batch = try await fixture.batch()
        let events = fixture.events(of: batch)
        try await fixture.open {
            try await fixture.send("hang", to: batch)
            await wait(for: .imageProcessing, in: events)
        }
        let job = try #require(
            try await fixture.store.claimJob(boot: "next", at: Date()),
            "it is queued again, without a new start's recovery")
        #expect(job.attempt == 1)
    }

    @Test("tells how long an encode that measures nothing usually takes, once it has met one")
    func expectedTimes() async throws {
        let fixture = try Fixture()
        let batch = try await fixture.batch(format: .avif)
        let events = fixture.events(of: batch)
        let shown = Mutex<[String]>([])
        let subscription = fixture.feed.subscribe(to: batch.id) { wake in
            let text = fixture.feed.live(in: batch.id).text
            if wake == .live { shown.withLock { $0.append(text) } }
        }
        defer { subscription.cancel() }
        try await fixture.open {
            try await fixture.send("first", to: batch)
            await wait(for: .imageReady, in: events)
            #expect(!shown.withLock { $0.contains { $0.contains("expectedMs") } })
            try await fixture.send("second", to: batch)
            await wait(for: .imageReady, in: events)
        }
        #expect(shown.withLock { $0.contains { $0.contains("expectedMs") } })
        #expect(try await fixture.store.encodeTimes().map(\.format) == [.avif])
        #expect(try await fixture.store.encodeTimes().map(\.count) == [2])
        #expect(fixture.runner.gauges.estimateError != nil)
    }
}
