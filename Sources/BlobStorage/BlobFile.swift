// A blob's file in a data folder, for who reads the folder from outside, beside a server or without
// one.

package import Domain
import Glibc

package struct BlobFile: Sendable {
    private let blob: Blob
    package let path: String

    /// - Parameter folder: the data folder.
    package init(of blob: Blob, in folder: String) {
        self.blob = blob
        path = "\(folder)/blobs/\(ContentFolder.path(blob.sha256))"
    }

    /// Opens the file, to be read and then closed by the caller.
    /// - Throws: `BlobFault`; the content is not looked at.
    package func open() throws -> Int32 {
        let number = Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard number >= 0 else { throw errno == ENOENT ? BlobFault.missing : .unreadable(errno) }
        var status = stat()
        guard fstat(number, &status) == 0 else {
            defer { close(number) }
            throw BlobFault.unreadable(errno)
        }
        guard Int(status.st_size) == blob.size else {
            close(number)
            throw BlobFault.size(Int(status.st_size), insteadOf: blob.size)
        }
        return number
    }

    /// What is wrong with the file; nil where nothing is.
    package func fault() throws -> BlobFault? {
        do {
            let descriptor = Descriptor(try open())
            var hash = RunningHash()
            try read(descriptor.number, 0..<blob.size) { hash.take($0, at: $1) }
            return hash.name == blob.sha256 ? nil : .content
        } catch let fault as BlobFault {
            return fault
        } catch let error as SystemError {
            return .unreadable(error.code)
        }
    }
}

/// Why a file is not the blob that its name says.
package enum BlobFault: Error, Equatable, CustomStringConvertible {
    case missing
    /// By an `errno`.
    case unreadable(Int32)
    case size(Int, insteadOf: Int)
    case content

    package var description: String {
        switch self {
        case .missing: "is missing"
        case .unreadable(let code): "cannot be read: \(String(cString: strerror(code)))"
        case .size(let size, let wanted): "has \(size) bytes instead of \(wanted)"
        case .content: "has another content than its name says (SHA-256)"
        }
    }
}
