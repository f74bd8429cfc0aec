// WebP, RFC 9649: a RIFF file whose first chunk says which of three kinds it is.

internal import Domain

extension ImageHeader {
    private static let mostChunks = 100_000

    static func webp(
        _ bytes: inout HeaderBytes, _ extent: Extent
    ) throws(HeaderFault) -> ImageHeader {
        let end = 8 + (try bytes.littleEndian(4, 4))
        if let total = bytes.total, end > total { throw .truncated }
        var header = try canvas(&bytes)
        guard extent == .whole else { return header }
        header.frames = try countFrames(&bytes, end: end)
        return header
    }

    private static func canvas(_ bytes: inout HeaderBytes) throws(HeaderFault) -> ImageHeader {
        let size: (width: Int, height: Int)
        switch try bytes.fourCharacters(12) {
        case "VP8 ":
            // The key frame's start code, RFC 6386 section 9.1; two bits of scaling above 14.
            guard try bytes.matches([0x9D, 0x01, 0x2A], at: 23) else { throw .malformed }
            size = (try bytes.littleEndian(26, 2) & 0x3FFF, try bytes.littleEndian(28, 2) & 0x3FFF)
        case "VP8L":
            guard try bytes[20] == 0x2F else { throw .malformed }
            let packed = try bytes.littleEndian(21, 4)
            size = ((packed & 0x3FFF) + 1, (packed >> 14 & 0x3FFF) + 1)
        case "VP8X":
            size = (try bytes.littleEndian(24, 3) + 1, try bytes.littleEndian(27, 3) + 1)
        default: throw .malformed
        }
        return ImageHeader(
            mediaType: .webp, width: size.width, height: size.height, frames: nil)
    }

    /// A still image is one frame; an animation has an ANMF chunk for each.
    private static func countFrames(
        _ bytes: inout HeaderBytes, end: Int
    ) throws(HeaderFault) -> Int {
        var offset = 12
        var frames = 0
        var stills = 0
        for _ in 0..<mostChunks {
            guard offset + 8 <= end else {
                guard frames + stills > 0 else { throw .malformed }
                return max(frames, stills)
            }
            let type = try bytes.fourCharacters(offset)
            let length = try bytes.littleEndian(offset + 4, 4)
            if type == "ANMF" { frames += 1 }
            if type == "VP8 " || type == "VP8L" { stills = 1 }
            // Chunks are padded to an even length.
            offset += 8 + length + length % 2
            try bytes.reaches(min(offset, end))
            guard offset <= end + 1 else { throw .malformed }
        }
        throw .malformed
    }
}
