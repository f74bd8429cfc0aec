// The folders of an archive, one a photo, where the photo lay when it was given. Whoever unpacks it,
// on whichever system, gets every file below the folder they chose and none over another.

import Domain

struct ArchiveFolders {
    private var taken: Set<String> = []
    /// The last number given to each path that several photos share.
    private var numbers: [String: Int] = [:]

    /// The photo's path without its ending, with a number where two photos share it.
    mutating func folder(of name: String) -> String {
        var path = FileName.components(of: FileName.cleaned(name))
        let last = path.removeLast()
        let stem = last.split(separator: ".").dropLast().joined(separator: ".")
        path = (path + [stem.isEmpty ? last : stem]).map(portable)
        let wanted = path.joined(separator: "/")
        var folder = wanted
        while !taken.insert(folder.lowercased()).inserted {
            let number = (numbers[wanted.lowercased()] ?? 1) + 1
            numbers[wanted.lowercased()] = number
            folder = "\(wanted) (\(number))"
        }
        return folder
    }

    /// A component that is a plain folder on Windows too (Naming Files, Paths, and Namespaces), and
    /// that can never be called like a rendition beside it.
    private func portable(_ component: String) -> String {
        var name = String(component.map { "<>:\"|?*".contains($0) ? "_" : $0 })
        while let last = name.last, last == "." || last.isWhitespace { name.removeLast() }
        let words = name.lowercased().split(separator: ".")
        if let first = words.first, Self.devices.contains(String(first)) { name = "_" + name }
        if words.count > 1, let ending = words.last, Self.endings.contains(String(ending)) {
            name += "_"
        }
        return name.isEmpty ? "_" : name
    }

    private static let endings = Set(MediaType.allCases.map(\.fileExtension))
    private static let devices: Set<String> = {
        let numbered = ["com", "lpt"].flatMap { port in (0...9).map { "\(port)\($0)" } }
        return Set(["con", "prn", "aux", "nul"] + numbered)
    }()
}
