// The pixels of one image of a GIF: the sub-blocks' bytes, and LZW with codes that grow (GIF89a,
// appendix F).

struct GIFPixels {
    /// An image that sticks out of its screen may be larger than that, but not than any screen.
    private static let mostPixels = 50_000_000

    /// Indices into the palette, row after row.
    let indices: [UInt8]

    /// Nil where pixels are missing.
    init?(_ image: GIFImage, _ bytes: inout HeaderBytes) throws(HeaderFault) {
        let codeSize = Int(try bytes[image.data])
        guard (1...8).contains(codeSize), image.size.area <= Self.mostPixels else { return nil }
        let data = Self.joined(&bytes, from: image.data + 1)
        guard let packed = LZW.unpacked(data, codeSize: codeSize, count: image.size.area) else {
            return nil
        }
        indices = image.isInterlaced ? Self.inOrder(packed, image.size) : packed
    }

    /// All sub-blocks up to the empty one, or to the end of the file.
    private static func joined(_ bytes: inout HeaderBytes, from start: Int) -> [UInt8] {
        var data: [UInt8] = []
        var offset = start
        while let length = try? bytes[offset], length > 0 {
            data += bytes.bytes(at: offset + 1, count: Int(length))
            offset += 1 + Int(length)
        }
        return data
    }

    /// Rows come in four passes (appendix E).
    private static func inOrder(_ packed: [UInt8], _ size: PixelSize) -> [UInt8] {
        var rows: [Int] = []
        for (first, step) in [(0, 8), (4, 8), (2, 4), (1, 2)] {
            rows += stride(from: first, to: size.height, by: step)
        }
        var indices = packed
        for (place, row) in rows.enumerated() {
            let (from, to) = (place * size.width, row * size.width)
            indices.replaceSubrange(to..<to + size.width, with: packed[from..<from + size.width])
        }
        return indices
    }
}

private struct LZW {
    /// Codes have at most 12 bits.
    private static let mostCodes = 4096

    /// A string is a shorter one and a last byte; the shorter one's first byte is its own.
    private var shorter = [UInt16](repeating: 0, count: mostCodes)
    private var last = [UInt8](repeating: 0, count: mostCodes)
    private var first = [UInt8](repeating: 0, count: mostCodes)
    private var length = [Int](repeating: 1, count: mostCodes)

    private init(codeSize: Int) {
        for code in 0..<(1 << codeSize) {
            last[code] = UInt8(code)
            first[code] = UInt8(code)
        }
    }

    /// The first `count` bytes; nil where there are fewer. What follows them is nobody's.
    static func unpacked(_ data: [UInt8], codeSize: Int, count: Int) -> [UInt8]? {
        // No byte of data becomes more than 4,096 codes' longest string.
        guard count > 0, count / mostCodes <= data.count else { return nil }
        var table = LZW(codeSize: codeSize)
        var written = 0
        let pixels = [UInt8](unsafeUninitializedCapacity: count) { out, filled in
            written = table.unpack(data, codeSize: codeSize, into: out)
            filled = written
        }
        return written == count ? pixels : nil
    }

    /// How many bytes were written before the data, or the sense in it, ended.
    private mutating func unpack(
        _ data: [UInt8], codeSize: Int, into out: UnsafeMutableBufferPointer<UInt8>
    ) -> Int {
        let clear = 1 << codeSize
        var (next, size, written) = (clear + 2, codeSize + 1, 0)
        var previous: Int?
        var (bits, available) = (0, 0)
        for byte in data {
            bits |= Int(byte) << available
            available += 8
            while available >= size {
                let code = bits & (1 << size - 1)
                bits >>= size
                available -= size
                if code == clear {
                    (next, size, previous) = (clear + 2, codeSize + 1, nil)
                    continue
                }
                let known = previous == nil ? clear : min(next + 1, Self.mostCodes)
                guard code < known, code != clear + 1 else { return written }
                if let previous, next < Self.mostCodes {
                    append(previous, code == next ? first[previous] : first[code], as: next)
                    next += 1
                    if next == 1 << size, size < 12 { size += 1 }
                }
                written = write(code, into: out, at: written)
                if written == out.count { return written }
                previous = code
            }
        }
        return written
    }

    private mutating func append(_ string: Int, _ byte: UInt8, as code: Int) {
        shorter[code] = UInt16(string)
        last[code] = byte
        first[code] = first[string]
        length[code] = length[string] + 1
    }

    /// Writes a string from its end, as far as there is room, and returns where that ended.
    private func write(
        _ code: Int, into out: UnsafeMutableBufferPointer<UInt8>, at start: Int
    ) -> Int {
        let end = start + length[code]
        var code = code
        for place in stride(from: end - 1, through: start, by: -1) {
            if place < out.count { out[place] = last[code] }
            code = Int(shorter[code])
        }
        return min(end, out.count)
    }
}
