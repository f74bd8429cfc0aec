// Builds every part once and connects them; nothing else here.

import BlobStorage
import CMalloc
import Domain
import Foundation
import Jobs
import Logging
import SQLiteStore
import ServiceLifecycle
import UnixSignals
import Web
import WorkerLink

struct Composition {
    private let settings: Settings
    private let logger: Logger
    private let store: SQLiteStore
    private let blobs: FolderBlobStore
    private let intake: Intake
    private let pool: WorkerPool
    private let runner: JobRunner
    private let web: WebServer

    init(_ settings: Settings) throws {
        self.settings = settings
        let logger = settings.logger
        self.logger = logger
        try FileManager.default.createDirectory(
            atPath: settings.dataFolder, withIntermediateDirectories: true)
        store = try SQLiteStore(path: settings.dataFolder + "/revela.sqlite")
        blobs = try FolderBlobStore(at: settings.dataFolder)
        let feed = ChangeFeed(store: store)
        pool = try WorkerPool(
            WorkerPoolConfiguration(executable: settings.workerPath, jobs: settings.workerCount),
            logger: logger)

        var limits = settings.limits
        // A worker takes risky formats only where its own sandbox is whole, whatever is asked.
        limits.image.acceptsRisky = true
        let check = EarlyCheck(
            store: store, blobs: blobs, pool: pool, limits: limits.image, logger: logger)
        intake = Intake(
            store: store, blobs: blobs, feed: feed, limits: limits, logger: logger,
            inspect: check.problem)
        runner = JobRunner(
            store: store, blobs: blobs, feed: feed, pool: pool, limits: limits.image,
            width: settings.workerCount, logger: logger)
        let instruments = Instruments(store: store, blobs: blobs, pool: pool, runner: runner)
        web = WebServer(
            settings.web, store: store, blobs: blobs, feed: feed, intake: intake,
            capabilities: { [pool] in Capabilities(await pool.hello) },
            metrics: instruments.read, logger: logger,
            onRunning: { port in announce(host: settings.web.host, port: port) })
    }

    /// Serves until SIGTERM or SIGINT; then takes no more, ends every stream, hands back every job.
    func run() async throws {
        try await intake.recover()
        // They stop in the reverse order, each before the one above it.
        let services: [any Service] = [
            pool, runner,
            Housekeeping(every: .seconds(600), logger: logger) { [intake] in
                try await intake.sweep()
            },
            // What thousands of clients left behind goes back to the system; glibc keeps it else.
            Housekeeping(every: .seconds(30), logger: logger) { _ = malloc_trim(0) },
            web.drain, Opening(pool: pool, requireSandbox: settings.requireSandbox, web: web),
        ]
        var configuration = ServiceGroupConfiguration(
            services: services, gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
        configuration.maximumGracefulShutdownDuration = .seconds(8)
        try await ServiceGroup(configuration: configuration).run()
        try await blobs.shutdown()
        try store.close()
    }
}

/// The web server, opened once a worker is ready: nobody is let in who could not be served.
private struct Opening: Service {
    let pool: WorkerPool
    let requireSandbox: Bool
    let web: WebServer

    func run() async throws {
        let hello = try await pool.firstHello()
        if requireSandbox, hello.sandbox.state != .full {
            throw SandboxMissing(sandbox: hello.sandbox)
        }
        try await web.run()
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
            version: Revela.version, sandbox: hello?.sandbox.state.rawValue ?? "none",
            libraries: hello?.versions ?? [:], acceptsRisky: hello?.sandbox.state == .full)
    }
}

/// The one line on standard output: where the pages are.
private func announce(host: String, port: Int) {
    let name = host.contains(":") ? "[\(host)]" : host
    print("Revela is at http://\(name):\(port)")
    fflush(nil)
}
