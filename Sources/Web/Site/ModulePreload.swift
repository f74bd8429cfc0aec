// A page names every module that it will need (`<link rel="modulepreload">`), so that the browser asks
// for all of them at once: one that is found only in another costs a round trip more. The lines
// are written here, from what the modules import.

import Foundation

struct ModulePreload {
    /// The relative names in a module: what it imports at once, and what it may ask for later.
    private struct Imports {
        var now: [String] = []
        var later: [String] = []
    }

    /// By the module's path. Each is read once, for all pages and all modules that import it.
    private let modules: [String: Imports]

    init(files: [String: Data]) {
        modules = files.filter { $0.key.hasSuffix(".js") }
            .mapValues { Self.imports(in: String(decoding: $0, as: UTF8.self)) }
    }

    /// The page with those lines behind its entry, `<script type="module" src="…">`. What the entry
    /// names in `data-on-demand`, divided by blanks, and what only that imports is not fetched ahead: few
    /// open it in their first minute. That attribute is for here and goes no further.
    func adding(to page: String) -> String {
        let lines = page.split(separator: "\n", omittingEmptySubsequences: false)
        return lines.flatMap { line -> [Substring] in
            guard let entry = Self.quoted(after: #"<script type="module" src="#, in: line) else {
                return [line]
            }
            let onDemand = Self.quoted(after: "data-on-demand=", in: line) ?? ""
            let indent = line.prefix { $0 == " " }
            let script = line.replacingOccurrences(of: " data-on-demand=\"\(onDemand)\"", with: "")
            return [Substring(script)] + links(of: entry, onDemand: onDemand).map { indent + $0 }
        }.joined(separator: "\n")
    }

    /// First what the entry needs before it runs, then what it may ask for after that.
    private func links(of entry: String, onDemand: String) -> [Substring] {
        var known = Set([entry] + onDemand.split(separator: " ").map(String.init))
        var now = [entry]
        add(to: &now, &known, \.now)
        var later = now.flatMap { path in resolved(modules[path]?.later ?? [], path) }
            .filter { known.insert($0).inserted }
        add(to: &later, &known) { $0.now + $0.later }
        let link = #"<link rel="modulepreload" href=""#
        return now.dropFirst().map { Substring(link + $0 + "\">") }
            + later.map { Substring(link + $0 + "\" fetchpriority=\"low\">") }
    }

    /// Adds what its members import, and what those do, each once; breadth first.
    private func add(
        to group: inout [String], _ known: inout Set<String>, _ names: (Imports) -> [String]
    ) {
        var next = 0
        while next < group.count {
            let path = group[next]
            group += resolved(modules[path].map(names) ?? [], path)
                .filter { known.insert($0).inserted }
            next += 1
        }
    }

    /// The paths of files that `module` names relative to itself, as far as they are there.
    private func resolved(_ names: [String], _ module: String) -> [String] {
        let folder = URL(fileURLWithPath: module).deletingLastPathComponent()
        return names.map { folder.appendingPathComponent($0).standardized.path }
            .filter { modules[$0] != nil }
    }

    // MARK: What a module says

    /// In `import … from "./a.js"` and its like, which stand at the
    /// start of a line; and in `import("./a.js")` and `new URL("./a.js"`, but not in a comment's
    /// `import("./a.js").Type`.
    private static func imports(in text: String) -> Imports {
        var imports = Imports()
        for line in text.split(separator: "\n") {
            if line.hasPrefix("import ") || line.hasPrefix("export ") || line.hasPrefix("}") {
                let name = quoted(after: " from ", in: line) ?? quoted(after: "import ", in: line)
                if let name, name.hasPrefix(".") { imports.now.append(name) }
            }
            for call in ["import(", "new URL("] {
                guard let name = quoted(after: call, in: line), name.hasPrefix("."),
                    !isType(behind: "\"\(name)\").", in: line)
                else { continue }
                imports.later.append(name)
            }
        }
        return imports
    }

    private static func isType(behind text: String, in line: Substring) -> Bool {
        guard let end = line.range(of: text)?.upperBound else { return false }
        return line[end...].first?.isUppercase == true
    }

    /// What stands between double quotes right behind `mark`.
    private static func quoted(after mark: String, in line: Substring) -> String? {
        guard let start = line.range(of: mark + "\"")?.upperBound,
            let end = line[start...].firstIndex(of: "\"")
        else { return nil }
        return String(line[start..<end])
    }
}
