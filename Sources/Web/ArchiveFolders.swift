// The folders of an archive, one a photo, where the photo lay when it was given. Whoever unpacks it,
// on whichever system, gets every file below the folder they chose and none over another.

import Domain

struct ArchiveFolders {
    /// Of a name, on most file systems, in UTF-8 or in UTF-16 units, which are fewer.
    private static let mostBytes = 255
    private var taken: Set<String> = []
    /// The last number given to each path that several photos share.
    private var numbers: [String: Int] = [:]

    /// The photo's path without its ending, with a number where two photos share it.
    mutating func folder(of name: String) -> String {
        var parents = FileName.components(of: FileName.cleaned(name))
        let last = parents.removeLast()
        let stem = last.split(separator: ".").dropLast().joined(separator: ".")
        let own = portable(stem.isEmpty ? last : stem)
        let place = parents.map { portable($0) + "/" }.joined()
        let wanted = place + own
        var folder = wanted
        while !taken.insert(folder.folded).inserted {
            let number = (numbers[wanted.folded] ?? 1) + 1
            numbers[wanted.folded] = number
            let suffix = " (\(number))"
            folder = place + own.shortened(to: Self.mostBytes - suffix.utf8.count) + suffix
        }
        return folder
    }

    /// A component that is a plain folder on Windows too (Naming Files, Paths, and Namespaces), and
    /// that can never be called like a rendition beside it.
    private func portable(_ component: String) -> String {
        var name = String(component.map { "<>:\"|?*".contains($0) ? "_" : $0 })
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
