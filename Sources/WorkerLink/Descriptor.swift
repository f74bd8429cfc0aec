// File descriptors that close themselves, and the memory file a job's renditions are written to.

internal import CWorkerLink
internal import Glibc
internal import Synchronization

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

/// A file in memory that a worker writes all renditions of a job to, one after another. The worker
/// may write in it until it is emptied, so each byte is read once, by whoever copies and names it.
package final class MemoryFile: Sendable {
    private let descriptor: Descriptor
    private let taken = Mutex(0..<0)

    package init(name: String) throws(LinkError) {
        descriptor = Descriptor(owning: try LinkError.check("memfd_create", cwl_memory_file(name)))
    }

    /// Valid as long as this object lives.
    package var number: Int32 { descriptor.number }

    package func size() throws(LinkError) -> Int { try descriptor.size() }

    /// Where the rendition lies that was delivered last.
    package var delivered: Range<Int> { taken.withLock { $0 } }

    /// Takes the next `count` bytes as a rendition; false where the file is shorter.
    package func take(_ count: Int) throws(LinkError) -> Bool {
        let start = delivered.upperBound
        guard count <= (try size()) - start else { return false }
        taken.withLock { $0 = start..<start + count }
        return true
    }

    /// Gives the memory back. Nobody can write to the file any more, whoever keeps it open.
    package func empty() throws(LinkError) {
        _ = try LinkError.check("fcntl(F_ADD_SEALS)", cwl_empty(number))
    }

    /// What was delivered last; meant for small files and tests.
    package func contents() throws(LinkError) -> [UInt8] {
        let range = delivered
        var failure: LinkError?
        let bytes = [UInt8](unsafeUninitializedCapacity: range.count) { buffer, count in
            while count < range.count {
                let got = pread(
                    number, buffer.baseAddress.map { $0 + count }, range.count - count,
                    off_t(range.lowerBound + count))
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
