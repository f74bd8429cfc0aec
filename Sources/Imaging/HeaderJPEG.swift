// JPEG, ITU-T T.81 annex B: a list of marker segments up to the frame header, and behind it the scans.

internal import Domain

extension ImageHeader {
    /// More segments than any camera writes before the frame header; ICC profiles and extended
    /// XMP come in pieces of 64 KiB.
    private static let mostSegments = 10_000

    static func jpeg(
        _ bytes: inout HeaderBytes, _ extent: Extent
    ) throws(HeaderFault) -> ImageHeader {
        var offset = 2
        for _ in 0..<mostSegments {
            let marker = try JPEGMarker.next(&bytes, &offset)
            switch marker {
            case 0x01, 0xD0...0xD7: continue
            case 0xC0, 0xC1, 0xC2:
                var header = try frame(&bytes, at: offset, marker: marker)
                guard extent == .whole else { return header }
                try JPEGScans(&bytes, frame: offset, isProgressive: marker == 0xC2).check(&bytes)
                // Whoever finds the end missing finds it here.
                header.added = [0xFF, 0xD9]
                return header
            // Lossless, hierarchical and arithmetic frames: nobody photographs in them.
            case 0xC3, 0xC5...0xC7, 0xC9...0xCB, 0xCD...0xCF: throw .unsupported
            // A second start, an end or a scan before the frame.
            case 0xD8, 0xD9, 0xDA: throw .malformed
            default: try JPEGMarker.pass(&bytes, &offset)
            }
        }
        throw .malformed
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

enum JPEGMarker {
    /// The next marker's second byte; `offset` then stands behind it. Any number of FF may fill
    /// (B.1.1.2), and what else lies before it is passed over, as libjpeg does: cameras leave bytes
    /// there. FF 00 is no marker.
    static func next(
        _ bytes: inout HeaderBytes, _ offset: inout Int
    ) throws(HeaderFault) -> UInt8 {
        while true {
            offset = try bytes.position(of: 0xFF, from: offset)
            while try bytes[offset] == 0xFF { offset += 1 }
            offset += 1
            let marker = try bytes[offset - 1]
            if marker != 0 { return marker }
        }
    }

    /// Steps over a segment, whose length counts itself.
    static func pass(_ bytes: inout HeaderBytes, _ offset: inout Int) throws(HeaderFault) {
        let length = try bytes.bigEndian(offset, 2)
        guard length >= 2 else { throw .malformed }
        offset += length
    }
}
