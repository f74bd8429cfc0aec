// A PNG that ends inside of its last chunk of pixels. Where nothing is missing there but check sums,
// its pixels are whole, and the decoder, which insists on them, is shown what they would have been.

internal import CZlib

struct PNGTail {
    /// The chunks of pixels in the file, the last one cut.
    let chunks: [Range<Int>]
    /// What the pixels of the picture unpack to at most, in bytes.
    let mostBytes: Int

    /// What is missing; nil where pixels are.
    func missing(_ bytes: inout HeaderBytes) -> [UInt8]? {
        guard let last = chunks.last else { return nil }
        // Length and type come before the data, four bytes of check sum behind it.
        let (start, end) = (last.lowerBound + 8, last.upperBound - 4)
        guard start < bytes.available, end - bytes.available <= 4 else { return nil }
        var sum: [UInt8] = []
        if end > bytes.available {
            guard let whole = adler(bytes) else { return nil }
            sum = whole.suffix(end - bytes.available)
        }
        let known = max(0, bytes.available - end)
        return sum
            + checkSum(bytes, from: start - 4, to: min(end, bytes.available), sum).dropFirst(known)
    }

    /// CRC-32 of a part of the file and what follows it.
    private func checkSum(
        _ bytes: HeaderBytes, from start: Int, to end: Int, _ more: [UInt8]
    ) -> [UInt8] {
        var value = crc32(0, nil, 0)
        for piece in Self.pieces(start..<end) {
            let some = bytes.bytes(at: piece.lowerBound, count: piece.count)
            value = crc32(value, some, UInt32(some.count))
        }
        return Self.bigEndian(crc32(value, more, UInt32(more.count)))
    }

    /// The check sum behind the packed pixels, if these are all there.
    private func adler(_ bytes: HeaderBytes) -> [UInt8]? {
        var stream = z_stream()
        guard
            inflateInit_(&stream, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK
        else { return nil }
        defer { inflateEnd(&stream) }
        for chunk in chunks {
            for piece in Self.pieces(
                chunk.lowerBound + 8..<min(chunk.upperBound - 4, bytes.available))
            {
                guard unpack(bytes.bytes(at: piece.lowerBound, count: piece.count), &stream) == Z_OK
                else { return nil }
            }
        }
        let sum = Self.bigEndian(stream.adler)
        let missing = (chunks.last?.upperBound ?? 0) - 4 - bytes.available
        return unpack(Array(sum.suffix(missing)), &stream) == Z_STREAM_END ? sum : nil
    }

    /// Takes all of `packed`, and forgets what it unpacks to.
    private func unpack(_ packed: [UInt8], _ stream: inout z_stream) -> Int32 {
        var packed = packed
        return packed.withUnsafeMutableBufferPointer { input in
            stream.next_in = input.baseAddress
            stream.avail_in = UInt32(input.count)
            return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 65_536) { output in
                while stream.total_out <= mostBytes {
                    stream.next_out = output.baseAddress
                    stream.avail_out = UInt32(output.count)
                    let status = inflate(&stream, Z_NO_FLUSH)
                    // Nothing to do is no error.
                    if status == Z_BUF_ERROR || (status == Z_OK && stream.avail_out > 0) {
                        return Z_OK
                    }
                    if status != Z_OK { return status }
                }
                return Z_DATA_ERROR
            }
        }
    }

    private static func pieces(_ range: Range<Int>) -> [Range<Int>] {
        stride(from: range.lowerBound, to: range.upperBound, by: 65_536).map {
            $0..<min($0 + 65_536, range.upperBound)
        }
    }

    private static func bigEndian(_ value: UInt) -> [UInt8] {
        [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) }
    }
}
