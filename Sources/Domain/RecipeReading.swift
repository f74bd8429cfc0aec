// A recipe as a stranger writes it. Every complaint names the member and what it may be; a member
// nobody knows is refused, for its writer expects something of it.

extension Recipe {
    /// The recipe a request asks for: the name of one, or a whole one of its own.
    /// - Throws: `invalid-recipe`.
    package init(
        reading json: JSON, named: [String: Recipe] = Recipe.named, limits: RecipeLimits = .init()
    ) throws(Problem) {
        switch json {
        case .string(let name):
            guard let recipe = named[name] else {
                let names = named.keys.sorted().joined(separator: ", ")
                throw Problem(
                    .invalidRecipe, "There is no recipe of that name; there are: \(names).")
            }
            self = recipe
        case .object(let members):
            var reader = MemberReader(members, at: "")
            let name = try reader.text("name") ?? "custom"
            let renditions = try reader.list("renditions").enumerated().map {
                (index, item) throws(Problem) in
                try RenditionSpec(reading: item, at: "renditions[\(index)]")
            }
            try reader.end()
            self.init(name: name, renditions: renditions)
            try limits.check(self)
        default:
            throw Problem(.invalidRecipe, "A recipe is a name or an object.")
        }
    }
}

extension RenditionSpec {
    fileprivate init(reading json: JSON, at path: String) throws(Problem) {
        guard case .object(let members) = json else {
            throw Problem(.invalidRecipe, "\(path) must be an object.")
        }
        var reader = MemberReader(members, at: path + ".")
        guard let name = try reader.text("name") else {
            throw Problem(.invalidRecipe, "\(path).name is missing.")
        }
        let longerSide = try reader.number("longerSide")
        let width = try reader.number("width")
        let height = try reader.number("height")
        if longerSide != nil, width != nil || height != nil {
            throw Problem(
                .invalidRecipe, "\(path).longerSide stands for a width and a height of its own.")
        }
        self.init(
            name: name, width: width ?? longerSide, height: height ?? longerSide,
            fit: try reader.choice("fit") ?? .inside,
            format: try reader.choice("format", of: MediaType.outputs) ?? .webp,
            quality: try reader.number("quality") ?? 80,
            metadata: try reader.choice("metadata") ?? .strip,
            background: try reader.text("background") ?? "#ffffff",
            enlarge: try reader.flag("enlarge") ?? false,
            animated: try reader.flag("animated") ?? true)
        try reader.end()
    }
}

/// The members of an object, taken one after another.
private struct MemberReader {
    private var members: [String: JSON]
    private let path: String

    init(_ members: [String: JSON], at path: String) {
        self.members = members
        self.path = path
    }

    mutating func text(_ name: String) throws(Problem) -> String? {
        guard let member = members.removeValue(forKey: name) else { return nil }
        guard case .string(let text) = member else { throw wrong(name, "text") }
        return text
    }

    mutating func number(_ name: String) throws(Problem) -> Int? {
        guard let member = members.removeValue(forKey: name) else { return nil }
        guard case .int(let number) = member else { throw wrong(name, "a whole number") }
        return number
    }

    mutating func flag(_ name: String) throws(Problem) -> Bool? {
        guard let member = members.removeValue(forKey: name) else { return nil }
        guard case .bool(let flag) = member else { throw wrong(name, "true or false") }
        return flag
    }

    mutating func list(_ name: String) throws(Problem) -> [JSON] {
        guard case .array(let items) = members.removeValue(forKey: name) else {
            throw wrong(name, "a list")
        }
        return items
    }

    mutating func choice<Choice: RawRepresentable & CaseIterable>(
        _ name: String, of choices: [Choice] = Array(Choice.allCases)
    ) throws(Problem) -> Choice? where Choice.RawValue == String {
        guard let member = members.removeValue(forKey: name) else { return nil }
        guard let choice = choices.first(where: { $0.rawValue == member.stringValue }) else {
            throw wrong(name, "one of " + choices.map(\.rawValue).joined(separator: ", "))
        }
        return choice
    }

    /// That nothing is left.
    func end() throws(Problem) {
        guard let unknown = members.keys.min() else { return }
        let shown = unknown.prefix(40).filter { $0.isASCII && !$0.isNewline }
        throw Problem(.invalidRecipe, "\(path)\(shown) is no field of a recipe.")
    }

    private func wrong(_ name: String, _ wanted: String) -> Problem {
        Problem(.invalidRecipe, "\(path)\(name) must be \(wanted).")
    }
}
