// Workers that crash, hang, spin and lie: each is contained and named, and the next job runs.

import Domain
import Glibc
import Jobs
import Synchronization
import Testing
import WorkerLink

@Suite(.serialized, .timeLimit(.minutes(5)))
struct MisbehaviourTests {
    /// Asks for one rendition in the way the test wants.
    private static func ask(
        _ pool: WorkerPool, to behave: String, output: MemoryFile? = nil, owner: String = "a",
        onReport: @escaping @Sendable (RenderReport) async throws -> Void = { _ in }
    ) async throws -> RenderOutcome {
        let input = try readOnlyFile(Array("a photograph".utf8))
        defer { close(input) }
        let recipe = Recipe(
            name: behave, renditions: [RenditionSpec(name: "only", longerSide: 320)])
        return try await pool.perform(
            .process(recipe: recipe, wanted: ["only"], limits: ImageLimits()),
            input: input, output: output ?? MemoryFile(name: "only"), owner: owner,
            onReport: onReport)
    }

    /// A pool whose workers have as much time as a busy machine may need to let them misbehave.
    private static func withMisbehaving(
        jobs: Int = 1, patience: Duration = .seconds(150), cpuLimit: Int = 10,
        outputLimit: Int = 1 << 20,
        _ body: @Sendable (WorkerPool) async throws -> Void
    ) async throws {
        let path = try built("MisbehavingWorker")
        try await withPool(
            executable: path, jobs: jobs,
            adjust: {
                $0.timeLimit = patience
                $0.cpuLimit = cpuLimit
                $0.outputLimit = outputLimit
            }, body)
    }

    @Test(arguments: [
        ("crash", WorkerFailure.crashed(signal: SIGSEGV)), ("exit", .exited(code: 3)),
        ("hang", .outOfTime), ("spin", .outOfCPU),
        ("close the link", .violation("it closed the link")),
        ("introduce itself twice", .violation("it introduces itself twice")),
        ("babble", .violation("a message is no WorkerMessage")),
        ("be done at once", .violation("it is done before it has delivered")),
        ("deliver nothing", .violation("a rendition of another length")),
        ("deliver less", .violation("a rendition of another length")),
    ])
    func containsAndNames(_ behaviour: String, _ failure: WorkerFailure) async throws {
        // Only a worker that hangs is waited for to the end; the next one has as long to behave.
        let patience = Duration.seconds(behaviour == "hang" ? 8 : 150)
        // And only one that spins is to use up its CPU time.
        let cpuLimit = behaviour == "spin" ? 1 : 10
        try await Self.withMisbehaving(patience: patience, cpuLimit: cpuLimit) { pool in
            await #expect(throws: failure) { _ = try await Self.ask(pool, to: behaviour) }
            let next = try await Self.ask(pool, to: "behave")
            #expect(next == .failed(Problem(.internal)))
        }
    }

    @Test(arguments: [
        (SIGSEGV, WorkerFailure.crashed(signal: SIGSEGV)), (SIGKILL, .killed),
    ])
    func namesTheSignalThatEndedAWorkerAndGoesOn(
        _ signal: Int32, _ failure: WorkerFailure
    ) async throws {
        try await Self.withMisbehaving { pool in
            await #expect(throws: failure) {
                _ = try await Self.ask(pool, to: "hang") { _ in
                    for process in await pool.busyProcessIDs { kill(process, signal) }
                }
            }
            let next = try await Self.ask(pool, to: "behave")
            #expect(next == .failed(Problem(.internal)))
        }
    }

    @Test func cancellingEndsTheWorkerInTheMiddleOfItsJob() async throws {
        try await Self.withMisbehaving { pool in
            let (began, begin) = AsyncStream<[Int32]>.makeStream()
            let job = Task {
                try await Self.ask(pool, to: "hang") { _ in
                    begin.yield(await pool.busyProcessIDs)
                    begin.finish()
                }
            }
            let processes = try #require(await began.first { _ in true })
            job.cancel()
            await #expect(throws: CancellationError.self) { _ = try await job.value }
            #expect(processes.count == 1)
            // The job ends when the worker was reaped: its process id stands for nobody.
            for process in processes { #expect(kill(process, 0) == -1 && errno == ESRCH) }
        }
    }

    /// Nothing a photograph could have caused; but who asks must hear of it, and not wait for ever.
    @Test func workersThatAllDieBeforeTheyBeginAreUnavailable() async throws {
        try await Self.withMisbehaving { pool in
            do {
                _ = try await Self.ask(pool, to: "die without a word")
                Issue.record("no failure")
            } catch let failure as WorkerFailure {
                #expect(failure.isUnavailable, "\(failure)")
            }
            #expect(await pool.gauges.trouble != nil)
        }
    }

    /// An upload is held up by its early look, so that does not wait for a worker for ever.
    @Test func whoIsInAHurryGivesUpOnWorkersThatAreAllTaken() async throws {
        try await Self.withMisbehaving { pool in
            let input = try readOnlyFile(Array("a photograph".utf8))
            defer { close(input) }
            _ = try await pool.firstHello()
            // This worker never answers a look: it holds the only seat.
            let taken = Task { try await Self.sniff(pool, input, patience: nil) }
            defer { taken.cancel() }
            while await pool.busyProcessIDs.isEmpty { await Task.yield() }
            do {
                _ = try await Self.sniff(pool, input, patience: .milliseconds(10))
                Issue.record("there was a seat")
            } catch let failure as WorkerFailure {
                #expect(failure.isUnavailable, "\(failure)")
            }
        }
    }

    private static func sniff(
        _ pool: WorkerPool, _ input: Int32, patience: Duration?
    ) async throws -> RenderOutcome {
        try await pool.perform(
            .sniff(available: 12, total: nil, limits: ImageLimits()), input: input, owner: "a",
            patience: patience)
    }

    // MARK: Against the walls

    @Test(arguments: [
        "open a file", "look for a file", "create a file", "open a socket", "start a process",
        "kill its parent",
        "raise its limits",
    ])
    func theSandboxDenies(_ attempt: String) async throws {
        try await Self.withMisbehaving { pool in
            let outcome = try await Self.ask(pool, to: attempt)
            guard case .failed(let problem) = outcome else {
                Issue.record("\(outcome)")
                return
            }
            #expect(problem.detail.hasPrefix("denied: "), "\(problem.detail)")
            #expect(access("/tmp/evil", F_OK) == -1)
        }
    }

    @Test func aPhotographIsReadOnly() async throws {
        try await Self.withMisbehaving { pool in
            let outcome = try await Self.ask(pool, to: "write the photograph")
            #expect(outcome == .failed(Problem(.internal, "denied: Bad file descriptor")))
        }
    }

    /// Its address space ends long before the machine's memory does, and it is not kept.
    @Test func aWorkerThatEatsMemoryIsContainedAndReplaced() async throws {
        try await Self.withMisbehaving { pool in
            #expect(
                try await Self.ask(pool, to: "eat all memory") == .failed(Problem(.outOfMemory)))
            let next = try await Self.ask(pool, to: "behave")
            #expect(next == .failed(Problem(.internal)))
        }
    }

    @Test func aWorkerThatHasGrownIsReplacedAfterItsJob() async throws {
        try await Self.withMisbehaving { pool in
            _ = try await Self.ask(pool, to: "behave")
            let before = Set(await pool.processIDs)
            _ = try await Self.ask(pool, to: "grow fat")
            #expect(!before.isSubset(of: await pool.processIDs))
        }
    }

    /// It tries every descriptor it could hold, at every place in it.
    @Test func aJobWritesNoMoreThanItMay() async throws {
        try await Self.withMisbehaving(outputLimit: 300_000) { pool in
            let output = try MemoryFile(name: "only")
            let size = Mutex(0)
            let outcome = try await Self.ask(pool, to: "fill the disk", output: output) { report in
                guard case .accepted = report else { return }
                let filled = try output.size()
                size.withLock { $0 = filled }
            }
            #expect(outcome == .failed(Problem(.internal, "300000 bytes written")))
            #expect(size.withLock { $0 } == 300_000)
        }
    }

    /// Or it would keep the memory of every job it ever had.
    @Test func nothingOfAJobIsKeptWhenItIsOver() async throws {
        try await Self.withMisbehaving { pool in
            let output = try MemoryFile(name: "only")
            let outcome = try await Self.ask(pool, to: "keep it mapped", output: output)
            #expect(outcome == .failed(Problem(.internal)))
            var status = stat()
            #expect(fstat(output.number, &status) == 0)
            #expect(status.st_size == 0 && status.st_blocks == 0)
        }
    }

    /// A worker can remember what it has seen, so it never sees another owner's.
    @Test func whatAWorkerKeepsNeverReachesAnotherOwner() async throws {
        // With room for the workers of two owners, and the spare.
        try await Self.withMisbehaving(jobs: 2) { pool in
            let kept = try await Self.ask(pool, to: "keep the photograph", owner: "a")
            #expect(kept == .failed(Problem(.internal, "12 bytes kept")))
            let others = try await Self.ask(pool, to: "show what was kept", owner: "b")
            #expect(others == .failed(Problem(.internal, "kept: ")))
            let own = try await Self.ask(pool, to: "show what was kept", owner: "a")
            #expect(own == .failed(Problem(.internal, "kept: a photograph")))
        }
    }

    @Test func survivesAFlood() async throws {
        try await Self.withMisbehaving { pool in
            await #expect(throws: WorkerFailure.self) {
                _ = try await Self.ask(pool, to: "flood")
            }
            let next = try await Self.ask(pool, to: "behave")
            #expect(next == .failed(Problem(.internal)))
        }
    }

    @Test func whatIsWrittenAfterADeliveryIsNobodys() async throws {
        try await Self.withMisbehaving { pool in
            let output = try MemoryFile(name: "only")
            let delivered = Mutex<[UInt8]>([])
            let outcome = try await Self.ask(pool, to: "write after done", output: output) {
                guard case .rendition = $0 else { return }
                let bytes = try output.contents()
                delivered.withLock { $0 = bytes }
            }
            #expect(outcome == .done)
            #expect(delivered.withLock { $0 } == Array("RIFF".utf8))
            // It writes until it can no more, which is when the job is over.
            #expect(try output.size() == 0)
            let next = try await Self.ask(pool, to: "behave")
            #expect(next == .failed(Problem(.internal)))
        }
    }
}
