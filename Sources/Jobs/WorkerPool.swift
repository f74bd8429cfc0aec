// A pool of prewarmed worker processes. It hands each job to a worker, ends the worker to end the
// job, and keeps spares so that neither a crash nor a cancellation makes the next job wait.

internal import Domain
package import Logging
internal import ServiceLifecycle
package import WorkerLink

/// How many workers, and what each may use.
package struct WorkerPoolConfiguration: Sendable {
    /// The path of `revela-worker`.
    package var executable: String
    /// Photographs developed at once: one a core.
    package var jobs: Int
    /// Uploads looked at at once, beside the jobs.
    package var sniffs = 1
    /// Fresh workers kept in reserve.
    package var spares = 1
    /// What its workers leave to others: the nice value, 0 to 19.
    package var niceness = 10
    /// CPU time of one job.
    package var cpuLimit = 20
    /// Time on the clock of one job, for one that hangs without using CPU.
    package var timeLimit = Duration.seconds(120)
    /// The same for a look at an upload's first bytes, which the upload waits for.
    package var sniffLimit = Duration.seconds(5)
    /// Time on the clock until a worker must have said that it is ready.
    package var startLimit = Duration.seconds(30)
    /// A worker with more resident memory than this after a job is replaced.
    package var residentLimit = 300 << 20

    package init(executable: String, jobs: Int) {
        self.executable = executable
        self.jobs = jobs
    }
}

/// Starts, lends, watches and replaces workers. Run it as a service; jobs come by `perform`.
package actor WorkerPool: Service {
    package let configuration: WorkerPoolConfiguration
    private let host: WorkerHost
    private let logger: Logger
    private var roster: WorkerRoster
    private var workers: [Int: WorkerProcess] = [:]
    private var tickets: [Int: CheckedContinuation<(Int, WorkerProcess), any Error>] = [:]
    private var readers: [CheckedContinuation<Void, Never>] = []
    private var nextID = 0
    private var lastFailure: String?
    /// What the most recent worker said of itself; nil before the first one is ready.
    package private(set) var hello: WorkerHello?

    /// What the service loop is asked to do. At most one start a free place and one exit a
    /// process are ever pending.
    private enum Chore: Sendable {
        case start(failures: Int)
        case exited(Int)
    }
    private let chores: AsyncStream<Chore>
    private let feed: AsyncStream<Chore>.Continuation

    package init(_ configuration: WorkerPoolConfiguration, logger: Logger) throws(LinkError) {
        self.configuration = configuration
        self.logger = logger
        host = try WorkerHost()
        roster = WorkerRoster(
            develop: configuration.jobs, sniff: configuration.sniffs, spares: configuration.spares)
        (chores, feed) = AsyncStream.makeStream()
    }

    // MARK: The service

    /// Keeps workers until the service is asked to stop; then ends them all.
    package func run() async throws {
        carryOut(roster.open())
        await withTaskCancellationOrGracefulShutdownHandler {
            await withDiscardingTaskGroup { group in
                for await chore in chores {
                    switch chore {
                    case .start(let failures):
                        group.addTask { await self.startWorker(after: failures) }
                    case .exited(let id): noteExit(id)
                    }
                }
                group.cancelAll()
            }
        } onCancelOrGracefulShutdown: {
            self.feed.finish()
        }
        for worker in workers.values { worker.kill(because: .retired) }
        carryOut(roster.close())
        await host.stop()
    }

    private func startWorker(after failures: Int) async {
        do {
            if failures > 0 { try await Task.sleep(for: Self.delay(after: failures)) }
            let (id, worker, hello) = try await newWorker()
            if let exit = worker.exit { throw WorkerFailure(exit) }
            workers[id] = worker
            self.hello = hello
            lastFailure = nil
            carryOut(roster.started(id))
        } catch {
            // What ends because the pool ends is no trouble.
            if !Task.isCancelled {
                lastFailure = "\(error)"
                logger.error(
                    "A worker does not start",
                    metadata: ["executable": "\(configuration.executable)", "error": "\(error)"])
            }
            carryOut(roster.startFailed())
        }
        for reader in readers { reader.resume() }
        readers = []
    }

    /// 100 ms, doubled with each failure, up to 10 s.
    private static func delay(after failures: Int) -> Duration {
        .milliseconds(min(10_000, 100 << min(failures - 1, 7)))
    }

    private func newWorker() async throws -> (Int, WorkerProcess, WorkerHello) {
        nextID += 1
        let id = nextID
        let feed = feed
        let worker = try await host.spawn(
            executable: configuration.executable, niceness: configuration.niceness
        ) { _ in
            feed.yield(.exited(id))
        }
        worker.allow(time: configuration.startLimit)
        // A pool that closes does not wait for one that is still warming up.
        let first = await withTaskCancellationHandler {
            await worker.next()
        } onCancel: {
            worker.kill(because: .retired)
        }
        switch first {
        case .message(.hello(let hello)):
            worker.allow(time: nil)
            return (id, worker, hello)
        case .message:
            worker.kill(because: .violation("it does not introduce itself"))
            throw WorkerFailure.violation("it does not introduce itself")
        case .exited(let exit): throw WorkerFailure(exit)
        }
    }

    private func noteExit(_ id: Int) {
        // A busy worker's end is found by its job, which knows what it was doing.
        guard roster.isIdle(id) else { return }
        workers[id] = nil
        carryOut(roster.exited(id))
    }

    private func carryOut(_ actions: [WorkerRoster.Action]) {
        for action in actions {
            switch action {
            case .start(let failures): feed.yield(.start(failures: failures))
            case .assign(let id, let ticket): assign(id, to: ticket)
            case .retire(let id): workers.removeValue(forKey: id)?.kill(because: .retired)
            case .refuse(let ticket):
                let reason = lastFailure ?? "the pool is closed"
                tickets.removeValue(forKey: ticket)?
                    .resume(throwing: WorkerFailure.unavailable(reason))
            }
        }
    }

    private func assign(_ id: Int, to ticket: Int) {
        guard let continuation = tickets.removeValue(forKey: ticket) else { return }
        guard let worker = workers[id] else {
            return continuation.resume(throwing: WorkerFailure.unavailable("the worker is gone"))
        }
        continuation.resume(returning: (id, worker))
    }

    // MARK: Lending

    /// Waits for a worker of this owner's. Cancelling gives up waiting.
    func borrow(_ lane: WorkerLane, owner: String) async throws -> (Int, WorkerProcess) {
        nextID += 1
        let ticket = nextID
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                if Task.isCancelled {
                    return continuation.resume(throwing: CancellationError())
                }
                tickets[ticket] = continuation
                carryOut(roster.request(ticket, lane: lane, owner: owner))
            }
        } onCancel: {
            Task { await self.withdraw(ticket) }
        }
    }

    private func withdraw(_ ticket: Int) {
        guard let continuation = tickets.removeValue(forKey: ticket) else { return }
        carryOut(roster.withdraw(ticket))
        continuation.resume(throwing: CancellationError())
    }

    /// Takes a worker back. Without `keep` it is ended.
    func giveBack(_ id: Int, keep: Bool) {
        var keep = keep
        if let worker = workers[id] {
            if let resident = worker.residentBytes(), resident > configuration.residentLimit {
                keep = false
            }
            if worker.exit != nil { keep = false }
            if !keep {
                worker.kill(because: .retired)
                workers[id] = nil
            }
        }
        carryOut(roster.finished(id, keep: keep))
    }

    // MARK: Gauges

    /// The pool at this moment.
    package struct Gauges: Sendable, Hashable {
        package let idle: Int
        package let fresh: Int
        package let busy: Int
        package let starting: Int
        package let waiting: Int
        /// Resident bytes of all of them; what they share is counted for each.
        package let resident: Int
        /// Why workers do not start; nil when they do.
        package let trouble: String?
    }

    package var gauges: Gauges {
        Gauges(
            idle: roster.idleCount, fresh: roster.freshCount, busy: roster.busyCount,
            starting: roster.startingCount, waiting: roster.waitingCount,
            resident: workers.values.reduce(0) { $0 + ($1.residentBytes() ?? 0) },
            trouble: roster.isBroken ? lastFailure : nil)
    }

    /// Process ids of the living workers.
    package var processIDs: [Int32] { workers.values.map(\.processID) }

    /// Process ids of those that have a job.
    package var busyProcessIDs: [Int32] {
        roster.busyWorkers.compactMap { workers[$0]?.processID }
    }

    /// Waits until the first worker is ready or fails to become so.
    package func firstHello() async throws -> WorkerHello {
        while hello == nil {
            if let lastFailure { throw WorkerFailure.unavailable(lastFailure) }
            await withCheckedContinuation { readers.append($0) }
        }
        guard let hello else { throw WorkerFailure.unavailable("no worker is ready") }
        return hello
    }
}
