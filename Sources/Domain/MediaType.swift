// The image formats Revela speaks, and which of them it takes in.

/// An image format by its registered media type (RFC 6838).
package enum MediaType: String, Codable, Sendable, Hashable, CaseIterable {
    case jpeg = "image/jpeg"
    case png = "image/png"
    case webp = "image/webp"
    case gif = "image/gif"
    case avif = "image/avif"
    case heic = "image/heic"
    case jpegXL = "image/jxl"

    /// Formats accepted as input.
    package static let inputs: [MediaType] = [.jpeg, .png, .webp, .gif, .avif, .heic, .jpegXL]

    /// Input formats accepted only while the worker's sandbox is whole: their decoders are large
    /// and parse deeply nested boxes, or young (docs/decisions/0024-jpeg-xl-in.md).
    package static let riskyInputs: Set<MediaType> = [.avif, .heic, .jpegXL]

    package static let outputs: [MediaType] = [.webp, .jpeg, .avif, .png, .jpegXL, .gif]

    /// The customary file name extension, without the dot.
    package var fileExtension: String {
        switch self {
        case .jpeg: "jpg"
        case .png: "png"
        case .webp: "webp"
        case .gif: "gif"
        case .avif: "avif"
        case .heic: "heic"
        case .jpegXL: "jxl"
        }
    }
}
