// GIF89a: a screen, then blocks of sub-blocks up to the trailer.

internal import Domain

extension ImageHeader {
    /// A sub-block holds up to 255 bytes, and encoders fill them: 200 MiB need 830,000.
    private static let mostBlocks = 2_000_000

    static func gif(
        _ bytes: inout HeaderBytes, _ extent: Extent
    ) throws(HeaderFault) -> ImageHeader {
        var header = ImageHeader(
            mediaType: .gif,
            width: try bytes.littleEndian(6, 2), height: try bytes.littleEndian(8, 2),
            frames: nil)
        guard extent == .whole else { return header }
        var walk = GIFWalk(offset: 13 + colorTable(try bytes[10]))
        try walk.toTrailer(&bytes, mostBlocks: mostBlocks)
        guard walk.frames > 0 else { throw .malformed }
        header.frames = walk.frames
        header.isInterlaced = walk.isInterlaced
        return header
    }

    /// The size in bytes of the colour table that the packed field announces.
    fileprivate static func colorTable(_ packed: UInt8) -> Int {
        packed & 0x80 == 0 ? 0 : 3 << (Int(packed & 7) + 1)
    }
}

private struct GIFWalk {
    var offset: Int
    var frames = 0
    var isInterlaced = false
    private var blocks = 0

    init(offset: Int) {
        self.offset = offset
    }

    /// Counts frames up to the trailer, which must be there: a file cut between two frames
    /// differs from a whole one in nothing else.
    mutating func toTrailer(_ bytes: inout HeaderBytes, mostBlocks: Int) throws(HeaderFault) {
        while true {
            switch try bytes[offset] {
            case 0x3B: return
            case 0x21: offset += 2
            case 0x2C:
                let packed = try bytes[offset + 9]
                if packed & 0x40 != 0 { isInterlaced = true }
                frames += 1
                // The descriptor, its colour table, and the code size byte.
                offset += 10 + ImageHeader.colorTable(packed) + 1
            default: throw .malformed
            }
            try skipSubBlocks(&bytes, mostBlocks: mostBlocks)
        }
    }

    private mutating func skipSubBlocks(
        _ bytes: inout HeaderBytes, mostBlocks: Int
    ) throws(HeaderFault) {
        while true {
            blocks += 1
            guard blocks <= mostBlocks else { throw .malformed }
            let length = Int(try bytes[offset])
            offset += 1 + length
            if length == 0 { return }
        }
    }
}
