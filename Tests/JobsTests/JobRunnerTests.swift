import Domain
import Foundation
import Jobs
import Synchronization
import Testing

@Suite("The runner", .serialized, .timeLimit(.minutes(5)))
struct JobRunnerTests {
    @Test("develops what is sent, and what waited before it began")
    func develops() async throws {
        let darkroom = try Darkroom()
        let batch = try await darkroom.batch()
        let events = darkroom.events(of: batch)
        try await darkroom.send("first", to: batch)
        try await darkroom.open {
            await wait(for: .batchSettled, in: events)
            try await darkroom.send("second", to: batch)
            await wait(for: .batchSettled, in: events)
        }
        let types = try await darkroom.log(of: batch)
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
        let darkroom = try Darkroom()
        let batch = try await darkroom.batch()
        let events = darkroom.events(of: batch)
        darkroom.blobs.refuse(with: trouble)
        try await darkroom.open {
            let image = try await darkroom.send("photo", to: batch)
            // More often than a photo may kill workers or servers.
            var refusals = darkroom.blobs.refusals.makeAsyncIterator()
            for _ in 0..<7 { await refusals.next() }
            #expect(try await darkroom.store.image(image, in: batch.id).state == .processing)
            darkroom.blobs.refuse(with: nil)
            await wait(for: .imageReady, in: events)
        }
        let types = try await darkroom.log(of: batch)
        #expect(types.count { $0 == .imageProcessing } == 1)
    }

    @Test("gives up a photo that kills its worker twice, and develops the others")
    func poison() async throws {
        let darkroom = try Darkroom()
        let poison = try await darkroom.batch()
        let batch = try await darkroom.batch()
        let (ends, others) = (darkroom.events(of: poison), darkroom.events(of: batch))
        try await darkroom.open {
            let image = try await darkroom.send("crash", to: poison)
            try await darkroom.send("photo", to: batch)
            await wait(for: .imageFailed, in: ends)
            await wait(for: .imageReady, in: others)
            let problem = try await darkroom.store.image(image, in: poison.id).document["problem"]
            #expect(problem?["code"] == "worker-crashed" && problem?["retryable"] == .bool(true))
        }
        let types = try await darkroom.log(of: poison)
        #expect(types.count { $0 == .imageProcessing } == Job.Loss.worker.limit)
    }

    @Test(
        "a photo whose worker was killed from outside is tried again alone, and then others go on")
    func killed() async throws {
        let darkroom = try Darkroom(width: 2)
        let (own, other) = (try await darkroom.batch(), try await darkroom.batch())
        let (ends, others) = (darkroom.events(of: own), darkroom.events(of: other))
        let (note, gate) = (darkroom.folder + "/note", darkroom.folder + "/gate")
        let ready = Mutex<[Batch.ID]>([])
        darkroom.store.observe { commit in
            guard case .recorded(let batch, let events) = commit else { return }
            if events.contains(where: { $0.type == .imageReady }) {
                ready.withLock { $0.append(batch.id) }
            }
        }
        try await darkroom.open {
            let starts = darkroom.events(of: other)
            try await darkroom.send("wait for\n\(gate)\n", to: other)
            await wait(for: .imageProcessing, in: starts)
            try await darkroom.send("be killed once\n\(note)\n", to: own)
            // Its second attempt is taken, and waits.
            var attempts = 0
            for await event in ends {
                if event == .imageProcessing { attempts += 1 }
                if attempts == 2 { break }
            }
            #expect(ready.withLock { $0.isEmpty })
            FileManager.default.createFile(atPath: gate, contents: nil)
            await wait(for: .imageReady, in: others)
            try await darkroom.send("another", to: other)
            await wait(for: .imageReady, in: others)
        }
        #expect(ready.withLock { Array($0.prefix(2)) } == [other.id, own.id])
    }

    @Test("a photo that no memory is enough for ends by our fault, and can be retried")
    func killedAgainAndAgain() async throws {
        let darkroom = try Darkroom()
        let batch = try await darkroom.batch()
        let events = darkroom.events(of: batch)
        try await darkroom.open {
            let image = try await darkroom.send("be killed", to: batch)
            await wait(for: .imageFailed, in: events)
            let problem = try await darkroom.store.image(image, in: batch.id).document["problem"]
            #expect(problem?["code"] == "out-of-memory" && problem?["retryable"] == .bool(true))
        }
    }

    @Test("a photo that uses up its CPU time twice is refused, and no retry holds a worker again")
    func tooSlow() async throws {
        let darkroom = try Darkroom(cpuLimit: 1)
        let batch = try await darkroom.batch()
        let events = darkroom.events(of: batch)
        try await darkroom.open {
            let image = try await darkroom.send("burn\n\(darkroom.folder)/note\n", to: batch)
            await wait(for: .imageRejected, in: events)
            let problem = try await darkroom.store.image(image, in: batch.id).document["problem"]
            #expect(problem?["code"] == "too-slow" && problem?["retryable"] == .bool(false))
            await #expect(throws: Problem.self) {
                try await darkroom.store.record(.retried, of: image, in: batch.id, at: Date())
            }
        }
        #expect(try await darkroom.log(of: batch).count { $0 == .imageProcessing } == 2)
    }

    @Test("a photo whose bytes are gone from the disk ends, and the others go on")
    func lostOriginal() async throws {
        let darkroom = try Darkroom()
        let (lost, batch) = (try await darkroom.batch(), try await darkroom.batch())
        let (ends, others) = (darkroom.events(of: lost), darkroom.events(of: batch))
        let image = try await darkroom.send("photo", to: lost)
        let blob = try #require(try await darkroom.store.original(of: image))
        try await darkroom.blobs.remove(blob.sha256, olderThan: 0)
        try await darkroom.send("another photo", to: batch)
        try await darkroom.open {
            await wait(for: .imageFailed, in: ends)
            await wait(for: .imageReady, in: others)
        }
        #expect(try await darkroom.log(of: lost).count { $0 == .imageProcessing } == 1)
    }

    @Test("a cancelled photo's worker is ended, and the next photo has one")
    func cancel() async throws {
        let darkroom = try Darkroom()
        let stuck = try await darkroom.batch()
        let batch = try await darkroom.batch()
        let (starts, others) = (darkroom.events(of: stuck), darkroom.events(of: batch))
        try await darkroom.open {
            let image = try await darkroom.send("hang", to: stuck)
            await wait(for: .imageProcessing, in: starts)
            try await darkroom.send("photo", to: batch)
            try await darkroom.store.record(
                .cancelled, of: image, in: stuck.id, at: Date())
            await wait(for: .imageReady, in: others)
            #expect(try await darkroom.store.image(image, in: stuck.id).state == .cancelled)
        }
    }

    @Test("stopping hands back what runs, uncounted")
    func handsBack() async throws {
        let darkroom = try Darkroom()
        let batch = try await darkroom.batch()
        let events = darkroom.events(of: batch)
        try await darkroom.open {
            try await darkroom.send("hang", to: batch)
            await wait(for: .imageProcessing, in: events)
        }
        let job = try #require(
            try await darkroom.store.claimJob(boot: "next", at: Date()),
            "it is queued again, without a new start's recovery")
        #expect(job.attempt == 1)
    }

    @Test("tells how long an encode that measures nothing usually takes, once it has met one")
    func expectedTimes() async throws {
        let darkroom = try Darkroom()
        let batch = try await darkroom.batch(format: .avif)
        let events = darkroom.events(of: batch)
        let shown = Mutex<[String]>([])
        let subscription = darkroom.feed.subscribe(to: batch.id) { wake in
            let text = darkroom.feed.live(in: batch.id).text
            if wake == .live { shown.withLock { $0.append(text) } }
        }
        defer { subscription.cancel() }
        try await darkroom.open {
            try await darkroom.send("first", to: batch)
            await wait(for: .imageReady, in: events)
            #expect(!shown.withLock { $0.contains { $0.contains("expectedMs") } })
            try await darkroom.send("second", to: batch)
            await wait(for: .imageReady, in: events)
        }
        #expect(shown.withLock { $0.contains { $0.contains("expectedMs") } })
        #expect(try await darkroom.store.encodeTimes().map(\.format) == [.avif])
        #expect(try await darkroom.store.encodeTimes().map(\.count) == [2])
        #expect(darkroom.runner.gauges.estimateError != nil)
    }
}
