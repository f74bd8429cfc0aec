// The data folder is one server's at a time. A second one would cut the first one's uploads back to
// what is noted of them while they go on, and take its running jobs for lost.

import Foundation

/// Taken until the process ends, however it ends: the kernel gives it back.
struct DataFolder {
    let path: String
    /// What could not be closed to other users of the machine, and why; nil where all is.
    let open: String?
    private let descriptor: Int32

    /// How often, and after how many microseconds, a taken folder is tried again: a server that was
    /// killed may have left a worker behind that has not yet begun, and holds what it held.
    private static let attempts = 50
    private static let pause: UInt32 = 20_000

    /// The database in it.
    var database: String { path + "/revela.sqlite" }

    /// Makes the folder at `path` where it is missing, and takes it.
    /// - Throws: `DataFolderTaken`, `DataFolderUnusable`, `DataFolderForeign`, `LocksMissing`,
    ///   `DatabaseMissing`.
    init(_ path: String) throws {
        self.path = path
        // An upload's URL is a right, and the database holds it: nobody else on the machine may read it.
        umask(0o077)
        try Self.make(path)
        open = Self.closeToOthers(path)
        try Self.requireAccess(path)
        descriptor = Foundation.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw DataFolderUnusable(path: path, code: errno) }
        try Self.requireLocks(path)
        try take()
        try refuseLeftovers()
    }

    private func take() throws {
        for attempt in 1... {
            if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { return }
            guard errno == EWOULDBLOCK else { throw LocksMissing(path: path, code: errno) }
            guard attempt < Self.attempts else { break }
            usleep(Self.pause)
        }
        close(descriptor)
        throw DataFolderTaken(path: path)
    }

    /// Whether a server works on the folder at `path`.
    static func isTaken(_ path: String) -> Bool {
        let descriptor = Foundation.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        return flock(descriptor, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK
    }

    /// Returns when what was added to the folder or renamed in it is on disk.
    func sync() throws {
        guard fsync(descriptor) == 0 else { throw DataFolderUnusable(path: path, code: errno) }
    }

    /// `mkdir -p`, which says what is in the way.
    private static func make(_ path: String) throws {
        var folder = path.hasPrefix("/") ? "/" : ""
        for name in path.split(separator: "/") {
            folder += name + "/"
            guard mkdir(folder, 0o700) != 0, errno != EEXIST else { continue }
            throw DataFolderUnusable(path: path, code: errno)
        }
    }

    /// Takes from others what an earlier version, or somebody's umask, has given them.
    private static func closeToOthers(_ path: String) -> String? {
        let names = [
            "", "revela.sqlite", "revela.sqlite-wal", "revela.sqlite-shm", "blobs", "staging",
        ]
        for name in names {
            let file = "\(path)/\(name)"
            let attributes = try? FileManager.default.attributesOfItem(atPath: file)
            guard let mode = (attributes?[.posixPermissions] as? NSNumber)?.uint32Value,
                mode & 0o077 != 0
            else { continue }
            guard chmod(file, mode & 0o700) == 0 else {
                return "\(file): \(String(cString: strerror(errno)))"
            }
        }
        return nil
    }

    /// Photos without the database that names them: to a new one all of them are leftovers, and
    /// would be swept away.
    private func refuseLeftovers() throws {
        guard access(database, F_OK) != 0 else { return }
        let blobs = FileManager.default.enumerator(atPath: path + "/blobs")
        while let name = blobs?.nextObject() as? String {
            if name.contains("/") { throw DatabaseMissing(path: path) }
        }
    }
}

struct DataFolderTaken: Error, CustomStringConvertible {
    let path: String

    var description: String {
        "\(path) is in use by another server: stop that one, or choose another folder with --data."
    }
}

struct DataFolderUnusable: Error, CustomStringConvertible {
    let path: String
    let code: Int32

    var description: String {
        "\(path) cannot be used as the data folder (\(String(cString: strerror(code)))): mend that, "
            + "or choose another one with --data."
    }
}

struct DatabaseMissing: Error, CustomStringConvertible {
    let path: String

    var description: String {
        "\(path) has photos in blobs/ and no revela.sqlite, which knows whose they are: put a backup "
            + "of it there, or move blobs/ away to begin anew. Nothing was changed."
    }
}
