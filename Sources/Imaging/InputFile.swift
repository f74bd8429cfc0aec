// The photograph's file while a job reads it. Damage is the photograph's fault; a disk that does
// not answer, or a file that changes under the reader, is not, and the two look alike to a decoder.

internal import CVips
internal import Domain
internal import Glibc

final class InputFile {
    let size: Int
    /// Whether memory was short since the file was opened.
    let memory = MemoryWatch()
    private let descriptor: Int32
    private var failed = false

    /// The descriptor stays the caller's.
    init(descriptor: Int32) throws(Problem) {
        var status = stat()
        guard cvips_file_status(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw Problem(.internal, "The file cannot be read.")
        }
        self.descriptor = descriptor
        size = Int(status.st_size)
    }

    /// A file of known size: one that a warm-up or a test has just written.
    init(descriptor: Int32, size: Int) {
        self.descriptor = descriptor
        self.size = size
    }

    /// Reads by pread; 0 at the end, -1 when the disk fails.
    func read(at position: Int, into buffer: UnsafeMutableRawBufferPointer) -> Int {
        while true {
            let got = pread(descriptor, buffer.baseAddress, buffer.count, off_t(position))
            if got < 0 && errno == EINTR { continue }
            if got < 0 { failed = true }
            return got
        }
    }

    /// Why reading it went wrong, where that is not the photograph's fault.
    var trouble: Problem? {
        if failed { return Problem(.internal, "The file cannot be read.") }
        var status = stat()
        guard cvips_file_status(descriptor, &status) == 0, Int(status.st_size) == size else {
            return Problem(.internal, "The file changed while it was read.")
        }
        return nil
    }
}
