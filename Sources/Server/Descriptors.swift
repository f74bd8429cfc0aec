// File descriptors: as many as the system gives, and no more connections than leave enough of them
// for files. A connection that finds none would end the server: what accepts connections takes the
// error for its own end.

import Foundation

enum Descriptors {
    /// For uploads under way, files being read, the database and the workers.
    private static let forFiles = 1_536
    /// More are of no use here, and some systems allow a billion.
    private static let most: rlim_t = 65_536

    /// Raises the limit of this process as far as it may, and gives what it now is.
    /// - Throws: a `POSIXError`.
    static func raiseLimit() throws -> Int {
        let files = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        var limit = rlimit()
        guard getrlimit(files, &limit) == 0 else {
            throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO)
        }
        let wanted = max(limit.rlim_cur, min(limit.rlim_max, most))
        var raised = rlimit(rlim_cur: wanted, rlim_max: limit.rlim_max)
        if setrlimit(files, &raised) == 0 { limit = raised }
        return Int(clamping: limit.rlim_cur)
    }

    /// How many files of uploads under way are kept open. The others are opened again when their next
    /// bytes come.
    static func staged(of limit: Int) -> Int { max(4, (limit - connections(of: limit)) / 4) }

    /// How many connections may be open where so many descriptors may be. The others wait to be
    /// accepted.
    static func connections(of limit: Int) -> Int { limit - min(limit / 2, forFiles) }
}
