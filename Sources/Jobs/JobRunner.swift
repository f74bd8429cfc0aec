// The loop of the queue: takes queued jobs from the store, gives each to a worker, and writes what
// comes of it. All that must survive is in the store; a runner that dies is replaced by one that
// reads it.

package import Domain
import Foundation
package import Logging
import ServiceLifecycle
import Synchronization

package struct JobRunner: Service {
    private let store: any JobStore
    private let feed: ChangeFeed
    private let executor: JobExecutor
    /// How many jobs run at once.
    private let width: Int
    /// This life of the server: what another boot was running is queued again.
    private let boot: String
    private let logger: Logger
    private let pauses: Pauses
    private let memory: MachineMemory
    private let running = RunningJobs()
    private let clock: EncodeClock

    /// How long no job is begun, because the next one would end as the last one did.
    package struct Pauses: Sendable {
        /// There is no room for results.
        package var diskFull = Duration.seconds(5)
        /// No worker starts.
        package var noWorker = Duration.seconds(1)
        /// Store or files cannot be had: another program's lock, no descriptors.
        package var store = Duration.seconds(1)

        package init() {}
    }

    package init(
        store: any JobStore, blobs: any BlobStore, feed: ChangeFeed, pool: WorkerPool,
        limits: ImageLimits, width: Int, pauses: Pauses = Pauses(),
        memory: MachineMemory = MachineMemory(), logger: Logger
    ) {
        self.store = store
        self.feed = feed
        self.width = width
        self.pauses = pauses
        self.memory = memory
        self.logger = logger
        clock = EncodeClock(store: store, logger: logger)
        boot = String(UInt64.random(in: .min ... .max), radix: 36)
        executor = JobExecutor(
            store: store, blobs: blobs, feed: feed, pool: pool, limits: limits, clock: clock)
        store.observe { [running, boot] commit in running.note(commit, boot: boot) }
    }

    package func run() async throws {
        try await clock.load()
        try await store.recoverJobs(boot: boot, at: Date())
        await withTaskCancellationOrGracefulShutdownHandler {
            await withDiscardingTaskGroup { group in
                for await _ in running.signals {
                    if running.isStopped { break }
                    while hasPlace, let job = await nextJob() {
                        // Where memory was short for it beside others.
                        if job.runsAlone { await running.untilNoneRuns() }
                        running.begin(job.image.id, of: job.image.batch, in: &group) {
                            await process(job)
                        }
                        if job.runsAlone { await running.untilNoneRuns() }
                    }
                }
            }
        } onCancelOrGracefulShutdown: {
            running.stop()
        }
        await standDown()
        while let job = running.takeClaimed() { await giveBack(job, after: CancellationError()) }
    }

    /// Whether another job may be begun. One alone always may: it shows whether memory is enough.
    private var hasPlace: Bool {
        let count = running.count
        return count < width && (count == 0 || MemoryShare.hasRoom(memory.available))
    }

    /// Who claims the next job with the end of this one; nil where none may follow it now.
    private func nextClaimant() -> String? {
        guard !running.isStopped, !running.isPaused,
            running.runningCount == 1 || MemoryShare.hasRoom(memory.available)
        else { return nil }
        return boot
    }

    private func nextJob() async -> Job? {
        if let job = running.takeClaimed() { return job }
        do {
            // Only this loop begins jobs, so that a place that is free when it is asked stays free.
            return try await store.claimJob(
                boot: boot, standsBy: { hasPlace && !running.hasClaimed }, at: Date())
        } catch {
            logger.error("no job could be claimed", metadata: ["error": "\(error)"])
            running.signal(after: pauses.store)
            return nil
        }
    }

    private func standDown() async {
        do { try await store.standDown() } catch {
            // What it may still claim stays claimed by this boot, and the next start queues it again.
            logger.error("the queue could not be left", metadata: ["error": "\(error)"])
        }
    }

    private func process(_ job: Job) async {
        do {
            let next = try await executor.process(job, next: nextClaimant)
            if let next { running.hand(next) }
        } catch {
            feed.rest(job.image.id, in: job.image.batch)
            await giveBack(job, after: error)
        }
    }

    /// A pass ended without a result: whose loss was it?
    private func giveBack(_ job: Job, after error: any Error) async {
        let ending = JobFailure(of: error)
        if let warning = ending.warning {
            logger.warning(
                "\(warning)", metadata: ["image": "\(job.image.id)", "error": "\(error)"])
        }
        if let pause = ending.pause(pauses) {
            running.pause(pause)
            await standDown()
        }
        guard let verdict = ending.verdict else { return }
        while true {
            do {
                try await carryOut(verdict, on: job)
                return running.signal()
            } catch {
                // A full disk lets nothing be noted either, so it is tried until there is room.
                logger.error(
                    "a job could not be given back",
                    metadata: ["image": "\(job.image.id)", "error": "\(error)"])
                // When we stop it stays claimed by this boot, and the next start queues it again.
                guard (try? await Task.sleep(for: pauses.store)) != nil else { return }
            }
        }
    }

    private func carryOut(_ verdict: JobFailure.Verdict, on job: Job) async throws {
        switch verdict {
        case .release(let loss, let problem):
            try await store.release(job, after: loss, problem: problem, at: Date())
        case .end(let change):
            do {
                try await store.record(change, of: job.image.id, in: job.image.batch, at: Date())
            } catch let problem as Problem where JobFailure(of: problem).verdict == nil {
                // It was cancelled meanwhile.
            }
        }
    }

    // MARK: Gauges

    /// The runner at this moment.
    package struct Gauges: Sendable, Hashable {
        package let running: Int
        package let isPaused: Bool
        /// Mean relative error of the expected times; nil before the first was put to the test.
        package let estimateError: Double?
    }

    package var gauges: Gauges {
        Gauges(
            running: running.runningCount, isPaused: running.isPaused, estimateError: clock.error)
    }
}
