// libvips' decoders, each called by its own name: which one runs is decided by our check of the
// file and never by libvips' own sniffing.

internal import Domain

enum Loader {
    /// Opens a file, reading its header only; pixels come row by row when they are asked for.
    /// `shrink` is 1, 2, 4 or 8 and counts for JPEG alone, whose decoder does it in passing.
    static func open(
        _ file: CheckedFile, shrink: Int = 1
    ) throws(VipsFailure) -> Raster {
        let source = PhotoSource(descriptor: file.descriptor, size: file.size)
        return try open(source, as: file.header.mediaType, shrink: shrink)
    }

    static func open(
        _ source: PhotoSource, as mediaType: MediaType, shrink: Int = 1
    ) throws(VipsFailure) -> Raster {
        let operation = try Operation(name(of: mediaType))
        // Without fail_on a file cut at a tenth becomes a fine image, grey below.
        try operation.set(["source": .object(source), "access": "sequential", "fail_on": "error"])
        if mediaType == .jpeg, shrink > 1 {
            try operation.set("shrink", .number(Double(shrink)))
        }
        return try operation.image()
    }

    private static func name(of mediaType: MediaType) -> String {
        switch mediaType {
        case .jpeg: "jpegload_source"
        case .png: "pngload_source"
        case .gif: "gifload_source"
        case .webp: "webpload_source"
        case .avif, .heic: "heifload_source"
        case .jpegXL: "jxlload_source"
        }
    }
}
