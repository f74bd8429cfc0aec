// Ownership of libvips' reference-counted objects, and its start. Nothing here is Sendable: a job
// runs on one thread, and its objects never leave it.

internal import CVips

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
        guard cvips_start() == 0 else { throw .taken() }
        vips_concurrency_set(1)
        vips_cache_set_max(0)
        vips_block_untrusted_set(1)
        // The encoder is blocked along with the decoder; only the decoder is untrusted.
        vips_operation_block_set("VipsForeignSaveJxl", 0)
    }

    static var version: String { String(cString: vips_version_string()) }
}

/// An owned reference to a GObject.
class VipsObject {
    let pointer: UnsafeMutableRawPointer

    init(owning pointer: UnsafeMutableRawPointer) {
        self.pointer = pointer
    }

    deinit {
        cvips_unref(pointer)
    }
}
