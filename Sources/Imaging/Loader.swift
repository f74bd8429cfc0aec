// libvips' decoders, each called by its own name: which one runs is decided by our check of the
// file and never by libvips' own sniffing. GIF has none: GIFScreen decodes it.

internal import Domain

enum Loader {
    /// Opens a file, reading its header only; pixels come row by row when they are asked for.
    /// `shrink` is 1, 2, 4 or 8 and counts for JPEG and WebP, whose decoders do it in passing.
    static func open(
        _ file: CheckedFile, shrink: Int = 1, allFrames: Bool = false
    ) throws(VipsFailure) -> Raster {
        try open(
            file.source, as: file.header.mediaType, shrink: shrink, allFrames: allFrames)
    }

    static func open(
        _ source: PhotoSource, as mediaType: MediaType, shrink: Int = 1, allFrames: Bool = false
    ) throws(VipsFailure) -> Raster {
        guard let name = name(of: mediaType) else {
            throw VipsFailure(message: "\(mediaType.rawValue) is not libvips' to decode")
        }
        let operation = try Operation(name)
        // Without fail_on a file cut at a tenth becomes a fine image, grey below.
        try operation.set(["source": .object(source), "access": "sequential", "fail_on": "error"])
        if shrink > 1 {
            switch mediaType {
            case .jpeg: try operation.set("shrink", .number(Double(shrink)))
            case .webp: try operation.set("scale", .number(1 / Double(shrink)))
            case .png, .gif, .avif, .heic, .jpegXL: break
            }
        }
        if allFrames { try operation.set("n", -1) }
        return try operation.image()
    }

    private static func name(of mediaType: MediaType) -> String? {
        switch mediaType {
        case .jpeg: "jpegload_source"
        case .png: "pngload_source"
        case .gif: nil
        case .webp: "webpload_source"
        case .avif, .heic: "heifload_source"
        case .jpegXL: "jxlload_source"
        }
    }
}
