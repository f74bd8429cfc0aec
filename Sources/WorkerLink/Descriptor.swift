// File descriptors that close themselves, and the memory files renditions are written to.

internal import CWorkerLink
internal import Glibc

/// A file descriptor with one owner, closed when the owner goes.
package struct Descriptor: ~Copyable, Sendable {
    package let number: Int32

    package init(owning number: Int32) {
        self.number = number
    }

    deinit {
        close(number)
    }

    /// The file's size in bytes.
    package func size() throws(LinkError) -> Int {
        var status = stat()
        guard fstat(number, &status) == 0 else { throw LinkError.system("fstat", errno) }
        return Int(status.st_size)
    }
}

/// A file in memory that a worker writes one rendition to. It is shared with the worker until it
/// is sealed; after that nobody can change it, so what was checked is what is copied.
package final class MemoryFile: Sendable {
    private let descriptor: Descriptor

    package init(name: String) throws(LinkError) {
        descriptor = Descriptor(owning: try LinkError.check("memfd_create", cwl_memory_file(name)))
    }

    /// Valid as long as this object lives.
    package var number: Int32 { descriptor.number }

    package func size() throws(LinkError) -> Int { try descriptor.size() }

    /// Makes the contents final. Fails while somebody holds a writable mapping.
    package func seal() throws(LinkError) {
        _ = try LinkError.check("fcntl(F_ADD_SEALS)", cwl_seal(number))
    }

    /// The whole contents; meant for small files and tests.
    package func contents() throws(LinkError) -> [UInt8] {
        let size = try size()
        var failure: LinkError?
        let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            while count < size {
                let got = pread(
                    number, buffer.baseAddress.map { $0 + count }, size - count, off_t(count))
                if got < 0 && errno == EINTR { continue }
                if got < 0 { failure = LinkError.system("pread", errno) }
                if got <= 0 { break }
                count += got
            }
        }
        if let failure { throw failure }
        return bytes
    }
}
