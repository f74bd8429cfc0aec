// The file of one upload under way. Called from the store's threads only: every method blocks.

import Domain
import Glibc
import Synchronization

final class StagingFile: Sendable {
    fileprivate struct State {
        var hash = RunningHash()
        /// The hash at the last sync: where a truncation to acknowledged bytes goes back to.
        var mark = RunningHash()
        /// Writes so far, and how many of them a sync has covered.
        var writes = 0
        var syncedWrites = 0
        /// Whether a crash could lose the file's entry in its directory.
        var isNew: Bool
        /// Why the bytes since the last sync cannot be trusted: the kernel reports a failed
        /// write-back once and then calls the same pages clean.
        var failure: (any Error)?
        /// Its content has a name now and must not change.
        var isSealed: Bool
    }

    private let descriptor: Descriptor
    private let folder: Descriptor
    private let state: Mutex<State>

    init(_ descriptor: Descriptor, in folder: Descriptor, isNew: Bool) throws {
        self.descriptor = descriptor
        self.folder = folder
        let isLinked = try descriptor.status().st_nlink > 1
        state = Mutex(State(isNew: isNew, isSealed: isLinked))
    }

    // MARK: Writing

    func append(_ chunks: ArraySlice<Chunk>, at offset: Int) throws {
        try withBytes(of: chunks) { try write($0, at: offset) }
    }

    func write(_ buffers: [UnsafeRawBufferPointer], at offset: Int) throws {
        try state.withLock { state in
            try state.checkWritable()
            state.writes += 1
            try writeAll(buffers, at: offset)
            var position = offset
            for buffer in buffers {
                state.hash.take(buffer, at: position)
                position += buffer.count
            }
        }
    }

    /// `pwritev` until nothing is left.
    private func writeAll(_ buffers: [UnsafeRawBufferPointer], at offset: Int) throws {
        var vectors = buffers.filter { !$0.isEmpty }.map {
            iovec(iov_base: UnsafeMutableRawPointer(mutating: $0.baseAddress), iov_len: $0.count)
        }[...]
        var position = offset
        while !vectors.isEmpty {
            var written = try vectors.withUnsafeBufferPointer { pointer in
                try system("pwritev") {
                    pwritev(descriptor.number, pointer.baseAddress, Int32(pointer.count), position)
                }
            }
            position += written
            while let first = vectors.first, written >= first.iov_len {
                written -= first.iov_len
                vectors.removeFirst()
            }
            if written > 0, let first = vectors.first {
                vectors[vectors.startIndex] = iovec(
                    iov_base: first.iov_base + written, iov_len: first.iov_len - written)
            }
        }
    }

    /// Returns when all written before this call is on disk, the file's name included.
    func sync() throws {
        try syncData()
        guard state.withLock({ $0.isNew }) else { return }
        try folder.sync()
        state.withLock { $0.isNew = false }
    }

    /// The same without the name.
    private func syncData() throws {
        let before = state.withLock { $0 }
        if let failure = before.failure { throw failure }
        if before.writes > before.syncedWrites {
            do {
                try descriptor.syncData()
            } catch {
                state.withLock { $0.failure = error }
                throw error
            }
        }
        state.withLock { state in
            state.syncedWrites = max(state.syncedWrites, before.writes)
            if state.hash.count >= before.hash.count { state.mark = before.hash }
        }
    }

    /// Cuts the file to `offset` bytes and forgets a failure of what came after them.
    /// - Throws: `BytesMissing` where the file is shorter.
    func truncate(to offset: Int) throws {
        try state.withLock { state in
            let size = try size
            guard size >= offset else { throw BytesMissing() }
            guard size > offset || state.failure != nil else { return }
            state.failure = nil
            try state.checkWritable()
            try system("ftruncate") { ftruncate(descriptor.number, offset) }
            state.writes += 1
            guard state.hash.count > offset else { return }
            state.hash = state.mark.count <= offset ? state.mark : RunningHash()
            state.mark = state.hash
        }
    }

    // MARK: Reading

    /// Whether `seal` was called, or another name shows that it was before a restart.
    var isSealed: Bool { state.withLock { $0.isSealed } }

    /// Ends the writing: makes the file exactly `size` bytes long and durable, and gives the
    /// SHA-256 of its content. Not its name here, for it is about to get another one.
    func seal(size: Int) throws -> String {
        try truncate(to: size)
        try syncData()
        return try state.withLock { state in
            state.isSealed = true
            let missing = state.hash.count..<size
            try read(missing) { bytes, offset in state.hash.take(bytes, at: offset) }
            return state.hash.name
        }
    }

    /// Reads `range` in pieces of at most 1 MiB.
    /// - Throws: `SystemError` with `ENODATA` where the file is shorter.
    func read(_ range: Range<Int>, _ body: (UnsafeRawBufferPointer, Int) throws -> Void) throws {
        try BlobStorage.read(descriptor.number, range, body)
    }

    var size: Int { get throws { Int(try descriptor.status().st_size) } }
}

extension StagingFile.State {
    fileprivate func checkWritable() throws {
        if let failure { throw failure }
        guard !isSealed else {
            throw SystemError(call: "pwritev to a finished upload", code: EPERM)
        }
    }
}

/// Lends the bytes of all chunks at the same time.
private func withBytes(
    of chunks: ArraySlice<Chunk>, after collected: [UnsafeRawBufferPointer] = [],
    _ body: ([UnsafeRawBufferPointer]) throws -> Void
) throws {
    guard let first = chunks.first else { return try body(collected) }
    try first.withBytes { bytes in
        try withBytes(of: chunks.dropFirst(), after: collected + [bytes], body)
    }
}

/// Reads `range` of a file in pieces of at most 1 MiB, each with its offset.
func read(
    _ descriptor: Int32, _ range: Range<Int>,
    _ body: (UnsafeRawBufferPointer, Int) throws -> Void
) throws {
    guard !range.isEmpty else { return }
    let buffer = UnsafeMutableRawBufferPointer.allocate(
        byteCount: min(1 << 20, range.count), alignment: 16)
    defer { buffer.deallocate() }
    var position = range.lowerBound
    while position < range.upperBound {
        let wanted = min(buffer.count, range.upperBound - position)
        let count = try system("pread") { pread(descriptor, buffer.baseAddress, wanted, position) }
        guard count > 0 else { throw SystemError(call: "pread past the end", code: ENODATA) }
        try body(UnsafeRawBufferPointer(rebasing: buffer[..<count]), position)
        position += count
    }
}
