// Names of things: short to read, impossible to guess. Knowing a batch's or an upload's name is
// the right to read or continue it, so every name carries 128 random bits.

/// What can be named, and the letter its names begin with.
package protocol Identified {
    static var identifierPrefix: String { get }
}

/// `b_5q0m…`: the entity's prefix, an underscore, and 128 random bits as 26 digits of Crockford's
/// base 32 in lower case.
package struct Identifier<Entity: Identified>: Hashable, Sendable, CustomStringConvertible {
    package let rawValue: String

    /// A fresh name from the system's cryptographic generator.
    package static func random() -> Self {
        let bits = UInt128.random(in: .min ... .max)
        let digits = (0..<26).map {
            alphabet[Int(truncatingIfNeeded: bits >> UInt128($0 * 5)) & 31]
        }
        return Self(verbatim: prefix + String(decoding: digits, as: UTF8.self))
    }

    /// The name in `text`, or nil unless it has exactly the form of one.
    package init?(_ text: some StringProtocol) {
        let bytes = text.utf8
        guard bytes.count == Self.prefix.utf8.count + 26, text.hasPrefix(Self.prefix),
            bytes.dropFirst(Self.prefix.utf8.count).allSatisfy(alphabet.contains)
        else { return nil }
        self.init(verbatim: String(text))
    }

    private init(verbatim: String) { rawValue = verbatim }

    package var description: String { rawValue }

    private static var prefix: String { Entity.identifierPrefix + "_" }
}

private let alphabet = Array("0123456789abcdefghjkmnpqrstvwxyz".utf8)
