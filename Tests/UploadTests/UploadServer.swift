// A server with nothing but the upload routes, over a real port, a real store and a real folder,
// and what a test wants to know of it.

import BlobStorage
import Domain
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import SQLiteStore

@testable import Web

final class UploadServer: Sendable {
    let folder: String
    let store: any Store
    let blobs: any BlobStore
    let feed: ChangeFeed
    let uploads: UploadService
    let batch: Batch
    let port: Int

    private init(_ parts: Parts, batch: Batch, port: Int) {
        folder = parts.folder
        store = parts.store
        blobs = parts.blobs
        feed = parts.feed
        uploads = parts.uploads
        self.batch = batch
        self.port = port
    }

    /// Serves while `test` runs.
    static func run(
        limits: Limits = Limits(), settings: UploadSettings = .roomy,
        inspect: UploadService.Inspector? = nil, now: @escaping @Sendable () -> Date = { Date() },
        _ test: (UploadServer) async throws -> Void
    ) async throws {
        let parts = try Parts(limits: limits, settings: settings, inspect: inspect, now: now)
        defer { try? FileManager.default.removeItem(atPath: parts.folder) }
        let batch = try await parts.store.createBatch(
            .random(), owner: Owner(id: "owner"), recipe: .web, under: nil, at: Date()
        ).thing
        let (ports, portFound) = AsyncStream<Int>.makeStream()
        let application = parts.application(batch) { portFound.yield($0) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                defer { portFound.finish() }
                try await application.run()
            }
            var found = ports.makeAsyncIterator()
            guard let port = await found.next() else {
                try await group.waitForAll()
                return
            }
            try await test(UploadServer(parts, batch: batch, port: port))
            group.cancelAll()
        }
        try await parts.blobs.shutdown()
    }

    // MARK: Requests

    var creation: String { "/api/batches/\(batch.id)/images" }

    /// One request on a connection of its own.
    func send(
        _ method: String, _ path: String, _ headers: [String: String] = [:], body: String = ""
    ) async throws -> Answer {
        try await Connection.open(port) { connection in
            try await connection.send(method, path, headers, body: Array(body.utf8))
            return try await connection.answer(to: method)
        }
    }

    func connect<Value: Sendable>(
        _ body: @Sendable (Connection) async throws -> Value
    ) async throws -> Value {
        try await Connection.open(port, body)
    }

    // MARK: What became of it

    func image(of upload: Upload.ID) async throws -> Image {
        let upload = try await store.upload(upload)
        guard let image = upload.image else { throw Missing() }
        return try await store.image(image, in: batch.id)
    }

    func images() async throws -> [JSON] {
        let document = try JSON(parsing: try await store.snapshot(of: batch.id).document)
        return (document["images"] ?? [:]).members.values.sorted {
            ($0["position"]?.intValue ?? 0) < ($1["position"]?.intValue ?? 0)
        }
    }

    /// The bytes that became the image's original, or nil.
    func original(of image: Image.ID) async throws -> String? {
        guard let blob = try await store.original(of: image) else { return nil }
        let handle = FileHandle(
            fileDescriptor: try await blobs.open(blob), closeOnDealloc: true)
        return String(decoding: try handle.readToEnd() ?? Data(), as: UTF8.self)
    }
}

struct Missing: Error {}

extension UploadSettings {
    /// As on a disk with room, and with patience for clients that a busy machine keeps waiting.
    static let roomy: UploadSettings = {
        var settings = UploadSettings()
        settings.diskFloor = 0
        settings.patience = .seconds(3600)
        return settings
    }()
}

private struct Parts {
    let folder: String
    let store: SQLiteStore
    let blobs: FolderBlobStore
    let feed: ChangeFeed
    let uploads: UploadService

    init(
        limits: Limits, settings: UploadSettings, inspect: UploadService.Inspector?,
        now: @escaping @Sendable () -> Date
    ) throws {
        folder = NSTemporaryDirectory() + "revela-uploads-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        store = try SQLiteStore(path: folder + "/revela.sqlite")
        blobs = try FolderBlobStore(at: folder, threads: 4)
        feed = ChangeFeed(store: store)
        uploads = UploadService(
            store: store, blobs: blobs, feed: feed, limits: limits, settings: settings,
            logger: Logger(label: "test"), inspect: inspect, now: now)
    }

    func application(
        _ batch: Batch, onRunning: @escaping @Sendable (Int) -> Void
    ) -> some ApplicationProtocol {
        let router = Router(context: WebContext.self)
        router.add(middleware: ProblemMiddleware())
        let store = store
        UploadController(
            uploads: uploads,
            authorize: { _, context in
                try await store.batch(try context.identifier("batch", or: .noSuchBatch))
            },
            makeBatch: { _, _ in
                (Made(batch, isNew: true), [.setCookie: "revela_owner=secret"])
            },
            mayAdd: { _, request, _ in request.headers[.authorization] != "nobody" },
            whoAsks: { request, _ in
                let asker = Asker(id: request.headers[.forwardedFor] ?? "")
                return (asker, request.headers[.forwardedFor] == nil ? nil : asker)
            },
            locate: { path, request, context in
                Access().url(of: path, for: request.head, from: context.peer)
            }
        ).register(on: router)
        let admission = Admission(
            settings: WebServer.Settings(), grants: store, uploads: uploads,
            beginnings: RateLimit("batches", perMinute: 0),
            untrusted: UntrustedProxies(Logger(label: "test")))
        router.post(
            "/api/batches",
            use: BatchController(
                store: store, feed: feed, access: Access(), admission: admission,
                uploads: uploads,
                drops: DropController(grants: store, store: store, admission: admission),
                tickets: Tickets()
            ).create)
        router.add(middleware: MethodNotAllowed(router.routes))
        var logger = Logger(label: "test")
        logger.logLevel = .error
        let commands = ImageCommands(store: store, uploads: uploads, now: uploads.now)
        var configuration = EventsConfiguration(
            feed: feed, store: store, commands: commands, access: Access(), tickets: Tickets(),
            audit: nil, logger: logger)
        // However busy the machine is: uploads ask for the bodies they want themselves, and no
        // client is given up.
        configuration.timing.continueAfter = .hours(1)
        configuration.timing.head = .hours(1)
        configuration.timing.idle = .hours(1)
        configuration.timing.body = .hours(1)
        let events = EventsHub(configuration)
        return Application(
            responder: MethodOverride(inner: router.buildResponder()),
            server: HTTPServerBuilder { EventsChannel(responder: $0, hub: events) },
            configuration: .init(address: .hostname("127.0.0.1", port: 0)),
            onServerRunning: { channel in onRunning(channel.localAddress?.port ?? 0) },
            logger: logger)
    }
}
