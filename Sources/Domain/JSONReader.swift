// Reads JSON (RFC 8259) in one pass. Every byte is looked at once, and a text that is deeper or has
// more values than its reader allows is given up where that shows: whoever reads what a stranger
// wrote says how much that may be.

extension JSON {
    /// How much a text may hold.
    package struct Bounds: Sendable, Hashable {
        /// Arrays and objects within one another.
        package let depth: Int
        /// Members of all objects and items of all arrays.
        package let values: Int

        package init(depth: Int, values: Int) {
            self.depth = depth
            self.values = values
        }

        /// Of what this program wrote itself, however large.
        package static let own = Bounds(depth: 32, values: .max)
    }

    /// Why a text was not read.
    package enum Refusal: Error, Hashable {
        /// It is no JSON, from this byte on.
        case malformed(at: Int)
        case tooDeep(limit: Int)
        case tooManyValues(limit: Int)
    }

    /// The longest number that is read, in bytes. RFC 8259, section 6, lets a reader set a limit;
    /// no number that this program or JavaScript writes has a third of it.
    fileprivate static let numberBytes = 128

    /// - Throws: `JSON.Refusal`.
    package init(parsing text: String, within bounds: Bounds = .own) throws(Refusal) {
        var text = text
        let result: Result<JSON, Refusal> = text.withUTF8 { bytes in
            var reader = JSONReader(bytes, bounds)
            do throws(Refusal) { return .success(try reader.whole()) } catch {
                return .failure(error)
            }
        }
        self = try result.get()
    }
}

/// Stands in a text whose bytes are UTF-8.
private struct JSONReader {
    private let bytes: UnsafeBufferPointer<UInt8>
    private let bounds: JSON.Bounds
    private var position = 0
    private var depth = 0
    private var values = 0

    init(_ bytes: UnsafeBufferPointer<UInt8>, _ bounds: JSON.Bounds) {
        self.bytes = bytes
        self.bounds = bounds
    }

    mutating func whole() throws(JSON.Refusal) -> JSON {
        let value = try value()
        guard next() == nil else { throw .malformed(at: position) }
        return value
    }

    // MARK: Bytes

    /// The byte at the position, or 0, which no text has outside of its end.
    private var byte: UInt8 { position < bytes.count ? bytes[position] : 0 }

    /// The next byte that is no white space; it is not taken.
    private mutating func next() -> UInt8? {
        while position < bytes.count {
            switch bytes[position] {
            case UInt8(ascii: " "), UInt8(ascii: "\n"), UInt8(ascii: "\r"), UInt8(ascii: "\t"):
                position += 1
            case let byte: return byte
            }
        }
        return nil
    }

    private mutating func take(_ wanted: UInt8) -> Bool {
        guard next() == wanted else { return false }
        position += 1
        return true
    }

    private mutating func expect(_ wanted: UInt8) throws(JSON.Refusal) {
        guard take(wanted) else { throw .malformed(at: position) }
    }

    private mutating func word(_ word: StaticString, _ value: JSON) throws(JSON.Refusal) -> JSON {
        let end = position + word.utf8CodeUnitCount
        guard end <= bytes.count,
            (position..<end).allSatisfy({ bytes[$0] == word.utf8Start[$0 - position] })
        else { throw .malformed(at: position) }
        position = end
        return value
    }

    private func text(_ range: Range<Int>) -> String {
        String(decoding: UnsafeBufferPointer(rebasing: bytes[range]), as: UTF8.self)
    }

    // MARK: Values

    private mutating func value() throws(JSON.Refusal) -> JSON {
        switch next() {
        case UInt8(ascii: "{"): return try object()
        case UInt8(ascii: "["): return try array()
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        default: return try number()
        }
    }

    private mutating func object() throws(JSON.Refusal) -> JSON {
        try open()
        var members: [String: JSON] = [:]
        if !take(UInt8(ascii: "}")) {
            repeat {
                try count()
                guard next() == UInt8(ascii: "\"") else { throw .malformed(at: position) }
                let name = try string()
                try expect(UInt8(ascii: ":"))
                members[name] = try value()
            } while take(UInt8(ascii: ","))
            try expect(UInt8(ascii: "}"))
        }
        depth -= 1
        return .object(members)
    }

    private mutating func array() throws(JSON.Refusal) -> JSON {
        try open()
        var items: [JSON] = []
        if !take(UInt8(ascii: "]")) {
            repeat {
                try count()
                items.append(try value())
            } while take(UInt8(ascii: ","))
            try expect(UInt8(ascii: "]"))
        }
        depth -= 1
        return .array(items)
    }

    private mutating func open() throws(JSON.Refusal) {
        position += 1
        depth += 1
        guard depth <= bounds.depth else { throw .tooDeep(limit: bounds.depth) }
    }

    private mutating func count() throws(JSON.Refusal) {
        values += 1
        guard values <= bounds.values else { throw .tooManyValues(limit: bounds.values) }
    }

    // MARK: Strings (section 7)

    private mutating func string() throws(JSON.Refusal) -> String {
        position += 1
        let start = position
        while position < bytes.count {
            switch bytes[position] {
            case UInt8(ascii: "\""):
                position += 1
                return text(start..<position - 1)
            case UInt8(ascii: "\\"): return try escapedString(from: start)
            case 0..<0x20: throw .malformed(at: position)
            default: position += 1
            }
        }
        throw .malformed(at: position)
    }

    /// The same for one in which something is escaped, from the first escape on.
    private mutating func escapedString(from start: Int) throws(JSON.Refusal) -> String {
        var content = Array(bytes[start..<position])
        while position < bytes.count {
            let byte = bytes[position]
            position += 1
            switch byte {
            case UInt8(ascii: "\""): return String(decoding: content, as: UTF8.self)
            case UInt8(ascii: "\\"): try escape(to: &content)
            case 0..<0x20: throw .malformed(at: position - 1)
            default: content.append(byte)
            }
        }
        throw .malformed(at: position)
    }

    private mutating func escape(to content: inout [UInt8]) throws(JSON.Refusal) {
        let kind = byte
        position += 1
        switch kind {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): content.append(kind)
        case UInt8(ascii: "b"): content.append(0x08)
        case UInt8(ascii: "f"): content.append(0x0C)
        case UInt8(ascii: "n"): content.append(0x0A)
        case UInt8(ascii: "r"): content.append(0x0D)
        case UInt8(ascii: "t"): content.append(0x09)
        case UInt8(ascii: "u"): content.append(contentsOf: try escapedScalar().utf8)
        default: throw .malformed(at: position - 1)
        }
    }

    /// Behind `\u`: four digits, or two times four that are a pair of surrogates.
    private mutating func escapedScalar() throws(JSON.Refusal) -> Character {
        let first = try digits()
        var value = UInt32(first)
        if 0xD800..<0xDC00 ~= first {
            guard byte == UInt8(ascii: "\\") else { throw .malformed(at: position) }
            position += 1
            guard byte == UInt8(ascii: "u") else { throw .malformed(at: position) }
            position += 1
            let second = try digits()
            guard 0xDC00..<0xE000 ~= second else { throw .malformed(at: position) }
            value = 0x1_0000 + (UInt32(first) - 0xD800) << 10 + (UInt32(second) - 0xDC00)
        }
        guard let scalar = Unicode.Scalar(value) else { throw .malformed(at: position) }
        return Character(scalar)
    }

    private mutating func digits() throws(JSON.Refusal) -> UInt16 {
        var value: UInt16 = 0
        for _ in 0..<4 {
            guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
                throw .malformed(at: position)
            }
            value = value << 4 | UInt16(digit)
            position += 1
        }
        return value
    }

    // MARK: Numbers (section 6)

    private mutating func number() throws(JSON.Refusal) -> JSON {
        let start = position
        if byte == UInt8(ascii: "-") { position += 1 }
        let isZero = byte == UInt8(ascii: "0")
        let whole = skipDigits()
        guard whole == 1 || whole > 1 && !isZero else { throw .malformed(at: start) }
        if let number = Int(text(start..<position)), !isFraction { return .int(number) }
        if byte == UInt8(ascii: ".") {
            position += 1
            guard skipDigits() > 0 else { throw .malformed(at: position) }
        }
        if byte == UInt8(ascii: "e") || byte == UInt8(ascii: "E") {
            position += 1
            if byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-") { position += 1 }
            guard skipDigits() > 0 else { throw .malformed(at: position) }
        }
        guard position - start <= JSON.numberBytes, let number = Double(text(start..<position)),
            number.isFinite
        else { throw .malformed(at: start) }
        // A whole number is one however it is written.
        return Int(exactly: number).map(JSON.int) ?? .number(number)
    }

    private var isFraction: Bool {
        byte == UInt8(ascii: ".") || byte == UInt8(ascii: "e") || byte == UInt8(ascii: "E")
    }

    private mutating func skipDigits() -> Int {
        let start = position
        while UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte { position += 1 }
        return position - start
    }
}
