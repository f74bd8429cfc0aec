// What libjpeg only warns of. Bytes too many between two markers are harmless; data that ends before
// the picture is not, and is filled with grey.

internal import CJPEG

/// From here on; one at a time.
struct JPEGWatch {
    init() { cjpeg_begin() }

    /// Whether libjpeg's warnings can be heard, once something was decoded.
    static var isListening: Bool { cjpeg_is_listening() }

    func check() throws(VipsFailure) {
        guard !cjpeg_made_up_pixels() else {
            throw VipsFailure(message: "the data ends before the picture")
        }
    }
}
