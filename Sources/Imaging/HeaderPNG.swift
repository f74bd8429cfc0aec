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
        if extent == .whole { try checkChunks(&bytes) }
        // Of an animated PNG every decoder here reads the default image only.
        return ImageHeader(
            mediaType: .png, width: width, height: height, frames: 1, isInterlaced: interlace == 1)
    }

    /// Walks the chunks to the last byte of IEND. libvips is content without the last two.
    private static func checkChunks(_ bytes: inout HeaderBytes) throws(HeaderFault) {
        var offset = 8
        var hasData = false
        for _ in 0..<mostChunks {
            let length = try bytes.bigEndian(offset, 4)
            guard length <= Int32.max else { throw .malformed }
            let type = try bytes.fourCharacters(offset + 4)
            // Length, type and check sum frame the data.
            offset += 12 + length
            try bytes.reaches(offset)
            if type == "IDAT" { hasData = true }
            if type == "IEND" {
                guard hasData, length == 0 else { throw .malformed }
                return
            }
        }
        throw .malformed
    }
}
