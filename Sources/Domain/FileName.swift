// A client's name for a file is only a label. It is cleaned once, on the way in.

package enum FileName {
    /// The last path component of `raw` without control, format and bidirectional characters,
    /// cut to `limit` UTF-8 bytes between characters; "photo" where nothing is left.
    package static func cleaned(_ raw: String, limit: Int = 255) -> String {
        let last =
            raw.split(whereSeparator: { $0 == "/" || $0 == "\\" }).last.map(String.init) ?? ""
        var scalars = String.UnicodeScalarView()
        scalars.append(contentsOf: last.unicodeScalars.filter(isPlain))
        let trimmed = String(scalars).drop { $0.isWhitespace || $0 == "." }
        var name = ""
        for character in trimmed {
            if name.utf8.count + character.utf8.count > limit { break }
            name.append(character)
        }
        while name.last?.isWhitespace == true { name.removeLast() }
        return name.isEmpty ? "photo" : name
    }

    private static func isPlain(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator:
            false
        // Zero-width joiners build emoji; the other format characters can disguise a name.
        case .format: scalar == "\u{200D}"
        default: true
        }
    }
}
