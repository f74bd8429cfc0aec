// `value; name=token; name="quoted"; name*=UTF-8''percent%20encoded`: the shape of Content-Type
// and Content-Disposition (RFC 9110 section 5.6.6, RFC 6266, RFC 8187), read the way browsers and
// curl write it.

struct ParameterizedValue: Sendable, Equatable {
    /// What stands before the first parameter.
    let value: String
    private var parameters: [String: String] = [:]

    /// A parameter by its name in lower case; the first of its name counts.
    subscript(name: String) -> String? { parameters[name] }

    init(_ text: String) {
        var rest = Substring(text)
        value = rest.take { $0 != ";" }.trimmed
        while rest.popFirst() != nil {
            rest = rest.drop(while: \.isWhitespace)
            let name = rest.take { $0 != "=" && $0 != ";" }.trimmed.lowercased()
            guard rest.first == "=" else { continue }
            rest = rest.dropFirst().drop(while: \.isWhitespace)
            let content = rest.first == "\"" ? rest.takeQuoted() : rest.take { $0 != ";" }.trimmed
            rest = rest.drop { $0 != ";" }
            if !name.isEmpty, parameters[name] == nil { parameters[name] = content }
        }
    }

    /// The file's name: `filename*` where it can be read, else `filename`, in which browsers write
    /// quotes and line ends as `%22`, `%0D`, `%0A` (HTML, section 4.10.21.8).
    var fileName: String? {
        if let extended = parameters["filename*"].flatMap(decodeExtended) { return extended }
        return parameters["filename"].map { name in
            [("%22", "\""), ("%0D", "\r"), ("%0A", "\n")].reduce(name) {
                $0.replacing($1.0, with: $1.1)
            }
        }
    }
}

/// `charset'language'value` (RFC 8187, section 3.2.1), for UTF-8 and its subset ASCII.
private func decodeExtended(_ text: String) -> String? {
    let parts = text.split(separator: "'", maxSplits: 2, omittingEmptySubsequences: false)
    guard parts.count == 3, ["utf-8", "us-ascii"].contains(parts[0].lowercased()) else {
        return nil
    }
    return percentDecoded(parts[2])
}

/// Nil where an escape is no escape or the bytes are not UTF-8.
func percentDecoded(_ text: some StringProtocol) -> String? {
    var bytes: [UInt8] = []
    var rest = Substring(text).utf8[...]
    while let byte = rest.popFirst() {
        guard byte == UInt8(ascii: "%") else {
            bytes.append(byte)
            continue
        }
        guard rest.count >= 2,
            let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
        else { return nil }
        bytes.append(value)
        rest = rest.dropFirst(2)
    }
    return String(validating: bytes, as: UTF8.self)
}

extension Substring {
    fileprivate var trimmed: String {
        var text = drop(while: \.isWhitespace)
        while text.last?.isWhitespace == true { text.removeLast() }
        return String(text)
    }

    fileprivate mutating func take(while predicate: (Character) -> Bool) -> Substring {
        let taken = prefix(while: predicate)
        self = self[taken.endIndex...]
        return taken
    }

    /// A quoted string. A backslash escapes only a quote and itself: old browsers send whole
    /// Windows paths unescaped.
    fileprivate mutating func takeQuoted() -> String {
        var content = ""
        removeFirst()
        while let character = popFirst(), character != "\"" {
            if character == "\\", let next = first, next == "\"" || next == "\\" {
                content.append(next)
                removeFirst()
            } else {
                content.append(character)
            }
        }
        return content
    }
}
