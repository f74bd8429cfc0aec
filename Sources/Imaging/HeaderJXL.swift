// JPEG XL, ISO/IEC 18181: a codestream, bare or in a box, that begins with its size. Fields are of
// bits, the lowest of a byte first.

internal import Domain

extension ImageHeader {
    private static let mostBoxes = 1_000

    static func jpegXL(_ bytes: inout HeaderBytes) throws(HeaderFault) -> ImageHeader {
        let start = try bytes[0] == 0xFF ? 0 : codestream(&bytes)
        guard try bytes.matches([0xFF, 0x0A], at: start) else { throw .malformed }
        var fields = JXLFields(bit: (start + 2) * 8)
        let size = try fields.size(&bytes)
        if try fields.isAnimated(&bytes) { throw .foreign(.movingImage) }
        return ImageHeader(
            mediaType: .jpegXL, width: size.width, height: size.height, frames: 1)
    }

    /// Where it begins in a container (18181-2): the content of `jxlc`, or of the first `jxlp` behind
    /// its number.
    private static func codestream(_ bytes: inout HeaderBytes) throws(HeaderFault) -> Int {
        let file = Box(type: "", start: 0, end: bytes.total ?? Int.max)
        var offset = 0
        for _ in 0..<mostBoxes {
            let box = try Box.read(&bytes, at: offset, within: file)
            switch box.type {
            case "jxlc": return box.start
            case "jxlp": return box.start + 4
            default: offset = box.end
            }
        }
        throw .malformed
    }
}

/// A codestream's first fields (18181-1, annex B and section 9).
private struct JXLFields {
    var bit: Int

    private mutating func number(
        _ bytes: inout HeaderBytes, _ count: Int
    ) throws(HeaderFault) -> Int {
        var value = 0
        for place in 0..<count {
            value |= Int(try bytes[bit / 8] >> UInt8(bit % 8) & 1) << place
            bit += 1
        }
        return value
    }

    /// Two bits choose how long a number is.
    private mutating func number(
        _ bytes: inout HeaderBytes, oneOf counts: [Int]
    ) throws(HeaderFault) -> Int {
        try number(&bytes, counts[number(&bytes, 2)])
    }

    /// The size header: in eights where it is small, and the width by a ratio where there is one.
    mutating func size(_ bytes: inout HeaderBytes) throws(HeaderFault) -> PixelSize {
        let isInEights = try number(&bytes, 1) == 1
        func side(_ fields: inout JXLFields, _ bytes: inout HeaderBytes) throws(HeaderFault) -> Int
        {
            isInEights
                ? (try fields.number(&bytes, 5) + 1) * 8
                : try fields.number(&bytes, oneOf: [9, 13, 18, 30]) + 1
        }
        let height = try side(&self, &bytes)
        let ratios = [(1, 1), (12, 10), (4, 3), (3, 2), (16, 9), (5, 4), (2, 1)]
        let ratio = try number(&bytes, 3)
        guard ratio > 0 else {
            return PixelSize(width: try side(&self, &bytes), height: height)
        }
        let (across, down) = ratios[ratio - 1]
        return PixelSize(width: height * across / down, height: height)
    }

    /// Of the image's metadata that come next. A preview would be in between; no encoder writes one.
    mutating func isAnimated(_ bytes: inout HeaderBytes) throws(HeaderFault) -> Bool {
        let isDefault = try number(&bytes, 1) == 1
        guard !isDefault, try number(&bytes, 1) == 1 else { return false }
        // The orientation: the decoder turns by itself.
        _ = try number(&bytes, 3)
        if try number(&bytes, 1) == 1 { _ = try size(&bytes) }
        guard try number(&bytes, 1) == 0 else { throw .unsupported }
        return try number(&bytes, 1) == 1
    }
}
