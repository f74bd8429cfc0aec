// Whether the database is still where it was opened. A file that was deleted takes writes as ever,
// and loses them with the process that holds it: nothing may be acknowledged then.

import Domain
import Foundation

struct DatabaseFile: Sendable {
    private let path: String
    private let device: UInt64
    private let inode: UInt64

    /// The file at `path`, which is there.
    init(_ path: String) throws {
        (device, inode) = try Self.identity(path)
        self.path = path
    }

    /// - Throws: `unavailable` where another file or none is at the path.
    func check() throws {
        do {
            if try Self.identity(path) == (device, inode) { return }
        } catch let error as POSIXError {
            guard [.ENOENT, .ENOTDIR].contains(error.code) else {
                let reason = String(cString: strerror(error.code.rawValue))
                throw Problem(.unavailable, "The database cannot be looked at: \(reason).")
            }
        }
        throw Problem(
            .unavailable,
            "The database is gone from the data folder: put it back and start the server again.")
    }

    private static func identity(_ path: String) throws -> (UInt64, UInt64) {
        var status = stat()
        guard stat(path, &status) == 0 else {
            throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO)
        }
        return (UInt64(status.st_dev), UInt64(status.st_ino))
    }
}
