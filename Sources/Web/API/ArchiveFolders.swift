// The folders of an archive, one a photo, where the photo lay when it was given. Whoever unpacks it,
// on whichever system, gets every file below the folder they chose and none over another.

import Domain

struct ArchiveFolders {
    /// Of a name, on most file systems, in UTF-8 or in UTF-16 units, which are fewer.
    private static let mostBytes = 255
    private var taken: Set<String> = []
    /// In which files were put: none may be called like one.
    private var folders: Set<String> = []
    /// The last number given to each path that several photos share.
    private var numbers: [String: Int] = [:]

    /// The photo's path without its ending, with a number where two photos share it: a folder for what
    /// was made of it.
    mutating func folder(of name: String) -> String {
        let (parents, stem, _) = Self.parts(of: name)
        return unique(portable(stem), in: parents.map { portable($0) + "/" }.joined())
    }

    /// The photo's path, with a number before its ending where two photos share it: the photo itself.
    mutating func file(named name: String) -> String {
        let (parents, stem, ending) = Self.parts(of: name)
        var place = ""
        for parent in parents {
            var folder = place + portable(parent)
            while taken.contains(folder.folded) { folder += "_" }
            folders.insert(folder.folded)
            place = folder + "/"
        }
        return unique(portable(stem), ending: Self.plain(ending), in: place)
    }

    /// What a rendition is called where it lies in no folder of its photo: `IMG_1-large.webp`.
    static func name(of rendition: Rendition, of photo: String) -> String {
        "\(parts(of: photo).stem)-\(rendition.name).\(rendition.mediaType.fileExtension)"
    }

    /// The folders of a name, and its last component in two. The ending has its dot; it is empty where
    /// there is none, or one that is longer than any in use.
    private static func parts(
        of name: String
    ) -> (parents: [String], stem: String, ending: String) {
        var parents = FileName.components(of: FileName.cleaned(name))
        let last = parents.removeLast()
        guard let dot = last.lastIndex(of: "."), dot > last.startIndex,
            (2...16).contains(last[dot...].utf8.count)
        else { return (parents, last, "") }
        return (parents, String(last[..<dot]), String(last[dot...]))
    }

    private mutating func unique(
        _ own: String, ending: String = "", in place: String
    ) -> String {
        let wanted = (place + own + ending).folded
        var path = place + own.shortened(to: Self.mostBytes - ending.utf8.count) + ending
        while folders.contains(path.folded) || !taken.insert(path.folded).inserted {
            let number = (numbers[wanted] ?? 1) + 1
            numbers[wanted] = number
            let suffix = " (\(number))\(ending)"
            path = place + own.shortened(to: Self.mostBytes - suffix.utf8.count) + suffix
        }
        return path
    }

    /// A component that is a plain folder on Windows too (Naming Files, Paths, and Namespaces), and
    /// that can never be called like a rendition beside it.
    private func portable(_ component: String) -> String {
        var name = Self.plain(component)
        // With room for what is put before and behind it.
        name = name.shortened(to: Self.mostBytes - 2)
        while let last = name.last, last == "." || last.isWhitespace { name.removeLast() }
        let words = name.lowercased().split(separator: ".")
        if let first = words.first, Self.devices.contains(first.trimmed) { name = "_" + name }
        if words.count > 1, let ending = words.last, Self.endings.contains(String(ending)) {
            name += "_"
        }
        return name.isEmpty ? "_" : name
    }

    private static func plain(_ text: String) -> String {
        String(text.map { "<>:\"|?*".contains($0) ? "_" : $0 })
    }

    private static let endings = Set(MediaType.allCases.map(\.fileExtension))
    private static let devices: Set<String> = {
        let numbers = (0...9).map(String.init) + ["¹", "²", "³"]
        let numbered = ["com", "lpt"].flatMap { port in numbers.map { port + $0 } }
        return Set(["con", "prn", "aux", "nul", "conin$", "conout$"] + numbered)
    }()
}

extension StringProtocol {
    /// The same for all names that a file system without regard to case takes for one: `ß` is `SS`
    /// there, and `K` the sign of Kelvin. Strings are compared by canonical equivalence already.
    fileprivate var folded: String { uppercased().lowercased() }

    /// Without the blanks behind it, which Windows passes over in the name of a device.
    fileprivate var trimmed: String {
        var text = Substring(self)
        while text.last?.isWhitespace == true { text.removeLast() }
        return String(text)
    }

    /// Whole characters of at most so many bytes.
    fileprivate func shortened(to bytes: Int) -> String {
        var text = String(self)
        while text.utf8.count > bytes { text.removeLast() }
        return text
    }
}
