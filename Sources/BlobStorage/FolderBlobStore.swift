// Bytes in a folder. Its manual:
//
//   staging/u_…          an upload under way, written in place
//   blobs/ab/abcd…       a finished file, named by its SHA-256
//   blobs/new-…          a copy being made; a crash leaves it, the next start removes it
//
// An upload becomes a blob by a second name for the same file, or, where the disks do not allow that,
// by a copy that is on disk before it has its name: there is no instant at which a crash could lose it. Disk work blocks, and so runs on threads of its own.
// Once begun it is finished even if the caller's task is cancelled: half a commit helps nobody.

package import Domain
import Foundation
import Glibc
import NIOPosix

package struct FolderBlobStore: BlobStore {
    private let staging: StagingFolder
    private let content: ContentFolder
    private let pool: NIOThreadPool

    /// Opens or makes the two folders in the folder `path`.
    /// - Parameters:
    ///   - openFiles: uploads under way whose files are kept open, at most.
    ///   - onMissing: told once of each blob that was asked for and is gone, by its file's name.
    package init(
        at path: String, threads: Int = 8, openFiles: Int = 1_024,
        wallClock: @escaping @Sendable () -> Double = { Date().timeIntervalSince1970 },
        onMissing: @escaping @Sendable (String) -> Void = { _ in }
    ) throws {
        let root = try Descriptor.directory(path)
        staging = StagingFolder(try .directory(path + "/staging"), capacity: openFiles)
        content = try ContentFolder(
            .directory(path + "/blobs"), onMissing: onMissing, wallClock: wallClock)
        try root.sync()
        pool = NIOThreadPool(numberOfThreads: threads)
        pool.start()
    }

    /// Ends the threads; the store cannot be used after it.
    package func shutdown() async throws { try await pool.shutdownGracefully() }

    private func blocking<Value: Sendable>(
        _ body: @escaping @Sendable () throws -> Value
    ) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            pool.submit { state in
                switch state {
                case .active: continuation.resume(with: Result(catching: body))
                case .cancelled: continuation.resume(throwing: Problem(.unavailable))
                }
            }
        }
    }

    // MARK: Staging

    package func stage(_ id: Upload.ID) async throws {
        try await blocking { try staging.create(id) }
    }

    package func append(_ chunks: [Chunk], to id: Upload.ID, at offset: Int) async throws {
        try await blocking {
            let file = try staging.file(id)
            var position = offset
            // All buffers of a call are lent at once, each in a stack frame of its own.
            for start in stride(from: 0, to: chunks.count, by: 64) {
                let some = chunks[start..<min(start + 64, chunks.count)]
                try file.append(some, at: position)
                position += some.reduce(0) { $0 + $1.count }
            }
        }
    }

    package func append(
        contentsOf parts: [Upload.ID], to id: Upload.ID
    ) async throws -> Int {
        try await blocking {
            let file = try staging.file(id)
            var position = 0
            for part in try parts.map(staging.file) {
                let start = position
                let size = try part.size
                try part.read(0..<size) { try file.write([$0], at: start + $1) }
                position += size
            }
            return position
        }
    }

    package func sync(_ id: Upload.ID) async throws {
        try await blocking { try staging.file(id).sync() }
    }

    package func truncate(_ id: Upload.ID, to offset: Int) async throws {
        try await blocking { try staging.file(id).truncate(to: offset) }
    }

    package func openStaged(_ id: Upload.ID) async throws -> Int32 {
        try await blocking { try staging.openExisting(id, O_RDONLY) }
    }

    package func promote(_ id: Upload.ID, size: Int) async throws -> Blob {
        try await blocking {
            let blob = Blob(sha256: try staging.file(id).seal(size: size), size: size)
            try content.link(id.rawValue, of: staging.directory, as: blob)
            return blob
        }
    }

    package func isPromoted(_ id: Upload.ID) async throws -> Bool {
        try await blocking {
            do {
                return try staging.file(id).isSealed
            } catch let problem as Problem where problem.code == .noSuchUpload {
                return false
            }
        }
    }

    package func discard(_ id: Upload.ID) async throws {
        try await blocking { try staging.remove(id) }
    }

    package func staged() async throws -> [Upload.ID] { try await blocking { try staging.names() } }

    // MARK: Blobs

    package func add(contentsOf descriptor: Int32, in range: Range<Int>) async throws -> Blob {
        try await blocking { try content.add(contentsOf: descriptor, in: range) }
    }

    package func open(_ blob: Blob) async throws -> Int32 {
        try await blocking { try content.open(blob) }
    }

    package func names(olderThan age: Double) async throws -> [String] {
        try await blocking { try content.names(olderThan: age) }
    }

    package func made(olderThan age: Double) async throws -> [String] {
        content.made(olderThan: age)
    }

    @discardableResult
    package func remove(_ name: String, olderThan age: Double) async throws -> Bool {
        try await blocking { try content.remove(name, olderThan: age) }
    }

    package func probe() async throws { try await blocking { try staging.probe() } }

    package func freeBytes() async throws -> Int {
        try await blocking {
            // Uploads and blobs may lie on two disks.
            min(try staging.directory.freeBytes(), try content.freeBytes())
        }
    }
}
