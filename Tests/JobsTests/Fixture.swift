// Everything but a web server: store, blobs, workers and the runner, in a folder of its
// own. Its workers do what the photograph says.

import BlobStorage
import Domain
import Foundation
import Glibc
import Jobs
import Logging
import SQLiteStore
import ServiceLifecycle
import Synchronization
import Testing

let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

final class Fixture: Sendable {
    let store: any Store
    let blobs: FaultyBlobs
    let feed: ChangeFeed
    let pool: WorkerPool
    let runner: JobRunner

    let folder: String

    /// - Parameters:
    ///   - width: photos that are developed at once.
    ///   - cpuLimit: seconds of CPU that a job may use.
    init(width: Int = 1, cpuLimit: Int = 20) throws {
        folder = NSTemporaryDirectory() + "revela-jobs-\(UUID().uuidString)"
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true)
        store = try SQLiteStore(path: folder + "/revela.sqlite")
        blobs = FaultyBlobs(try FolderBlobStore(at: folder))
        feed = ChangeFeed(store: store)
        var workers = WorkerPoolConfiguration(
            executable: try built("ScriptedWorker"), jobs: width)
        workers.cpuLimit = cpuLimit
        pool = try WorkerPool(workers, logger: quiet)
        var pauses = JobRunner.Pauses()
        pauses.diskFull = .milliseconds(20)
        pauses.store = .milliseconds(20)
        runner = JobRunner(
            store: store, blobs: blobs, feed: feed, pool: pool, limits: ImageLimits(), width: width,
            pauses: pauses, logger: quiet)
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    /// Runs workers and runner around `body`, and stops them after, as the server does.
    func open<Result: Sendable>(_ body: @Sendable () async throws -> Result) async throws -> Result
    {
        let services = ServiceGroup(
            configuration: .init(services: [pool, runner], logger: quiet))
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await services.run() }
            let result: Result
            do {
                result = try await body()
            } catch {
                group.cancelAll()
                throw error
            }
            await services.triggerGracefulShutdown()
            try await group.waitForAll()
            return result
        }
    }

    func batch(format: MediaType = .webp) async throws -> Batch {
        let recipe = Recipe(
            name: "one",
            renditions: [RenditionSpec(name: "only", longerSide: 2048, format: format)])
        return try await store.createBatch(
            .random(), owner: Owner(id: "owner"), recipe: recipe, under: nil, at: Date()
        ).thing
    }

    /// Sends a photo of these bytes, whole.
    @discardableResult
    func send(_ text: String, to batch: Batch) async throws -> Image.ID {
        let image = Image.ID.random()
        let upload = Upload(
            batch: batch.id, image: image, resumable: false, length: text.utf8.count,
            expiresAt: .distantFuture)
        _ = try await store.createUpload(
            upload, name: "photo.jpg", limits: Limits(), under: nil, at: Date())
        try await blobs.stage(upload.id)
        let bytes = Array(text.utf8)
        let chunk = Chunk(count: bytes.count) { body in try bytes.withUnsafeBytes(body) }
        try await blobs.append([chunk], to: upload.id, at: 0)
        try await blobs.sync(upload.id)
        let blob = try await blobs.promote(upload.id, size: bytes.count)
        try await store.record(.uploaded(blob), of: image, in: batch.id, at: Date())
        return image
    }

    /// The types of all events of this batch, as they are recorded from now on.
    func events(of batch: Batch) -> AsyncStream<EventType> {
        let (events, continuation) = AsyncStream<EventType>.makeStream()
        store.observe { commit in
            guard case .recorded(let changed, let new) = commit, changed.id == batch.id else {
                return
            }
            for event in new { continuation.yield(event.type) }
        }
        return events
    }

    func log(of batch: Batch) async throws -> [EventType] {
        try await store.log(of: batch.id, after: 0, limit: 1000).events.map(\.type)
    }
}

/// Waits for the first event of this type.
func wait(for type: EventType, in events: AsyncStream<EventType>) async {
    for await event in events where event == type { return }
}

/// A blob store whose disk can be full, or have another trouble.
final class FaultyBlobs: BlobStore {
    private let blobs: FolderBlobStore
    private let trouble = Mutex<Problem?>(nil)
    /// One element for each blob that was refused.
    let refusals: AsyncStream<Void>
    private let refused: AsyncStream<Void>.Continuation

    init(_ blobs: FolderBlobStore) {
        self.blobs = blobs
        (refusals, refused) = AsyncStream.makeStream()
    }

    /// Refuses results with this problem from now on; nil takes them.
    func refuse(with problem: Problem?) { trouble.withLock { $0 = problem } }

    func add(contentsOf descriptor: Int32, in range: Range<Int>) async throws -> Blob {
        if let problem = trouble.withLock({ $0 }) {
            refused.yield()
            throw problem
        }
        return try await blobs.add(contentsOf: descriptor, in: range)
    }

    func stage(_ id: Upload.ID) async throws { try await blobs.stage(id) }
    func append(_ chunks: [Chunk], to id: Upload.ID, at offset: Int) async throws {
        try await blobs.append(chunks, to: id, at: offset)
    }
    func sync(_ id: Upload.ID) async throws { try await blobs.sync(id) }
    func append(contentsOf parts: [Upload.ID], to id: Upload.ID) async throws -> Int {
        try await blobs.append(contentsOf: parts, to: id)
    }
    func truncate(_ id: Upload.ID, to offset: Int) async throws {
        try await blobs.truncate(id, to: offset)
    }
    func openStaged(_ id: Upload.ID) async throws -> Int32 { try await blobs.openStaged(id) }
    func promote(_ id: Upload.ID, size: Int) async throws -> Blob {
        try await blobs.promote(id, size: size)
    }
    func isPromoted(_ id: Upload.ID) async throws -> Bool { try await blobs.isPromoted(id) }
    func discard(_ id: Upload.ID) async throws { try await blobs.discard(id) }
    func staged() async throws -> [Upload.ID] { try await blobs.staged() }
    func open(_ blob: Blob) async throws -> Int32 { try await blobs.open(blob) }
    func names(olderThan age: Double) async throws -> [String] {
        try await blobs.names(olderThan: age)
    }
    func made(olderThan age: Double) async throws -> [String] {
        try await blobs.made(olderThan: age)
    }
    @discardableResult
    func remove(_ name: String, olderThan age: Double) async throws -> Bool {
        try await blobs.remove(name, olderThan: age)
    }
    func probe() async throws { try await blobs.probe() }
    func freeBytes() async throws -> Int { try await blobs.freeBytes() }
}

/// An executable of this package: it lies where the tests' own does.
private func built(_ name: String) throws -> String {
    var buffer = [UInt8](repeating: 0, count: 4096)
    let count = readlink("/proc/self/exe", &buffer, buffer.count)
    let path = String(decoding: buffer.prefix(max(0, count)), as: UTF8.self)
    let folder = path.split(separator: "/", omittingEmptySubsequences: false).dropLast()
    return folder.joined(separator: "/") + "/" + name
}
