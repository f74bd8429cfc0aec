// PNG, W3C PNG 3rd edition, sections 5 and 11: IHDR first, the pixels in IDAT, and IEND last. What
// lies behind the pixels is not needed to see them.

internal import Domain

extension ImageHeader {
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
        // Of an animated PNG every decoder here reads the default image only.
        var header = ImageHeader(
            mediaType: .png, width: width, height: height, frames: 1, isInterlaced: interlace == 1)
        guard extent == .whole else { return header }
        // Eight bytes a pixel and one a row, and interlaced there are more rows than lines.
        let most = (min(width, 1 << 16) * 8 + 1) * min(height, 1 << 16) * 2
        var chunks = PNGChunks(mostBytes: most)
        try chunks.walk(&bytes)
        header.colour = chunks.colour.declared
        header.hidden = chunks.hidden
        header.added = chunks.added
        return header
    }
}

/// The chunks of a PNG, as far as they matter here.
private struct PNGChunks {
    /// Encoders write chunks of 8 KiB and more: 200 MiB need 25,600.
    private static let most = 200_000

    private(set) var colour = PNGColour()
    /// Where an sRGB chunk is, before a profile.
    private var plain: Range<Int>?
    private var hasProfile = false
    /// Where the chunks of text are that no decoder is to see.
    private var text: [Range<Int>] = []
    /// Where the chunks of pixels are, from length to check sum.
    private var data: [Range<Int>] = []
    private var hasEnd = false
    /// Check sums that the file lacks.
    private(set) var added: [UInt8] = []
    private let mostBytes: Int

    init(mostBytes: Int) {
        self.mostBytes = mostBytes
    }

    /// To IEND, or as far as the file goes behind the pixels. Whether they are all there, their
    /// decoder says.
    mutating func walk(_ bytes: inout HeaderBytes) throws(HeaderFault) {
        var offset = 8
        for _ in 0..<Self.most {
            do throws(HeaderFault) {
                let length = try bytes.bigEndian(offset, 4)
                guard length <= Int32.max else { throw .malformed }
                let type = try bytes.fourCharacters(offset + 4)
                // Length, type and check sum frame the data.
                let chunk = offset..<offset + 12 + length
                if type == "IDAT" { data.append(chunk) }
                try bytes.reaches(chunk.upperBound)
                if data.isEmpty { try note(type, at: chunk, &bytes) }
                if try Self.isHidden(type, at: chunk, &bytes) { text.append(chunk) }
                offset = chunk.upperBound
                hasEnd = type == "IEND"
            } catch .truncated where !data.isEmpty {
                return try completeData(&bytes)
            }
            if hasEnd {
                guard !data.isEmpty else { throw .malformed }
                return
            }
        }
        throw .malformed
    }

    /// The file is at its end. It may lie in the last chunk of pixels.
    private mutating func completeData(_ bytes: inout HeaderBytes) throws(HeaderFault) {
        guard let last = data.last, last.upperBound > bytes.available else { return }
        guard let missing = PNGTail(chunks: data, mostBytes: mostBytes).missing(&bytes) else {
            throw .truncated
        }
        added = missing
    }

    private mutating func note(
        _ type: String, at chunk: Range<Int>, _ bytes: inout HeaderBytes
    ) throws(HeaderFault) {
        let content = chunk.lowerBound + 8..<chunk.upperBound - 4
        switch type {
        case "iCCP": hasProfile = true
        case "sRGB":
            plain = plain ?? chunk
            colour.isPlain = true
        case "gAMA" where content.count == 4:
            colour.gamma = try bytes.bigEndian(content.lowerBound, 4)
        case "cHRM" where content.count == 32:
            var numbers: [Int] = []
            for index in 0..<8 {
                numbers.append(try bytes.bigEndian(content.lowerBound + 4 * index, 4))
            }
            colour.chromaticities = numbers
        case "cICP" where content.count == 4:
            var numbers: [Int] = []
            for place in content { numbers.append(Int(try bytes[place])) }
            colour.codePoints = numbers
        default: break
        }
    }

    /// Text as XMP is at most some ten thousand bytes.
    private static let mostText = 1 << 20

    /// Whether it is text that is compressed, or large. What is compressed can be a thousand times as
    /// large, and a decoder unpacks it before anybody asks for it.
    private static func isHidden(
        _ type: String, at chunk: Range<Int>, _ bytes: inout HeaderBytes
    ) throws(HeaderFault) -> Bool {
        let content = chunk.lowerBound + 8..<chunk.upperBound - 4
        switch type {
        case "zTXt": return true
        case "tEXt": return content.count > mostText
        case "iTXt":
            guard content.count <= mostText else { return true }
            // A keyword of at most 79 bytes and a zero, then whether the text is compressed.
            for place in content.prefix(80).dropLast() where try bytes[place] == 0 {
                return try bytes[place + 1] != 0
            }
            return true
        default: return false
        }
    }

    /// Text, and an sRGB chunk before a profile: libpng takes the first of the two, and the standard
    /// the profile (section 4.3).
    var hidden: [Range<Int>] {
        let plain = hasProfile ? plain.map { [$0] } ?? [] : []
        return (text + plain).sorted { $0.lowerBound < $1.lowerBound }
    }
}

/// What a PNG says of its colour outside of a profile.
private struct PNGColour {
    var isPlain = false
    /// gAMA, in 1/100,000 (section 11.3.2.2); 0 is none.
    var gamma = 0
    /// cHRM: white, red, green and blue, x and y of each, in 1/100,000.
    var chromaticities: [Int]?
    /// cICP: primaries, transfer, matrix, and whether the range is full.
    var codePoints: [Int]?

    /// cICP goes before a profile, that before sRGB, that before gAMA and cHRM (section 4.3).
    var declared: DeclaredColour? {
        // Matrix 0 is the only one there is for RGB. A narrow range no browser takes either.
        if let codePoints, codePoints[2...] == [0, 1],
            let encoding = ColourEncoding(primaries: codePoints[0], transfer: codePoints[1])
        {
            return DeclaredColour(encoding: encoding, beatsProfile: true)
        }
        return byGamma.map { DeclaredColour(encoding: $0, beatsProfile: false) }
    }

    /// Chromaticities alone do not say how bright anything is, and a gamma of 1/2.2 alone is how
    /// programs have always written sRGB.
    private var byGamma: ColourEncoding? {
        guard !isPlain, gamma > 0 else { return nil }
        let transfer = Transfer.power(100_000 / Double(gamma))
        guard let chromaticities else {
            return gamma == 45_455 ? nil : ColourEncoding(primaries: .sRGB, transfer: transfer)
        }
        let points = stride(from: 0, to: 8, by: 2).map {
            Chromaticity(
                x: Double(chromaticities[$0]) / 100_000, y: Double(chromaticities[$0 + 1]) / 100_000
            )
        }
        let primaries = Primaries(
            white: points[0], red: points[1], green: points[2], blue: points[3])
        return ColourEncoding(primaries: primaries, transfer: transfer)
    }
}
