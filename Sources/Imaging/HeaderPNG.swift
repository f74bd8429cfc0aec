// PNG, W3C PNG 3rd edition, sections 5 and 11: IHDR first, IEND last.

internal import Domain

extension ImageHeader {
    /// Encoders write chunks of 8 KiB and more: 200 MiB need 25,600.
    private static let mostChunks = 200_000

    static func png(
        _ bytes: inout HeaderBytes, _ extent: Extent
    ) throws(HeaderFault) -> ImageHeader {
        guard try bytes.bigEndian(8, 4) == 13, try bytes.fourCharacters(12) == "IHDR" else {
            throw .malformed
        }
        let width = try bytes.bigEndian(16, 4)
        let height = try bytes.bigEndian(20, 4)
        guard width <= Int32.max, height <= Int32.max else { throw .malformed }
        let interlace = try bytes[28]
        guard interlace <= 1 else { throw .malformed }
        var header = ImageHeader(
            mediaType: .png, width: width, height: height, frames: 1, isInterlaced: interlace == 1)
        if extent == .whole { header.hidden = try checkChunks(&bytes) }
        // Of an animated PNG every decoder here reads the default image only.
        return header
    }

    /// Walks the chunks to the last byte of IEND; libvips is content without the last two. Returns
    /// where the chunks of text lie that no decoder is to see: what is compressed in them can be a
    /// thousand times as large, and is unpacked before anybody asks for it.
    private static func checkChunks(
        _ bytes: inout HeaderBytes
    ) throws(HeaderFault) -> [Range<Int>] {
        var offset = 8
        var hasData = false
        var hidden: [Range<Int>] = []
        for _ in 0..<mostChunks {
            let start = offset
            let length = try bytes.bigEndian(offset, 4)
            guard length <= Int32.max else { throw .malformed }
            let type = try bytes.fourCharacters(offset + 4)
            // Length, type and check sum frame the data.
            offset += 12 + length
            try bytes.reaches(offset)
            if type == "IDAT" { hasData = true }
            if type == "IEND" {
                guard hasData, length == 0 else { throw .malformed }
                return hidden
            }
            guard try isHidden(type, length, at: start + 8, &bytes) else { continue }
            if let last = hidden.last, last.upperBound == start {
                hidden[hidden.count - 1] = last.lowerBound..<offset
            } else {
                hidden.append(start..<offset)
            }
        }
        throw .malformed
    }

    /// Text as XMP is at most some ten thousand bytes.
    private static let mostText = 1 << 20

    private static func isHidden(
        _ type: String, _ length: Int, at start: Int, _ bytes: inout HeaderBytes
    ) throws(HeaderFault) -> Bool {
        switch type {
        case "zTXt": return true
        case "tEXt": return length > mostText
        case "iTXt":
            guard length <= mostText else { return true }
            // A keyword of at most 79 bytes and a zero, then whether the text is compressed.
            for index in 0..<min(80, length - 1) where try bytes[start + index] == 0 {
                return try bytes[start + index + 1] != 0
            }
            return true
        default: return false
        }
    }
}
