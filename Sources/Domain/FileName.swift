// A client's name for a file is only a label, with the folders it lay in. It is cleaned once, on
// the way in, so that whoever reads it later may take it for a path below a folder of its own.

package enum FileName {
    /// `raw` as a relative path, its components divided by `/`: none of them is empty, begins with
    /// a dot or holds a control, format or bidirectional character; each has at most
    /// `limits.nameBytes` UTF-8 bytes, all of them `limits.pathBytes`, and at most
    /// `limits.pathFolders` come before the last: the nearest ones stay.
    ///
    /// An absolute path, or one that climbs, says how a disk is arranged and not what somebody
    /// gave us: only its last component is kept. "photo" stands where nothing is left.
    package static func cleaned(_ raw: String, limits: Limits = Limits()) -> String {
        let parts = raw.unicodeScalars.split { $0 == "/" || $0 == "\\" }
        let last = component(parts.last ?? Substring().unicodeScalars, limit: limits.nameBytes)
        let name = last.isEmpty ? "photo" : last
        let isOutside =
            raw.unicodeScalars.first == "/" || raw.unicodeScalars.first == "\\"
            || parts.contains { $0.elementsEqual("..".unicodeScalars) }
        guard !isOutside else { return name }
        var room = limits.pathBytes - name.utf8.count
        var path = [name]
        for part in parts.dropLast().reversed() where path.count <= limits.pathFolders {
            let folder = component(part, limit: limits.nameBytes)
            room -= folder.utf8.count + 1
            if room < 0 { break }
            if !folder.isEmpty { path.append(folder) }
        }
        return path.last.map(isDrive) == true ? name : path.reversed().joined(separator: "/")
    }

    /// The folders of a cleaned name and, last, the name without them. By scalars: with a mark
    /// behind it, `/` is only a part of a character.
    package static func components(of name: String) -> [String] {
        name.unicodeScalars.split(separator: "/").map { String($0) }
    }

    private static func component(_ part: Substring.UnicodeScalarView, limit: Int) -> String {
        var plain = String.UnicodeScalarView()
        plain.append(
            contentsOf: part.filter(isPlain).drop { $0 == "." || $0.properties.isWhitespace })
        var name = ""
        for character in String(plain) {
            if name.utf8.count + character.utf8.count > limit { break }
            name.append(character)
        }
        while name.unicodeScalars.last?.properties.isWhitespace == true {
            name.unicodeScalars.removeLast()
        }
        return name
    }

    /// `C:`, with or without more behind it.
    private static func isDrive(_ folder: String) -> Bool {
        let start = folder.utf8.prefix(2)
        guard start.count == 2, start.last == UInt8(ascii: ":"), let letter = start.first else {
            return false
        }
        return (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(letter & 0xDF)
    }

    /// Whether a label may hold it.
    static func isPlain(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator:
            false
        // Zero-width joiners build emoji; the other format characters can disguise a name.
        case .format: scalar == "\u{200D}"
        default: true
        }
    }
}
