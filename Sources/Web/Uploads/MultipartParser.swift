// multipart/form-data (RFC 7578, framed by RFC 2046 section 5.1), as it streams in. A value that
// is fed buffers and asked for what they contain; it keeps no more than a part's header or the
// beginning of a boundary that may end in the next buffer.

import Domain
import Glibc
import HTTPTypes
import NIOCore

struct MultipartParser: Sendable {
    enum Piece: Equatable, Sendable {
        /// A part begins; its header fields, names in lower case.
        case begin([String: String])
        case bytes(ByteBuffer)
        /// The part is whole.
        case end
    }

    private enum State {
        /// Before the first boundary.
        case preamble
        /// Behind a boundary: the rest of its line says whether parts go on.
        case boundaryLine
        case header
        case body
        /// Behind the last boundary: whatever comes is ignored.
        case epilogue
    }

    /// Bytes of one part's header, at most.
    static let headerLimit = 16 << 10

    /// A part's header as far as it has come. What was read is not looked at again, however small
    /// the pieces are in which the rest comes.
    private struct Header {
        var fields: [String: String] = [:]
        /// Bytes of the lines that were read.
        var bytes = 0
        /// Bytes of the line under way in which no line end was found.
        var searched = 0
    }

    private let delimiter: [UInt8]
    private let partLimit: Int
    private var state = State.preamble
    private var header = Header()
    private var buffer = ByteBuffer()
    private var parts = 0

    /// - Parameter boundary: from the request's Content-Type.
    init(boundary: String, partLimit: Int) {
        delimiter = Array("\r\n--\(boundary)".utf8)
        self.partLimit = partLimit
        // The first boundary may be the very first bytes, with no line end before it.
        buffer.writeString("\r\n")
    }

    /// The boundary in a Content-Type of `multipart/form-data`, 1 to 70 characters; nil for another
    /// type or without one.
    static func boundary(in contentType: String) -> String? {
        let field = ParameterizedValue(contentType)
        guard field.value.lowercased() == "multipart/form-data",
            let boundary = field["boundary"], (1...70).contains(boundary.utf8.count),
            boundary.utf8.allSatisfy({ (0x20...0x7e).contains($0) }), boundary.last != " "
        else { return nil }
        return boundary
    }

    mutating func feed(_ more: ByteBuffer) {
        if buffer.readableBytes == 0 {
            buffer = more
        } else {
            if buffer.readerIndex > buffer.readableBytes { buffer.discardReadBytes() }
            buffer.writeImmutableBuffer(more)
        }
    }

    /// The next piece of what was fed, or nil where that says no more.
    /// - Throws: `malformed-multipart`.
    mutating func next() throws(Problem) -> Piece? {
        while true {
            switch state {
            case .preamble:
                guard skipToDelimiter() else { return nil }
                state = .boundaryLine
            case .boundaryLine:
                guard let isLast = try boundaryLine() else { return nil }
                state = isLast ? .epilogue : .header
            case .header:
                guard try readHeader() else { return nil }
                state = .body
                defer { header = Header() }
                return .begin(header.fields)
            case .body:
                return bodyPiece()
            case .epilogue:
                buffer.clear()
                return nil
            }
        }
    }

    /// - Throws: `malformed-multipart` unless the last boundary has come.
    func finish() throws(Problem) {
        guard case .epilogue = state else {
            throw malformed("it ends before its last boundary")
        }
    }

    // MARK: Body

    private mutating func bodyPiece() -> Piece? {
        switch search() {
        case .found(let index):
            if index > 0, let bytes = buffer.readSlice(length: index) { return .bytes(bytes) }
            buffer.moveReaderIndex(forwardBy: delimiter.count)
            state = .boundaryLine
            return .end
        case .notWithin(let count):
            guard count > 0, let bytes = buffer.readSlice(length: count) else { return nil }
            return .bytes(bytes)
        }
    }

    private mutating func skipToDelimiter() -> Bool {
        switch search() {
        case .found(let index):
            buffer.moveReaderIndex(forwardBy: index + delimiter.count)
            return true
        case .notWithin(let count):
            buffer.moveReaderIndex(forwardBy: count)
            return false
        }
    }

    private enum Search {
        case found(Int)
        /// No delimiter begins within the first so many bytes; one may begin behind them.
        case notWithin(Int)
    }

    private func search() -> Search {
        buffer.withUnsafeReadableBytes { bytes in
            guard let base = bytes.baseAddress else { return .notWithin(0) }
            var start = 0
            while let hit = memchr(base + start, Int32(delimiter[0]), bytes.count - start) {
                start = UnsafeRawPointer(hit) - base
                let length = min(delimiter.count, bytes.count - start)
                if memcmp(hit, delimiter, length) == 0 {
                    return length == delimiter.count ? .found(start) : .notWithin(start)
                }
                start += 1
            }
            return .notWithin(bytes.count)
        }
    }

    // MARK: Lines

    /// Reads the rest of a boundary's line: `--` after the last one, else spaces and a line end.
    private mutating func boundaryLine() throws(Problem) -> Bool? {
        let view = buffer.readableBytesView
        if view.starts(with: Array("--".utf8)) { return true }
        guard let end = view.firstIndex(of: UInt8(ascii: "\n")) else {
            guard view.count <= 128 else { throw malformed("a boundary's line is too long") }
            return nil
        }
        let line = view[view.startIndex..<end]
        guard line.last == UInt8(ascii: "\r"),
            line.dropLast().allSatisfy({ $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") })
        else { throw malformed("something stands behind a boundary") }
        parts += 1
        guard parts <= partLimit else {
            throw Problem(
                .malformedMultipart, "The form has more than \(partLimit) parts.", limit: partLimit,
                actual: parts)
        }
        buffer.moveReaderIndex(to: end + 1)
        return false
    }

    /// Reads what has come of a part's header; true where that is all, up to the empty line behind
    /// it.
    private mutating func readHeader() throws(Problem) -> Bool {
        while let length = try lineLength(after: header.searched) {
            header.searched = 0
            header.bytes += length + 2
            guard header.bytes <= Self.headerLimit else { throw headerTooLong }
            guard let line = buffer.readString(length: length) else { return false }
            buffer.moveReaderIndex(forwardBy: 2)
            if length == 0 { return true }
            let (name, value) = try field(line)
            header.fields[name] = value
        }
        header.searched = buffer.readableBytes
        guard header.bytes + header.searched <= Self.headerLimit else { throw headerTooLong }
        return false
    }

    private var headerTooLong: Problem {
        malformed("a part's header is longer than \(Self.headerLimit) bytes")
    }

    /// How long the next line is, without the two bytes of its end.
    private func lineLength(after searched: Int) throws(Problem) -> Int? {
        let view = buffer.readableBytesView
        let start = view.startIndex
        guard let feed = view[(start + searched)...].firstIndex(of: UInt8(ascii: "\n")) else {
            return nil
        }
        guard feed > start, view[feed - 1] == UInt8(ascii: "\r") else {
            throw malformed("a line of a part's header ends with no CR")
        }
        return feed - 1 - start
    }

    private func field(_ line: String) throws(Problem) -> (name: String, value: String) {
        guard let colon = line.firstIndex(of: ":"),
            let name = HTTPField.Name(String(line[..<colon]))
        else { throw malformed("a part's header has a line that is no field") }
        let value = line[line.index(after: colon)...].drop { $0 == " " || $0 == "\t" }
        return (name.canonicalName, String(value))
    }
}

private func malformed(_ why: String) -> Problem {
    Problem(.malformedMultipart, "The form data is malformed: \(why).")
}
