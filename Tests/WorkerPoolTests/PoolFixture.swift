// A running pool of real workers, and photographs made of bytes.

import Domain
import Glibc
import Jobs
import Logging
import Testing
import WorkerLink

/// An executable of this package: it lies where the tests' own does.
func built(_ name: String) throws -> String {
    var buffer = [UInt8](repeating: 0, count: 4096)
    let count = readlink("/proc/self/exe", &buffer, buffer.count)
    let path = String(decoding: buffer.prefix(max(0, count)), as: UTF8.self)
    let folder = path.split(separator: "/", omittingEmptySubsequences: false).dropLast()
    return folder.joined(separator: "/") + "/" + name
}

/// Runs a pool around `body` and ends it after.
func withPool<Result: Sendable>(
    executable: String? = nil, jobs: Int = 1,
    adjust: (inout WorkerPoolConfiguration) -> Void = { _ in },
    _ body: @Sendable (WorkerPool) async throws -> Result
) async throws -> Result {
    var configuration = WorkerPoolConfiguration(
        executable: try executable ?? built("revela-worker"), jobs: jobs)
    adjust(&configuration)
    let pool = try WorkerPool(
        configuration, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    return try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await pool.run() }
        let result: Result
        do {
            result = try await body(pool)
        } catch {
            group.cancelAll()
            throw error
        }
        group.cancelAll()
        try await group.waitForAll()
        return result
    }
}

/// Runs a host around `body` and stops it after.
func withHost(_ body: (WorkerHost) async throws -> Void) async throws {
    let host = try WorkerHost()
    do {
        try await body(host)
    } catch {
        await host.stop()
        throw error
    }
    await host.stop()
}

extension WorkerHost {
    /// A worker that has introduced itself; one that misbehaves where no executable is named.
    func worker(
        _ executable: String? = nil, copied: Bool = false,
        onExit: @escaping @Sendable (WorkerExit) -> Void = { _ in }
    ) async throws -> (WorkerProcess, WorkerHello) {
        let worker = try await spawn(
            executable: try executable ?? built("MisbehavingWorker"), niceness: 0, copied: copied,
            onExit: onExit)
        guard case .message(.hello(let hello)) = await worker.next() else { throw Silent() }
        return (worker, hello)
    }
}

private struct Silent: Error {}

/// A file in memory with these bytes.
func memoryFile(_ bytes: [UInt8]) throws -> MemoryFile {
    let file = try MemoryFile(name: "photo")
    try #require(pwrite(file.number, bytes, bytes.count, 0) == bytes.count)
    return file
}

/// The same, open for reading alone, as blobs are given to workers. The caller closes it.
func readOnlyFile(_ bytes: [UInt8]) throws -> Int32 {
    let file = try memoryFile(bytes)
    let descriptor = open("/proc/self/fd/\(file.number)", O_RDONLY | O_CLOEXEC)
    try #require(descriptor >= 0)
    return descriptor
}
