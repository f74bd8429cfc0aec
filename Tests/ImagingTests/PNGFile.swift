// PNG by its chunks.

enum PNGFile {
    struct Chunk {
        let type: String
        let offset: Int
        let data: [UInt8]
    }

    static func chunks(_ file: [UInt8]) -> [Chunk] {
        var chunks: [Chunk] = []
        var offset = 8
        while offset + 12 <= file.count {
            let length = file[offset..<offset + 4].reduce(0) { $0 << 8 | Int($1) }
            let data = Array(file[offset + 8..<offset + 8 + length])
            let type = String(decoding: file[offset + 4..<offset + 8], as: UTF8.self)
            chunks.append(Chunk(type: type, offset: offset, data: data))
            offset += 12 + length
        }
        return chunks
    }

    static func chunk(_ type: String, _ data: [UInt8]) -> [UInt8] {
        big(data.count) + Array(type.utf8) + data + big(Int(crc(Array(type.utf8) + data)))
    }

    static func big(_ number: Int) -> [UInt8] {
        [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: number >> $0) }
    }

    /// The same file with more chunks right behind its header.
    static func file(_ file: [UInt8], with chunks: [[UInt8]]) -> [UInt8] {
        Array(file.prefix(33)) + chunks.joined() + file.dropFirst(33)
    }

    /// PNG 3rd edition, annex D, bit by bit.
    private static func crc(_ bytes: [UInt8]) -> UInt32 {
        var value = ~UInt32(0)
        for byte in bytes {
            value ^= UInt32(byte)
            for _ in 0..<8 { value = value & 1 == 1 ? (value >> 1) ^ 0xEDB8_8320 : value >> 1 }
        }
        return ~value
    }
}
