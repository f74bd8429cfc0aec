// Builds every part once and connects them; nothing else here.

import BlobStorage
import Domain
import Foundation
import Jobs
import Logging
import NIOCore
import SQLiteStore
import ServiceLifecycle
import UnixSignals
import Web
import WorkerLink

#if os(Linux)
    import CMalloc
#endif

struct Composition {
    private let settings: Settings
    private let logger: Logger
    private let folder: DataFolder
    private let store: SQLiteStore
    private let blobs: FolderBlobStore
    private let uploads: UploadService
    private let pool: WorkerPool
    private let sniffers: WorkerPool
    private let runner: JobRunner
    private let web: WebServer

    init(_ settings: Settings) throws {
        self.settings = settings
        let logger = settings.logger
        self.logger = logger
        try DataFolder.requireOwner(settings.dataFolder)
        folder = try DataFolder(settings.dataFolder)
        if let open = folder.open {
            logger.warning("other users can read the data folder", metadata: ["file": "\(open)"])
        }
        if let trouble = settings.web.trouble { logger.warning("\(trouble)") }
        let descriptors = try Descriptors.raiseLimit()
        store = try SQLiteStore(path: folder.database)
        blobs = try FolderBlobStore(
            at: folder.path, openFiles: Descriptors.staged(of: descriptors),
            onMissing: { name in
                logger.error(
                    "a photo's file is gone from the data folder", metadata: ["blob": "\(name)"])
            })
        let feed = ChangeFeed(store: store)
        var limits = settings.limits
        let memory = MachineMemory()
        let share = Self.share(of: memory, settings, logger)
        limits.image.memory = share.mostPhoto
        (pool, sniffers) = try Self.pools(settings, share)

        // A worker takes risky formats only where its own sandbox is whole, whatever is asked.
        limits.image.acceptsRisky = true
        let check = EarlyCheck(
            store: store, blobs: blobs, pool: sniffers, limits: limits.image, logger: logger)
        uploads = UploadService(
            store: store, blobs: blobs, feed: feed, limits: limits,
            settings: settings.uploads, logger: logger,
            inspect: check.verdict)
        runner = JobRunner(
            store: store, blobs: blobs, feed: feed, pool: pool, limits: limits.image,
            width: share.jobs, memory: memory, logger: logger)
        let instruments = Instruments(
            store: store, blobs: blobs, pool: pool, sniffers: sniffers, runner: runner)
        var webSettings = settings.web
        webSettings.connections = Descriptors.connections(of: descriptors)
        web = WebServer(
            webSettings, store: store, grants: store, blobs: blobs, feed: feed, uploads: uploads,
            capabilities: { [pool] in Capabilities(await pool.hello) },
            metrics: instruments.read, audit: try settings.audit(), logger: logger,
            onRunning: { [store] port in await announce(settings, store, port: port) })
    }

    /// Within how many seconds a server does what the operator's commands tell it.
    static let secondsToFollow = 3

    /// How many photos are processed at once, and how large each may be.
    private static func share(
        of memory: MachineMemory, _ settings: Settings, _ logger: Logger
    ) -> MemoryShare {
        let share = MemoryShare(
            of: memory.total, wanted: settings.workerCount, most: settings.limits.image.memory)
        if share.jobs < settings.workerCount {
            logger.notice(
                "memory decides how many photos are developed at once",
                metadata: [
                    "photos": "\(share.jobs)", "mebibytes": "\((memory.total ?? 0) >> 20)",
                ])
        }
        return share
    }

    /// Those who develop photos, and those who look at uploads: an upload waits for a look, so these
    /// have the server's own priority, however busy the others are. There are two, because a worker
    /// is of one owner: where two upload at once, neither waits for a fresh one again and again.
    private static func pools(
        _ settings: Settings, _ share: MemoryShare
    ) throws -> (WorkerPool, WorkerPool) {
        var jobs = WorkerPoolConfiguration(executable: settings.workerPath, jobs: share.jobs)
        jobs.copies = true
        jobs.residentLimit = min(jobs.residentLimit, share.mostPhoto / 2)
        // Where memory is short, one look at a time and no spare beside it.
        let isSmall = share.jobs < min(2, settings.workerCount)
        var looks = WorkerPoolConfiguration(
            executable: settings.workerPath, jobs: isSmall ? 1 : 2)
        if isSmall { looks.spares = 0 }
        looks.copies = true
        looks.niceness = 0
        looks.timeLimit = .seconds(5)
        return (
            try WorkerPool(jobs, logger: settings.logger),
            try WorkerPool(looks, logger: settings.logger)
        )
    }

    /// Serves until SIGTERM, SIGINT or SIGHUP, which a terminal sends that is closed; then takes no more, ends every stream, hands back every job.
    func run() async throws {
        try await uploads.recover()
        try await web.readKeys()
        try await web.readDevices()
        // They stop in the reverse order, each before the one above it.
        let services: [any Service] = [
            pool, sniffers, runner,
            Housekeeping(every: .seconds(600), logger: logger) { [uploads] in
                try await uploads.sweep()
            },
            Housekeeping(every: .seconds(15), logger: logger) { [uploads] in
                try await uploads.noteIdle()
            },
            Housekeeping(every: .seconds(15), logger: logger) { [web] in
                try await web.deleteEnded()
            },
            Purging(store: store, logger: logger),
            Housekeeping(every: .seconds(Self.secondsToFollow), logger: logger) { [web] in
                try await web.followOperator()
            },
            Housekeeping(every: .seconds(15), logger: logger, giveMemoryBack),
            Inspector(store: store, logger: logger),
            web.drain,
            ServerStart(
                pool: pool, requireSandbox: settings.requireSandbox, web: web, logger: logger),
        ]
        var configuration = ServiceGroupConfiguration(
            services: services, gracefulShutdownSignals: [.sigterm, .sigint, .sighup],
            logger: logger)
        configuration.maximumGracefulShutdownDuration = .seconds(8)
        let outcome = await outcome(of: ServiceGroup(configuration: configuration))
        try await blobs.shutdown()
        try store.close()
        try outcome.get()
    }

    private func outcome(of services: ServiceGroup) async -> Result<Void, any Error> {
        do {
            return .success(try await services.run())
        } catch let error as IOError where error.errnoCode == EADDRINUSE {
            return .failure(PortTaken(port: settings.web.port))
        } catch is CancellationError {
            // Told to stop, and somebody still had a request under way when the time was over.
            logger.warning("stopped with requests under way")
            return .success(())
        } catch {
            return .failure(error)
        }
    }
}

/// The web server, opened once a worker is ready. A worker that fails ends the server at once, for
/// whoever has just started it is there to read why. One that is only slow does not: the pages, the
/// results and uploads under way need no worker, and photos can wait for one
/// (docs/decisions/0009-slow-workers.md).
private struct ServerStart: Service {
    let pool: WorkerPool
    let requireSandbox: Bool
    let web: WebServer
    let logger: Logger

    private static let patience = Duration.seconds(10)

    func run() async throws {
        do {
            try await cancelWhenGracefulShutdown { try await meetWorker() }
        } catch is CancellationError {
            return  // Told to stop before it began.
        }
        try await web.run()
    }

    private func meetWorker() async throws {
        if requireSandbox {
            let hello = try await pool.firstHello()
            guard hello.sandbox.state == .full else { throw SandboxMissing(sandbox: hello.sandbox) }
        } else if try await !isWorkerReady() {
            logger.warning("no worker is ready yet: photos wait until one is")
        }
    }

    private func isWorkerReady() async throws -> Bool {
        try await withThrowingTaskGroup(of: Bool.self) { group in
            defer { group.cancelAll() }
            group.addTask {
                _ = try await pool.firstHello()
                return true
            }
            group.addTask {
                try await Task.sleep(for: Self.patience)
                return false
            }
            return try await group.next() ?? false
        }
    }
}

/// Has the database looked through once, beside everything else.
private struct Inspector: Service {
    let store: SQLiteStore
    let logger: Logger

    func run() async throws {
        do {
            if let damage = try await store.checkIntegrity() {
                logger.critical(
                    "the database is damaged: put a backup in its place",
                    metadata: ["found": "\(damage)"])
            }
        } catch {
            logger.error("the database was not looked through", metadata: ["error": "\(error)"])
        }
        // A service that returns would end the others.
        try await gracefulShutdown()
    }
}

struct PortTaken: Error, CustomStringConvertible {
    let port: Int

    var description: String {
        "Port \(port) is taken by another program: choose another one with --port."
    }
}

struct SandboxMissing: Error, CustomStringConvertible {
    let sandbox: WorkerHello.Sandbox

    var description: String {
        let allowed = sandbox.allowed.isEmpty ? "" : "; a worker could: \(sandbox.allowed)"
        return "--require-sandbox: the sandbox is \(sandbox.state.rawValue) (Landlock "
            + "\(sandbox.landlock ? "on" : "off"), seccomp \(sandbox.seccomp ? "on" : "off"))"
            + allowed
    }
}

extension Capabilities {
    fileprivate init(_ hello: WorkerHello?) {
        self.init(
            version: Revela.version, sandbox: hello?.sandbox.state.rawValue ?? "unknown",
            denied: hello?.sandbox.denied ?? [], allowed: hello?.sandbox.allowed ?? [],
            libraries: hello?.versions ?? [:], acceptsRisky: hello?.sandbox.state == .full)
    }
}

/// glibc keeps the memory of thousands of streams that have ended, until it is told otherwise.
@Sendable private func giveMemoryBack() {
    #if os(Linux)
        malloc_trim(0)
    #endif
}

/// What standard output is told: where the pages are, and, as long as nobody may begin a batch, the address
/// that lets somebody.
private func announce(_ settings: Settings, _ store: SQLiteStore, port: Int) async {
    print("Revela is at \(WebServer.Settings.url(host: settings.web.host, port: port))")
    do {
        if settings.web.needsInvitations, try await !store.isHeld(.begin) {
            let now = Date()
            let address = try await settings.web.invite(
                store, port: port, until: now + Invite.lifetime, at: now)
            print("Open this once, in the browser that is to begin batches: \(address)")
        }
    } catch {
        settings.logger.error(
            "no invitation could be made: revela invite makes one", metadata: ["error": "\(error)"])
    }
    fflush(nil)
}
