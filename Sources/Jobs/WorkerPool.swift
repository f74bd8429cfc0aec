// A pool of prewarmed worker processes. It hands each job to a worker, ends the worker to end the
// job, and keeps spares so that neither a crash nor a cancellation makes the next job wait.

internal import Domain
package import Logging
internal import ServiceLifecycle
package import WorkerLink

/// Starts, lends, watches and replaces workers. Run it as a service; jobs come by `perform`.
package actor WorkerPool: Service {
    package let configuration: WorkerPoolConfiguration
    private let host: WorkerHost
    private let logger: Logger
    private var roster: WorkerRoster
    private var workers: [Int: WorkerProcess] = [:]
    private var tickets: [Int: CheckedContinuation<(Int, WorkerProcess), any Error>] = [:]
    /// Whoever waits for a worker's start to end.
    private var readers: [Int: CheckedContinuation<Void, Never>] = [:]
    private var nextID = 0
    private var lastFailure: (any Error)?
    /// What the most recent worker said of itself; nil before the first one is ready.
    package private(set) var hello: WorkerHello?

    /// What the service loop is asked to do. At most one start a free place and one exit a
    /// process are ever pending.
    private enum Chore: Sendable {
        case start(wave: Int)
        case exited(Int)
    }
    private let chores: AsyncStream<Chore>
    private let feed: AsyncStream<Chore>.Continuation

    package init(_ configuration: WorkerPoolConfiguration, logger: Logger) throws(LinkError) {
        self.configuration = configuration
        self.logger = logger
        host = try WorkerHost()
        roster = WorkerRoster(seats: configuration.jobs, spares: configuration.spares)
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
                    case .start(let wave):
                        group.addTask { await self.startWorker(of: wave) }
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

    private func startWorker(of wave: Int) async {
        let failures = roster.failures
        do {
            if failures > 0 { try await Task.sleep(for: Self.delay(after: failures)) }
            let (id, worker, hello) = try await newWorker(after: failures)
            if let exit = worker.exit { throw WorkerFailure(exit) }
            workers[id] = worker
            self.hello = hello
            lastFailure = nil
            carryOut(roster.started(id, of: wave))
        } catch {
            // What ends because the pool ends is no trouble.
            if !Task.isCancelled {
                lastFailure = error
                logger.error(
                    "A worker does not start",
                    metadata: ["executable": "\(configuration.executable)", "error": "\(error)"])
            }
            carryOut(roster.startFailed(of: wave))
        }
        for reader in readers.values { reader.resume() }
        readers = [:]
    }

    /// 100 ms, doubled with each failure, up to 10 s.
    private static func delay(after failures: Int) -> Duration {
        .milliseconds(min(10_000, 100 << min(failures - 1, 7)))
    }

    /// One that was ended for being slow is given twice the time, and then four times: on a machine
    /// that is crowded for long, workers that are ended as they are about to be ready only crowd it.
    private func timeToStart(after failures: Int) -> Duration {
        configuration.startLimit * (1 << min(failures, 2))
    }

    private func newWorker(
        after failures: Int
    ) async throws -> (Int, WorkerProcess, WorkerHello) {
        nextID += 1
        let id = nextID
        let feed = feed
        let worker = try await host.spawn(
            executable: configuration.executable, niceness: configuration.niceness,
            copied: configuration.copies
        ) { _ in
            feed.yield(.exited(id))
        }
        worker.allow(time: timeToStart(after: failures))
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
            case .start(let wave): feed.yield(.start(wave: wave))
            case .assign(let id, let ticket): assign(id, to: ticket)
            case .retire(let id): workers.removeValue(forKey: id)?.kill(because: .retired)
            case .refuse(let ticket):
                let reason = lastFailure.map { "\($0)" } ?? "the pool is closed"
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

    /// Waits for a worker of this owner's, so long or until there is one. Cancelling gives up
    /// waiting.
    func borrow(
        for owner: String, within patience: Duration?
    ) async throws -> (Int, WorkerProcess) {
        nextID += 1
        let ticket = nextID
        let timer = patience.map { patience in
            Task {
                guard (try? await Task.sleep(for: patience)) != nil else { return }
                withdraw(ticket, because: WorkerFailure.unavailable("none was free in time"))
            }
        }
        defer { timer?.cancel() }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                if Task.isCancelled {
                    return continuation.resume(throwing: CancellationError())
                }
                tickets[ticket] = continuation
                carryOut(roster.request(ticket, owner: owner))
            }
        } onCancel: {
            Task { await self.withdraw(ticket, because: CancellationError()) }
        }
    }

    private func withdraw(_ ticket: Int, because error: any Error) {
        guard let continuation = tickets.removeValue(forKey: ticket) else { return }
        carryOut(roster.withdraw(ticket))
        continuation.resume(throwing: error)
    }

    /// Takes a worker back, and ends it unless it is sound.
    func giveBack(_ id: Int, as condition: WorkerRoster.Condition) {
        var condition = condition
        if condition == .sound, let worker = workers[id], isSpent(worker) { condition = .spent }
        if condition != .sound { workers.removeValue(forKey: id)?.kill(because: .retired) }
        carryOut(roster.finished(id, as: condition))
    }

    /// Takes back a worker that was dead before its job began; another may do it.
    /// - Throws: the failure, where one worker after the other fails.
    func giveUp(_ id: Int, because failure: WorkerFailure) throws {
        logger.warning("a worker was dead before its job began", metadata: ["error": "\(failure)"])
        lastFailure = failure
        giveBack(id, as: .dead)
        if roster.isBroken { throw failure }
    }

    private func isSpent(_ worker: WorkerProcess) -> Bool {
        worker.exit != nil || worker.residentBytes() ?? 0 > configuration.residentLimit
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
            trouble: roster.isBroken ? lastFailure.map { "\($0)" } : nil)
    }

    /// Process ids of the living workers.
    package var processIDs: [Int32] { workers.values.map(\.processID) }

    /// Process ids of those that have a job.
    package var busyProcessIDs: [Int32] {
        roster.busyWorkers.compactMap { workers[$0]?.processID }
    }

    /// Waits until the first worker is ready. Being slow is no failure: it is tried again.
    /// - Throws: what the first one failed of, or `CancellationError`.
    package func firstHello() async throws -> WorkerHello {
        while true {
            if let hello { return hello }
            if let lastFailure, lastFailure as? WorkerFailure != .outOfTime { throw lastFailure }
            try Task.checkCancellation()
            await nextStart()
        }
    }

    /// Waits until a worker's start has come to an end, or for the task to be cancelled.
    private func nextStart() async {
        nextID += 1
        let reader = nextID
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                if Task.isCancelled { return continuation.resume() }
                readers[reader] = continuation
            }
        } onCancel: {
            Task { await self.forget(reader) }
        }
    }

    private func forget(_ reader: Int) { readers.removeValue(forKey: reader)?.resume() }
}
