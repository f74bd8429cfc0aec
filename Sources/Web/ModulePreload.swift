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
    /// open it in their first minute. On the page of a batch the modules in `data-batch-first` come
    /// before all others that the entry asks for. Both attributes are for here and go no further.
    func adding(to page: String, ofBatch isBatch: Bool = false) -> String {
        let lines = page.split(separator: "\n", omittingEmptySubsequences: false)
        return lines.flatMap { line -> [Substring] in
            guard let entry = Self.quoted(after: #"<script type="module" src="#, in: line) else {
                return [line]
            }
            var script = String(line)
            let onDemand = Self.take("data-on-demand", from: &script)
            let first = Self.take("data-batch-first", from: &script)
            let indent = line.prefix { $0 == " " }
            let links = links(of: entry, onDemand: onDemand, first: isBatch ? first : [])
            return [Substring(script)] + links.map { indent + $0 }
        }.joined(separator: "\n")
    }

    /// First what the entry needs before it runs, then the stages that it asks for after that.
    private func links(of entry: String, onDemand: [String], first: [String]) -> [Substring] {
        var known = Set([entry] + onDemand)
        let now = closure(of: entry, &known)
        let later = stages(first + asked(by: now), &known)
        let link = #"<link rel="modulepreload" href=""#
        return now.dropFirst().map { Substring(link + $0 + "\">") }
            + later.map { Substring(link + $0 + "\" fetchpriority=\"low\">") }
    }

    /// Each of these modules with all that it needs, in their order, and then what they ask for in their turn.
    private func stages(_ paths: [String], _ known: inout Set<String>) -> [String] {
        var found: [String] = []
        var next: [String] = []
        for path in paths where known.insert(path).inserted {
            let stage = closure(of: path, &known)
            found += stage
            next += asked(by: stage)
        }
        return next.isEmpty ? found : found + stages(next, &known)
    }

    /// The module and what it imports, and what those do, as far as it is not known; breadth first.
    private func closure(of path: String, _ known: inout Set<String>) -> [String] {
        var group = [path]
        var next = 0
        while next < group.count {
            group += resolved(modules[group[next]]?.now ?? [], group[next])
                .filter { known.insert($0).inserted }
            next += 1
        }
        return group
    }

    private func asked(by group: [String]) -> [String] {
        group.flatMap { resolved(modules[$0]?.later ?? [], $0) }
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

    /// The names in an attribute, divided by blanks, which is taken out of the line.
    private static func take(_ attribute: String, from line: inout String) -> [String] {
        guard let value = quoted(after: attribute + "=", in: line[...]) else { return [] }
        line = line.replacingOccurrences(of: " \(attribute)=\"\(value)\"", with: "")
        return value.split(separator: " ").map(String.init)
    }

    /// What stands between double quotes right behind `mark`.
    private static func quoted(after mark: String, in line: Substring) -> String? {
        guard let start = line.range(of: mark + "\"")?.upperBound,
            let end = line[start...].firstIndex(of: "\"")
        else { return nil }
        return String(line[start..<end])
    }
}
