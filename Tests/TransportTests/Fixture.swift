// A server on a port of its own, with a store of its own and one batch in it.

import Domain
import Foundation
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import SQLiteStore
import ServiceLifecycle
import Web

let now = Date(timeIntervalSince1970: 1_800_000_000)
let owner = Owner(id: "owner")
/// Bytes of an answer that no kernel takes in whole.
let large = 8 << 20

struct Fixture: Sendable {
    let store: any Store
    let feed: ChangeFeed
    let hub: EventsHub
    let batch: Batch
    let port: Int
    let stop: @Sendable () async -> Void

    var path: String { "/api/batches/\(batch.id)/events" }
    var host: String { "127.0.0.1:\(port)" }
    func cursor(_ seq: Int) -> String { "\(batch.epoch).\(seq)" }

    // MARK: What happens in the batch

    @discardableResult
    func addImage(_ name: String = "a.jpg") async throws -> Image {
        let id = Image.ID.random()
        let upload = Upload(
            batch: batch.id, image: id, resumable: true, length: 3, expiresAt: now)
        _ = try await store.createUpload(
            upload, name: name, limits: Limits(), under: nil, at: now)
        return try await store.image(id, in: batch.id)
    }

    /// As many as the store commits together, so that the disk is not waited for each time.
    func addImages(_ count: Int) async throws {
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            for _ in 0..<count { tasks.addTask { try await addImage() } }
            try await tasks.waitForAll()
        }
    }

    func record(_ change: Change, of image: Image) async throws {
        try await store.record(change, of: image.id, in: batch.id, at: now)
    }

    /// The whole log, as the store has it.
    func log() async throws -> [String] {
        try await store.log(of: batch.id, after: 0, limit: 10_000).events.map(\.text)
    }

    func untilSomebodyIsSubscribed() async throws {
        while feed.subscriberCount == 0 { await Task.yield() }
    }

    /// Returns when nobody is subscribed any more.
    func untilNobodyIsSubscribed() async throws {
        while feed.subscriberCount > 0 || hub.streamCount > 0 { await Task.yield() }
    }
}

/// Runs `body` against a fresh server, then stops it.
func withDarkroom<Result: Sendable>(
    _ change: @Sendable (inout EventsConfiguration) -> Void = { _ in },
    _ body: @Sendable @escaping (Fixture) async throws -> Result
) async throws -> Result {
    let path = NSTemporaryDirectory() + "revela-transports-\(UUID().uuidString).sqlite"
    defer {
        for suffix in ["", "-wal", "-shm"] {
            try? FileManager.default.removeItem(atPath: path + suffix)
        }
    }
    let store = try SQLiteStore(path: path)
    let feed = ChangeFeed(store: store, keptBytes: 0)
    let batch = try await store.createBatch(
        .random(), owner: owner, recipe: .web, under: nil, at: now
    ).thing
    var configuration = EventsConfiguration(
        feed: feed,
        perform: { command, image, batch, owner, key in
            try await perform(command, image, batch, owner, key, store)
        },
        identify: { head, _ in head.headerFields[.authorization].map(Owner.init(id:)) },
        isForeign: { head, _ in head.headerFields[.origin].map { $0 != "http://own" } ?? false },
        logger: quiet)
    // However long a busy machine keeps a client waiting, it is given up only where a test says so.
    configuration.timing.head = .hours(1)
    configuration.timing.idle = .hours(1)
    configuration.timing.body = .hours(1)
    configuration.timing.stall = .hours(1)
    change(&configuration)
    let hub = EventsHub(configuration)

    let (ports, port) = AsyncStream<Int>.makeStream()
    let services = server(hub) { port.yield($0) }
    return try await withThrowingTaskGroup(of: Void.self) { tasks in
        tasks.addTask { try await services.run() }
        var iterator = ports.makeAsyncIterator()
        guard let port = await iterator.next() else { throw CancellationError() }
        let fixture = Fixture(
            store: store, feed: feed, hub: hub, batch: batch, port: port,
            stop: { await services.triggerGracefulShutdown() })
        let result = try await body(fixture)
        await services.triggerGracefulShutdown()
        try await tasks.waitForAll()
        return result
    }
}

private let quiet: Logger = {
    var logger = Logger(label: "test")
    logger.logLevel = .error
    return logger
}()

private func server(
    _ hub: EventsHub, onRunning: @escaping @Sendable (Int) -> Void
) -> ServiceGroup {
    let router = Router()
    router.get("hello") { _, _ in "hello\n" }
    router.head("size") { _, _ in "four" }
    router.get("large") { _, _ in ByteBuffer(repeating: 7, count: large) }
    router.get("pieces") { _, _ in
        Response(
            status: .ok,
            body: ResponseBody(contentLength: large) { writer in
                let piece = ByteBuffer(repeating: 7, count: large / 64)
                for _ in 0..<64 { try await writer.write(piece) }
                try await writer.finish(nil)
            })
    }
    router.post("count") { request, _ in
        var count = 0
        for try await bytes in request.body { count += bytes.readableBytes }
        return "\(count)\n"
    }
    router.post("refuse") { _, _ in HTTPResponse.Status.contentTooLarge }
    let application = Application(
        router: router, server: .init { EventsChannel(responder: $0, hub: hub) },
        configuration: .init(address: .hostname("127.0.0.1", port: 0), backlog: 4_096),
        services: [EventsDrain(hub)],
        onServerRunning: { onRunning($0.localAddress?.port ?? 0) },
        logger: quiet)
    return ServiceGroup(
        configuration: .init(services: [.init(service: application)], logger: quiet))
}

/// Whether it is the time now, give or take what a busy machine needs.
func isNow(_ timestamp: String?) throws -> Bool {
    guard let timestamp else { return false }
    let style = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
    return abs(try Date(timestamp, strategy: style).timeIntervalSinceNow) < 60
}

private func perform(
    _ command: ImageCommand, _ image: Image.ID, _ batch: Batch.ID, _ caller: Owner?,
    _ key: IdempotencyKey?, _ store: SQLiteStore
) async throws -> JSON {
    if command != .info, caller != owner { throw Problem(.notOwner) }
    switch command {
    case .info: break
    case .cancel:
        try await store.record(
            .cancelled, of: image, in: batch, under: key?.request("cancel"), at: now)
    case .retry:
        try await store.record(
            .retried, of: image, in: batch, under: key?.request("retry"), at: now)
    }
    return try await store.image(image, in: batch).document
}
