// A WebP file's chunks (RFC 9649 section 2), for taking out what is neither picture nor pace.

enum WebPContainer {
    private static let metadata: [[UInt8]] = ["EXIF", "XMP ", "ICCP"].map { Array($0.utf8) }
    /// Of the first byte of VP8X, the bits that announce them (section 2.7).
    private static let announcements: UInt8 = 0x20 | 0x08 | 0x04

    /// The same file without EXIF, XMP and profile. Meant for files we have just encoded: one
    /// that is no WebP comes back as it is.
    static func withoutMetadata(_ file: [UInt8]) -> [UInt8] {
        guard file.starts(with: "RIFF".utf8), file.dropFirst(8).starts(with: "WEBP".utf8) else {
            return file
        }
        var out = Array(file.prefix(12))
        var offset = 12
        while offset + 8 <= file.count {
            let type = Array(file[offset..<offset + 4])
            let length = (4..<8).reduce(0) { $0 | Int(file[offset + $1]) << (8 * ($1 - 4)) }
            // Chunks are padded to an even length.
            let end = min(file.count, offset + 8 + length + length % 2)
            if !metadata.contains(type) {
                let start = out.count
                out += file[offset..<end]
                if type == Array("VP8X".utf8), out.count > start + 8 {
                    out[start + 8] &= ~announcements
                }
            }
            offset = end
        }
        let size = out.count - 8
        for index in 0..<4 { out[4 + index] = UInt8(size >> (8 * index) & 255) }
        return out
    }
}
