// Whether a blob is what its name says, for who looks at a data folder from outside.

package import Domain
import Glibc

package enum BlobCheck {
    /// What is wrong with the blob in the data folder `path`, in words; nil where nothing is.
    package static func fault(of blob: Blob, in path: String) throws -> String? {
        let file = "\(path)/blobs/\(blob.sha256.prefix(2))/\(blob.sha256)"
        let number = Glibc.open(file, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard number >= 0 else {
            return errno == ENOENT
                ? "is missing" : "cannot be read: \(String(cString: strerror(errno)))"
        }
        let descriptor = Descriptor(number)
        let size = try Int(descriptor.status().st_size)
        guard size == blob.size else { return "has \(size) bytes instead of \(blob.size)" }
        var hash = RunningHash()
        do {
            try read(descriptor.number, 0..<size) { hash.take($0, at: $1) }
        } catch let error as SystemError {
            return "cannot be read: \(error)"
        }
        return hash.name == blob.sha256 ? nil : "has another content than its name says"
    }
}
