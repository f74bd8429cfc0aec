// The system calls of this module, with their failures as errors. Foundation's file interface can
// neither write in place nor say that bytes are on disk.

import Domain
import Glibc

/// A system call that failed in a way nobody outside can help with.
struct SystemError: Error, CustomStringConvertible {
    let call: StaticString
    let code: Int32

    var description: String { "\(call): \(String(cString: strerror(code)))" }
}

/// Runs a call again while signals interrupt it, and turns -1 into an error.
/// - Throws: `disk-full` for `ENOSPC` and `EDQUOT`, `unavailable` for `EROFS`, as where a file system
///   was found faulty, and where descriptors run out; `SystemError` for all others.
@discardableResult
func system<Result: SignedInteger>(_ call: StaticString, _ body: () -> Result) throws -> Result {
    while true {
        let result = body()
        if result != -1 { return result }
        switch errno {
        case EINTR: continue
        case ENOSPC, EDQUOT: throw Problem(.diskFull)
        case EROFS: throw Problem(.unavailable, "The data folder has become read-only.")
        case EMFILE, ENFILE:
            throw Problem(.unavailable, "The server has no file descriptor left: try again soon.")
        case let code: throw SystemError(call: call, code: code)
        }
    }
}

/// An open file that closes itself when nobody holds it any more.
final class Descriptor: Sendable {
    let number: Int32

    init(_ number: Int32) { self.number = number }

    deinit { close(number) }

    /// The directory at `path`, made where it is missing.
    static func directory(_ path: String) throws -> Descriptor {
        do {
            try system("mkdir") { mkdir(path, 0o700) }
        } catch let error as SystemError where error.code == EEXIST {
            // It is there already, which the next call proves.
        }
        return Descriptor(
            try system("open") { Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) })
    }

    /// The file `name` in this directory.
    func open(_ name: String, _ flags: Int32, mode: mode_t = 0o600) throws -> Int32 {
        try system("openat") { openat(number, name, flags | O_CLOEXEC | O_NOFOLLOW, mode) }
    }

    func status() throws -> stat {
        var status = stat()
        try system("fstat") { fstat(number, &status) }
        return status
    }

    /// Bytes that can still be written to its file system. Some report more than a number can hold.
    func freeBytes() throws -> Int {
        var status = statvfs()
        try system("fstatvfs") { fstatvfs(number, &status) }
        return BlobStorage.freeBytes(blocks: UInt64(status.f_bavail), of: UInt64(status.f_frsize))
    }

    /// Whether its file system has an inode left, or counts none.
    func takesFiles() throws -> Bool {
        var status = statvfs()
        try system("fstatvfs") { fstatvfs(number, &status) }
        return status.f_files == 0 || status.f_favail > 0
    }

    func syncData() throws { try system("fdatasync") { fdatasync(number) } }

    /// For directories: returns when their entries are on disk.
    func sync() throws { try system("fsync") { fsync(number) } }

    /// The names in this directory.
    func entries() throws -> [String] {
        // A descriptor of its own: `closedir` closes it, and reading moves its position.
        let copy = try open(".", O_RDONLY | O_DIRECTORY)
        guard let stream = fdopendir(copy) else {
            close(copy)
            throw SystemError(call: "fdopendir", code: errno)
        }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }

    /// Removes `name` from this directory, if it is there.
    func unlink(_ name: String) throws {
        do {
            try system("unlinkat") { unlinkat(number, name, 0) }
        } catch let error as SystemError where error.code == ENOENT {
            // Gone is what was asked for.
        }
    }
}

/// So many blocks in bytes, as far as a number reaches.
func freeBytes(blocks: UInt64, of size: UInt64) -> Int {
    let (bytes, overflow) = blocks.multipliedReportingOverflow(by: size)
    return overflow ? .max : Int(clamping: bytes)
}
