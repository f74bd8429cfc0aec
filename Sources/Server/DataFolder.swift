// The data folder is one server's at a time. A second one would cut the first one's uploads back to
// what is noted of them while they go on, and take its running jobs for lost.

import Foundation

/// Taken until the process ends, however it ends: the kernel gives it back.
struct DataFolder {
    let path: String
    private let descriptor: Int32

    /// How often, and after how many microseconds, a taken folder is tried again: a server that was
    /// killed may have left a worker behind that has not yet begun, and holds what it held.
    private static let attempts = 50
    private static let pause: UInt32 = 20_000

    /// Makes the folder at `path` where it is missing, and takes it.
    /// - Throws: `DataFolderTaken`; a `POSIXError` where it cannot be opened.
    init(_ path: String) throws {
        self.path = path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
        for attempt in 1... {
            // A file system without locks is taken on trust.
            guard flock(descriptor, LOCK_EX | LOCK_NB) != 0, errno == EWOULDBLOCK else { return }
            guard attempt < Self.attempts else { break }
            usleep(Self.pause)
        }
        close(descriptor)
        throw DataFolderTaken(path: path)
    }
}

struct DataFolderTaken: Error, CustomStringConvertible {
    let path: String

    var description: String {
        "\(path) is in use by another server: stop that one, or choose another folder with --data."
    }
}
