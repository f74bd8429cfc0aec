// The bytes our header parser reads: a file that may still be arriving. Every read is checked
// against what is there, so hostile lengths end in an error and never in a trap.

internal import Domain
internal import Glibc

/// Why a header could not be read.
enum HeaderFault: Error, Hashable, Sendable {
    /// None of the formats we know begins like this.
    case unknown
    /// The bytes so far do not say; more of the file will.
    case needsMore
    /// The file ends before the header, or the image, does.
    case truncated
    /// It contradicts its format.
    case malformed
    /// A variant of a known format that is not accepted.
    case unsupported
    /// Something that has words of its own: raw files, TIFF, films.
    case foreign(Problem.Code)
}

/// Random access to the first `available` bytes of a file of `total` bytes, by a small window.
struct HeaderBytes {
    let available: Int
    /// Nil while nobody knows how long the file will be.
    let total: Int?
    private let fetch: (_ offset: Int, _ into: UnsafeMutableRawBufferPointer) -> Int
    private var window: [UInt8] = []
    private var windowStart = 0

    init(
        available: Int, total: Int?,
        fetch: @escaping (_ offset: Int, _ into: UnsafeMutableRawBufferPointer) -> Int
    ) {
        self.available = available
        self.total = total
        self.fetch = fetch
    }

    /// A file of which `available` bytes may be read.
    init(_ file: InputFile, available: Int, total: Int?) {
        self.init(available: available, total: total) { offset, buffer in
            max(0, file.read(at: offset, into: buffer))
        }
    }

    /// Bytes in memory.
    init(_ bytes: [UInt8], total: Int?) {
        self.init(available: bytes.count, total: total) { offset, buffer in
            let part = bytes.dropFirst(offset).prefix(buffer.count)
            buffer.copyBytes(from: part)
            return part.count
        }
    }

    subscript(offset: Int) -> UInt8 {
        mutating get throws(HeaderFault) {
            let index = offset - windowStart
            if index >= 0 && index < window.count { return window[index] }
            try fill(from: offset)
            return window[0]
        }
    }

    private mutating func fill(from offset: Int, most: Int = 4096) throws(HeaderFault) {
        guard offset >= 0 else { throw .malformed }
        guard offset < available else { throw isWhole ? .truncated : .needsMore }
        let size = min(most, available - offset)
        window = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            count = min(size, fetch(offset, UnsafeMutableRawBufferPointer(buffer)))
        }
        windowStart = offset
        // Shorter than it was said to be: somebody is changing the file.
        guard !window.isEmpty else { throw .truncated }
    }

    /// Where a byte comes next, at `offset` or behind it.
    mutating func position(of byte: UInt8, from offset: Int) throws(HeaderFault) -> Int {
        var position = offset
        while true {
            if position < windowStart || position >= windowStart + window.count {
                try fill(from: position, most: 65_536)
            }
            let skipped = position - windowStart
            let found: Int? = window.withUnsafeBytes { window in
                guard let start = window.baseAddress,
                    let place = memchr(start + skipped, Int32(byte), window.count - skipped)
                else { return nil }
                return UnsafeRawPointer(place) - start
            }
            if let found { return windowStart + found }
            position = windowStart + window.count
        }
    }

    /// Up to `count` bytes from `offset`: fewer where the file ends.
    func bytes(at offset: Int, count: Int) -> [UInt8] {
        let most = max(0, min(count, available - offset))
        return [UInt8](unsafeUninitializedCapacity: most) { buffer, filled in
            while filled < most {
                let rest = UnsafeMutableRawBufferPointer(
                    rebasing: UnsafeMutableRawBufferPointer(buffer)[filled..<most])
                let got = fetch(offset + filled, rest)
                if got <= 0 { return }
                filled += got
            }
        }
    }

    /// Whether all of the file is there.
    var isWhole: Bool { total.map { available >= $0 } ?? false }

    /// That the file goes at least as far as `end`.
    func reaches(_ end: Int) throws(HeaderFault) {
        if end <= available { return }
        if let total, end > total { throw .truncated }
        throw isWhole ? .truncated : .needsMore
    }

    /// An unsigned number of `count` bytes, at most 7, the first one the highest.
    mutating func bigEndian(_ offset: Int, _ count: Int) throws(HeaderFault) -> Int {
        var value = 0
        for index in 0..<count { value = value << 8 | Int(try self[offset + index]) }
        return value
    }

    /// An unsigned number of `count` bytes, at most 7, the first one the lowest.
    mutating func littleEndian(_ offset: Int, _ count: Int) throws(HeaderFault) -> Int {
        var value = 0
        for index in 0..<count { value |= Int(try self[offset + index]) << (8 * index) }
        return value
    }

    mutating func matches(_ bytes: some Sequence<UInt8>, at offset: Int) throws(HeaderFault) -> Bool
    {
        var position = offset
        for byte in bytes {
            guard try self[position] == byte else { return false }
            position += 1
        }
        return true
    }

    mutating func fourCharacters(_ offset: Int) throws(HeaderFault) -> String {
        var text = ""
        for index in 0..<4 {
            text.unicodeScalars.append(Unicode.Scalar(try self[offset + index]))
        }
        return text
    }
}
