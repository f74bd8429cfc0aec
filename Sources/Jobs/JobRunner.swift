// The darkroom's clock: takes queued jobs from the store, gives each to a worker, and writes what
// comes of it. All that must survive is in the store; a runner that dies is replaced by one that
// reads it.

package import Domain
import Foundation
package import Logging
package import ServiceLifecycle
import Synchronization

package struct JobRunner: Service {
    private let store: any Store
    private let feed: ChangeFeed
    private let developer: Developer
    /// How many jobs run at once.
    private let width: Int
    /// This life of the server: what another boot was running is queued again.
    private let boot: String
    private let logger: Logger
    private let running = RunningJobs()

    package init(
        store: any Store, blobs: any BlobStore, feed: ChangeFeed, pool: WorkerPool,
        limits: ImageLimits, width: Int, logger: Logger
    ) {
        self.store = store
        self.feed = feed
        self.width = width
        self.logger = logger
        boot = String(UInt64.random(in: .min ... .max), radix: 36)
        developer = Developer(
            store: store, blobs: blobs, feed: feed, pool: pool, limits: limits)
        store.observe { [running] commit in running.note(commit) }
    }

    package func run() async throws {
        try await store.recoverJobs(boot: boot, at: Date())
        await withGracefulShutdownHandler {
            await withDiscardingTaskGroup { group in
                for await _ in running.signals {
                    if running.isStopped { break }
                    while running.count < width, let job = await claim() {
                        running.begin(job.image.id, of: job.image.batch, in: &group) {
                            await develop(job)
                        }
                    }
                }
            }
        } onGracefulShutdown: {
            running.stop()
        }
    }

    private func claim() async -> Job? {
        do {
            return try await store.claimJob(boot: boot, at: Date())
        } catch {
            logger.error("no job could be claimed", metadata: ["error": "\(error)"])
            running.signal(after: .seconds(1))
            return nil
        }
    }

    private func develop(_ job: Job) async {
        do {
            try await developer.develop(job)
        } catch {
            await giveBack(job, after: error)
        }
        feed.rest(job.image.id, in: job.image.batch)
    }

    /// An attempt ended without a result: whose loss was it?
    private func giveBack(_ job: Job, after error: any Error) async {
        let ending = Ending(of: error)
        if case .unexpected = ending {
            logger.error(
                "a job was lost",
                metadata: [
                    "image": "\(job.image.id)", "error": "\(error)",
                ])
        }
        if let pause = ending.pause { running.pause(pause) }
        guard let (loss, problem) = ending.release else { return }
        do {
            try await store.release(job, after: loss, problem: problem, at: Date())
            running.signal()
        } catch {
            // It stays claimed by this boot; the next start queues it again.
            logger.error(
                "a job could not be given back",
                metadata: [
                    "image": "\(job.image.id)", "error": "\(error)",
                ])
        }
    }
}

/// How an attempt without a result ended.
private enum Ending {
    /// The image was cancelled, removed or deleted meanwhile: nothing is left to do.
    case moot
    /// We stopped it ourselves.
    case stopped
    /// There is no room for results: no job can end well until there is.
    case diskFull
    /// No worker could be had.
    case noWorker
    /// The worker died over it.
    case lostWorker(Problem)
    case unexpected

    init(of error: any Error) {
        switch error {
        case is CancellationError: self = .stopped
        case let failure as WorkerFailure:
            self = failure.countsAsAttempt ? .lostWorker(failure.problem) : .noWorker
        case let problem as Problem:
            switch problem.code {
            case .wrongState, .noSuchImage, .noSuchBatch, .batchDeleted: self = .moot
            case .diskFull: self = .diskFull
            default: self = .unexpected
            }
        default: self = .unexpected
        }
    }

    var release: (loss: Job.Loss?, problem: Problem)? {
        switch self {
        case .moot: nil
        case .stopped, .diskFull, .noWorker: (nil, Problem(.internal))
        case .lostWorker(let problem): (.worker, problem)
        case .unexpected: (.server, Problem(.internal))
        }
    }

    /// How long no job is begun, because the next one would end the same way.
    var pause: Duration? {
        switch self {
        case .diskFull: .seconds(5)
        case .noWorker: .seconds(1)
        case .moot, .stopped, .lostWorker, .unexpected: nil
        }
    }
}
