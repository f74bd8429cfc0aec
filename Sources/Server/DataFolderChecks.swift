// Whether a folder can be a data folder: asked by the server before it takes one, and by
// `revela doctor`, which takes none.

import Foundation

extension DataFolder {
    private static let files = ["revela.sqlite", "revela.sqlite-wal", "revela.sqlite-shm"]

    /// Finds what this user may not read and write there, as after a start by another one.
    /// - Throws: `DataFolderUnusable`, `DataFolderForeign`.
    static func requireAccess(_ path: String) throws {
        try requireFolder(path)
        let blobs = (UInt8.min...UInt8.max).map { String(format: "blobs/%02x", $0) }
        let folders = ["", "/staging", "/blobs"] + blobs.map { "/" + $0 }
        for folder in folders { try requireAccess(path + folder, R_OK | W_OK | X_OK, in: path) }
        for file in files { try requireAccess("\(path)/\(file)", R_OK | W_OK, in: path) }
    }

    private static func requireFolder(_ path: String) throws {
        var status = stat()
        guard stat(path, &status) == 0 else { throw DataFolderUnusable(path: path, code: errno) }
        guard status.st_mode & S_IFMT == S_IFDIR else {
            throw DataFolderUnusable(path: path, code: ENOTDIR)
        }
    }

    private static func requireAccess(_ file: String, _ wanted: Int32, in path: String) throws {
        guard access(file, wanted) != 0 else { return }
        let code = errno
        if code == ENOENT { return }  // Not made yet.
        guard [EACCES, EPERM].contains(code), let owner = owner(of: file), owner != geteuid() else {
            throw DataFolderUnusable(path: file, code: code)
        }
        throw DataFolderForeign(path: file, owner: owner, folder: path)
    }

    /// Keeps the administrator from serving from somebody else's folder: everything made there from
    /// then on would be closed to that one.
    /// - Throws: `DataFolderForeign`.
    static func requireOwner(_ path: String) throws {
        guard geteuid() == 0, let owner = owner(of: path), owner != 0 else { return }
        throw DataFolderForeign(path: path, owner: owner, folder: path)
    }

    /// The user to whom a file belongs; nil where there is none.
    static func owner(of path: String) -> uid_t? {
        var status = stat()
        return stat(path, &status) == 0 ? status.st_uid : nil
    }

    /// The database is nothing without locks, and says only that it is busy; and where locks keep
    /// nobody out, two servers work on one folder.
    /// - Throws: `LocksMissing`, `DataFolderUnusable`.
    static func requireLocks(_ path: String) throws {
        let name = "\(path)/probe-\(getpid())"
        let file = Foundation.open(name, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard file >= 0 else {
            // Where there is no room for a file, what is there may be served all the same.
            guard errno != ENOSPC, errno != EDQUOT else { return }
            throw DataFolderUnusable(path: path, code: errno)
        }
        defer {
            close(file)
            unlink(name)
        }
        var lock = flock()
        lock.l_type = Int16(F_WRLCK)
        lock.l_whence = Int16(SEEK_SET)
        guard fcntl(file, F_SETLK, &lock) == 0, flock(file, LOCK_EX | LOCK_NB) == 0 else {
            throw LocksMissing(path: path, code: errno)
        }
        let other = Foundation.open(name, O_RDWR | O_CLOEXEC)
        guard other >= 0 else { throw DataFolderUnusable(path: path, code: errno) }
        defer { close(other) }
        guard flock(other, LOCK_EX | LOCK_NB) != 0 else {
            throw LocksMissing(path: path, code: nil)
        }
    }

    /// Looks at a folder as a server would that starts there, and leaves it as it is.
    /// - Throws: why it would not.
    static func check(_ path: String) throws {
        let there = nearest(path)
        if there == path {
            try requireAccess(path)
            return try requireLocks(path)
        }
        // The server would make it.
        try requireFolder(there)
        guard access(there, W_OK | X_OK) == 0 else {
            throw DataFolderUnusable(path: path, code: errno)
        }
    }

    /// The folder itself, or what is there of the way to it.
    static func nearest(_ path: String) -> String {
        var place = URL(fileURLWithPath: path)
        while place.path != "/", access(place.path, F_OK) != 0 {
            place.deleteLastPathComponent()
        }
        return place.path
    }
}

struct LocksMissing: Error, CustomStringConvertible {
    let path: String
    /// An `errno`; nil where locks are given to everybody at once.
    let code: Int32?

    var description: String {
        let reason = code.map { "gives no locks (\(String(cString: strerror($0))))" }
        return
            "\(path) lies on a file system that \(reason ?? "gives locks that keep nobody out"), "
            + "without which the database is not safe: choose another folder with --data."
    }
}

struct DataFolderForeign: Error, CustomStringConvertible {
    /// What belongs to another user.
    let path: String
    let owner: uid_t
    let folder: String

    var description: String {
        let user = userName(geteuid())
        return "\(path) belongs to \(userName(owner)), and this is \(user): run as that user, or "
            + "give the whole folder to this one (chown -R \(user) \(folder))."
    }
}

/// A user by name, or by number where there is none.
func userName(_ number: uid_t) -> String {
    getpwuid(number).map { String(cString: $0.pointee.pw_name) } ?? String(number)
}
