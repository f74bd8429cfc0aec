// Ownership of libvips' reference-counted objects, and its start. Nothing here is Sendable: a job
// runs on one thread, and its objects never leave it.

internal import CVips
internal import Glibc

/// A failure of libvips. Its message buffer is shared by the whole process and can be empty, so
/// the text serves logs and no decision.
struct VipsFailure: Error, Sendable {
    let message: String

    /// Takes the message that the last failed call left.
    static func taken() -> VipsFailure {
        defer { vips_error_clear() }
        return VipsFailure(message: String(cString: vips_error_buffer()))
    }
}

enum Vips {
    /// Starts libvips for one job at a time: one thread, no cache, no untrusted code.
    static func start() throws(VipsFailure) {
        // Its warnings go to standard error, which nobody reads, and cost time.
        setenv("VIPS_WARNING", "1", 1)
        // Larger pictures would be decoded to a file, which the sandbox denies; limits bound memory.
        setenv("VIPS_DISC_THRESHOLD", "16g", 1)
        guard VipsModules.loaded(around: cvips_start) == 0 else { throw .taken() }
        vips_concurrency_set(1)
        vips_cache_set_max(0)
        vips_block_untrusted_set(1)
        // Blocked with the rest. Its decoder is run in a whole sandbox alone, as HEIC's is.
        vips_operation_block_set("VipsForeignSaveJxl", 0)
        vips_operation_block_set("VipsForeignLoadJxl", 0)
    }

    /// Pictures over this many bytes would be decoded to a file.
    static var diskThreshold: Int { Int(vips_get_disc_threshold()) }

    static var version: String { String(cString: vips_version_string()) }
}

/// An owned reference to a GObject.
class GObjectReference {
    let pointer: UnsafeMutableRawPointer

    init(owning pointer: UnsafeMutableRawPointer) {
        self.pointer = pointer
    }

    deinit {
        cvips_unref(pointer)
    }
}
