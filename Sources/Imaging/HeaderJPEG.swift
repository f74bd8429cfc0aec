// JPEG, ITU-T T.81 annex B: a list of marker segments up to the frame header.

internal import Domain

extension ImageHeader {
    /// More segments than any camera writes before the frame header; ICC profiles and extended
    /// XMP come in pieces of 64 KiB.
    private static let mostSegments = 10_000

    static func jpeg(_ bytes: inout HeaderBytes) throws(HeaderFault) -> ImageHeader {
        var offset = 2
        for _ in 0..<mostSegments {
            let marker = try nextMarker(&bytes, &offset)
            switch marker {
            case 0x01, 0xD0...0xD7: continue
            case 0xC0, 0xC1, 0xC2: return try frame(&bytes, at: offset, marker: marker)
            // Lossless, hierarchical and arithmetic frames: nobody photographs in them.
            case 0xC3, 0xC5...0xC7, 0xC9...0xCB, 0xCD...0xCF: throw .unsupported
            // A second start, an end or a scan before the frame.
            case 0xD8, 0xD9, 0xDA: throw .malformed
            default:
                let length = try bytes.bigEndian(offset, 2)
                guard length >= 2 else { throw .malformed }
                offset += length
            }
        }
        throw .malformed
    }

    /// The marker's second byte; `offset` then stands behind it. Any number of FF may fill.
    private static func nextMarker(
        _ bytes: inout HeaderBytes, _ offset: inout Int
    ) throws(HeaderFault) -> UInt8 {
        guard try bytes[offset] == 0xFF else { throw .malformed }
        var marker: UInt8 = 0xFF
        while marker == 0xFF {
            offset += 1
            marker = try bytes[offset]
        }
        offset += 1
        guard marker != 0 else { throw .malformed }
        return marker
    }

    /// The frame header, B.2.2: length, precision, lines, samples a line, components.
    private static func frame(
        _ bytes: inout HeaderBytes, at offset: Int, marker: UInt8
    ) throws(HeaderFault) -> ImageHeader {
        let components = Int(try bytes[offset + 7])
        guard try bytes.bigEndian(offset, 2) == 8 + 3 * components else { throw .malformed }
        guard try bytes[offset + 2] == 8 else { throw .unsupported }
        guard [1, 3, 4].contains(components) else { throw .unsupported }
        return ImageHeader(
            mediaType: .jpeg,
            width: try bytes.bigEndian(offset + 5, 2),
            height: try bytes.bigEndian(offset + 3, 2),
            frames: 1, isInterlaced: marker == 0xC2)
    }
}
