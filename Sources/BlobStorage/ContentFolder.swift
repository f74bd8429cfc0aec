// Finished files, named by the SHA-256 of their content: `ab/abcd…`. A name appears whole or not
// at all, and what it names never changes.

import Domain
import Glibc
import Hashing
import Synchronization

final class ContentFolder: Sendable {
    private static let temporaryPrefix = "new-"
    /// `00` to `ff`: the first two digits of a name.
    private static let folders = (UInt8.min...UInt8.max).map { [$0].hexadecimal }

    private let directory: Descriptor
    /// Held while a name appears, is used again, or is removed: a sweep must not remove a blob
    /// that somebody has just decided to use.
    private let names = Mutex(Uses())
    private let onMissing: @Sendable (String) -> Void
    /// The blobs that `onMissing` was told of.
    private let missing = Mutex<Set<String>>([])
    private let wallClock: @Sendable () -> Double

    /// Makes the 256 folders and removes what a crash left half written.
    /// - Parameter wallClock: seconds since 1970, which somebody may set at any moment.
    init(
        _ directory: Descriptor, onMissing: @escaping @Sendable (String) -> Void,
        wallClock: @escaping @Sendable () -> Double
    ) throws {
        self.directory = directory
        self.onMissing = onMissing
        self.wallClock = wallClock
        let entries = Set(try directory.entries())
        for folder in Self.folders {
            guard !entries.contains(folder) else { continue }
            try system("mkdirat") { mkdirat(directory.number, folder, 0o700) }
        }
        try directory.sync()
        for entry in entries where entry.hasPrefix(Self.temporaryPrefix) {
            try directory.unlink(entry)
        }
    }

    /// Gives `file` of `folder`, which is on disk, the name of its content as well. Where the file
    /// systems do not let one file have two names, a copy has it.
    func link(_ file: String, of folder: Descriptor, as blob: Blob) throws {
        let path = Self.path(blob.sha256)
        do {
            try name(blob) {
                try system("linkat") { linkat(folder.number, file, directory.number, path, 0) }
            }
        } catch let error as SystemError where Self.noLinks.contains(error.code) {
            let source = Descriptor(try folder.open(file, O_RDONLY))
            guard try add(contentsOf: source.number, in: 0..<blob.size) == blob else {
                throw SystemError(call: "a copy has not the content of its source", code: EIO)
            }
        }
    }

    /// What says that a file cannot have a second name there: another disk, or a file system that
    /// gives no file two names (FAT, many network and FUSE file systems), or not as many.
    private static let noLinks: Set<Int32> = [EXDEV, EPERM, EOPNOTSUPP, ENOSYS, EMLINK]

    /// Has `body` make the blob's name, and makes it durable; where it is there already it becomes
    /// young again.
    private func name(_ blob: Blob, _ body: () throws -> Void) throws {
        try names.withLock { uses in
            uses.note(blob.sha256)
            if has(blob.sha256) { return try reuse(Self.path(blob.sha256), size: blob.size) }
            do {
                try body()
            } catch let error as SystemError where error.code == EEXIST {
                try reuse(Self.path(blob.sha256), size: blob.size)
            }
        }
        let parent = try directory.open(String(blob.sha256.prefix(2)), O_RDONLY | O_DIRECTORY)
        try Descriptor(parent).sync()
    }

    private func has(_ name: String) -> Bool {
        faccessat(directory.number, Self.path(name), F_OK, 0) == 0
    }

    /// Makes an existing blob young again, so that no sweep takes it before it is referred to.
    private func reuse(_ path: String, size: Int) throws {
        let existing = Descriptor(try directory.open(path, O_RDONLY))
        guard try Int(existing.status().st_size) == size else {
            throw SystemError(call: "a blob has not the size of its content", code: EUCLEAN)
        }
        try system("futimens") { futimens(existing.number, nil) }
    }

    /// Copies the bytes of `source` in `range`, hashing what is written.
    func add(contentsOf source: Int32, in range: Range<Int>) throws -> Blob {
        let temporary = Self.temporaryPrefix + String(UInt64.random(in: .min ... .max), radix: 36)
        let file = Descriptor(try directory.open(temporary, O_RDWR | O_CREAT | O_EXCL))
        // What has got its name is not there by this one any more.
        defer { unlinkat(directory.number, temporary, 0) }
        var hash = RunningHash()
        try read(source, range) { bytes, position in
            let offset = position - range.lowerBound
            var written = 0
            while written < bytes.count {
                written += try system("pwrite") {
                    pwrite(
                        file.number, bytes.baseAddress.map { $0 + written },
                        bytes.count - written, offset + written)
                }
            }
            hash.take(bytes, at: offset)
        }
        try file.syncData()
        let blob = Blob(sha256: hash.name, size: range.count)
        try name(blob) {
            try system("renameat") {
                renameat(directory.number, temporary, directory.number, Self.path(blob.sha256))
            }
        }
        return blob
    }

    func open(_ blob: Blob) throws -> Int32 {
        do {
            return try directory.open(Self.path(blob.sha256), O_RDONLY)
        } catch let error as SystemError where error.code == ENOENT {
            if missing.withLock({ $0.insert(blob.sha256).inserted }) {
                onMissing("blobs/" + Self.path(blob.sha256))
            }
            throw BlobMissing(blob)
        }
    }

    /// Names whose file was made or used again more than `age` seconds ago.
    func names(olderThan age: Double) throws -> [String] {
        return try Self.folders.flatMap { name in
            let folder = Descriptor(try directory.open(name, O_RDONLY))
            let names = try folder.entries()
            return try self.names.withLock { uses in
                try names.filter { try isOlder($0, than: age, uses) }
            }
        }
    }

    /// Names that this process used, and not in the last `age` seconds; each is told once.
    func made(olderThan age: Double) -> [String] {
        names.withLock { $0.forget(olderThan: age) }
    }

    /// Removes the blob unless it is younger than `age` seconds: it may have come into use since
    /// it was found unused. False where it stays.
    func remove(_ name: String, olderThan age: Double) throws -> Bool {
        try names.withLock { uses in
            guard try isOlder(name, than: age, uses) else { return !has(name) }
            try directory.unlink(Self.path(name))
            return true
        }
    }

    /// By what this process remembers, which no clock that is set can change; and by the time of the
    /// last link or touch (`ctime`) for what was used before its start. A time that is far ahead was
    /// written by a clock that has been set back since, and is no reason to keep anything.
    private func isOlder(_ name: String, than age: Double, _ uses: Uses) throws -> Bool {
        guard !uses.has(name, youngerThan: age) else { return false }
        var status = stat()
        do {
            try system("fstatat") { fstatat(directory.number, Self.path(name), &status, 0) }
        } catch let error as SystemError where error.code == ENOENT {
            return false
        }
        return abs(wallClock() - status.st_ctim.seconds) >= age
    }

    /// Where the blob of this name lies in the folder.
    static func path(_ name: String) -> String { "\(name.prefix(2))/\(name)" }

    func freeBytes() throws -> Int { try directory.freeBytes() }
}

/// When this process made or used blobs, those that it may still need to know.
private struct Uses {
    private var times: [Digest: ContinuousClock.Instant] = [:]

    mutating func note(_ name: String) { times[Digest(name)] = .now }

    /// Returns what it forgets.
    mutating func forget(olderThan age: Double) -> [String] {
        let end = ContinuousClock.now - .seconds(age)
        let old = times.filter { $0.value <= end }.keys
        for digest in old { times[digest] = nil }
        return old.map(\.name)
    }

    func has(_ name: String, youngerThan age: Double) -> Bool {
        times[Digest(name)].map { $0 > .now - .seconds(age) } ?? false
    }
}

/// A blob's name in less than half of the memory that its text takes.
private struct Digest: Hashable {
    private let quarters: SIMD4<UInt64>

    init(_ name: String) {
        quarters = SIMD4(
            (0..<4).map { UInt64(name.dropFirst(16 * $0).prefix(16), radix: 16) ?? 0 })
    }

    var name: String {
        (0..<4).map { quarter in
            let digits = String(quarters[quarter], radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }.joined()
    }
}

extension timespec {
    fileprivate var seconds: Double { Double(tv_sec) + Double(tv_nsec) / 1e9 }
}
