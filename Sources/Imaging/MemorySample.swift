// A file in memory for the warm-up, so that codecs run on descriptors as they do on photographs.

internal import CVips
internal import FoundationEssentials
internal import Glibc

final class MemorySample {
    let descriptor: Int32

    init() throws(VipsFailure) {
        descriptor = cvips_memory_file()
        guard descriptor >= 0 else { throw VipsFailure(message: "no memory file") }
    }

    /// A file with these contents.
    convenience init(base64: String) throws(VipsFailure) {
        try self.init()
        guard let data = Data(base64Encoded: base64),
            data.withUnsafeBytes({ OutputFile(descriptor: descriptor).append($0) })
        else { throw VipsFailure(message: "no sample") }
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
    }

    func size() throws(VipsFailure) -> Int {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw VipsFailure(message: "no size") }
        return Int(status.st_size)
    }
}
