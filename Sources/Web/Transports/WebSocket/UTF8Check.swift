// Whether bytes that come piece by piece are UTF-8. A wrong byte is found when it comes, not at the
// end of its message (RFC 6455, section 8.1).

/// The byte sequences of the Unicode Standard, table 3-7: no overlong forms, no surrogates, nothing
/// above U+10FFFF.
package struct UTF8Check: Sendable, Hashable {
    /// Continuation bytes still due.
    private var due: UInt8 = 0
    /// The range of the next of them; only the one after the first byte has a narrower one.
    private var lower: UInt8 = 0x80
    private var upper: UInt8 = 0xBF

    package init() {}

    /// Whether no character is cut in two here.
    package var isComplete: Bool { due == 0 }

    /// Whether the text can still be right with `bytes` added.
    package mutating func accepts(_ bytes: some Sequence<UInt8>) -> Bool {
        for byte in bytes where !accepts(byte) { return false }
        return true
    }

    private mutating func accepts(_ byte: UInt8) -> Bool {
        guard due == 0 else {
            guard (lower...upper).contains(byte) else { return false }
            due -= 1
            (lower, upper) = (0x80, 0xBF)
            return true
        }
        switch byte {
        case 0x00...0x7F: return true
        case 0xC2...0xDF: expect(1)
        case 0xE0: expect(2, from: 0xA0)
        case 0xED: expect(2, upTo: 0x9F)
        case 0xE1...0xEF: expect(2)
        case 0xF0: expect(3, from: 0x90)
        case 0xF1...0xF3: expect(3)
        case 0xF4: expect(3, upTo: 0x8F)
        default: return false
        }
        return true
    }

    private mutating func expect(_ count: UInt8, from: UInt8 = 0x80, upTo: UInt8 = 0xBF) {
        due = count
        lower = from
        upper = upTo
    }
}
