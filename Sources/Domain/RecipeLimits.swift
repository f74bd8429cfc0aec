// How much a recipe may ask for. It is checked before it is stored, because an encoder that gets a
// number out of its range takes another one and reports no error.

package struct RecipeLimits: Sendable, Hashable {
    package var renditions = 16
    package var side = RenditionSpec.mostSide
    /// ASCII characters of a recipe's or a rendition's name.
    package var name = 32
    /// What the encoders of one photo may take, in milliseconds of one core; a job has 20 s for
    /// everything.
    package var cost = 12_000

    package init() {}

    /// Throws `invalid-recipe` for the first value that is out of bounds, with what it is and
    /// what it may be.
    package func check(_ recipe: Recipe) throws(Problem) {
        try check(name: recipe.name, of: "name")
        guard (1...renditions).contains(recipe.renditions.count) else {
            throw Problem(
                .invalidRecipe,
                "A recipe has 1 to \(renditions) renditions; this one has "
                    + "\(recipe.renditions.count).",
                limit: renditions, actual: recipe.renditions.count)
        }
        var names: Set<String> = []
        for (index, spec) in recipe.renditions.enumerated() {
            let path = "renditions[\(index)]"
            try check(name: spec.name, of: "\(path).name")
            guard names.insert(spec.name).inserted else {
                throw Problem(.invalidRecipe, "Two renditions are called \(spec.name).")
            }
            try check(spec, path)
        }
        let cost = recipe.renditions.reduce(0) { $0 + $1.cost }
        guard cost <= self.cost else {
            throw Problem(
                .invalidRecipe,
                "Encoding a photo would take about \(cost) ms; at most \(self.cost) are given.",
                limit: self.cost, actual: cost)
        }
    }

    /// Names are parts of URLs and of file names in archives.
    private func check(name: String, of member: String) throws(Problem) {
        let isGood = name.utf8.allSatisfy { byte in
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                || byte == UInt8(ascii: "-")
        }
        guard isGood, (1...self.name).contains(name.utf8.count), !name.hasPrefix("-") else {
            throw Problem(
                .invalidRecipe,
                "\(member) must have 1 to \(self.name) characters of a–z, 0–9 and -, "
                    + "and no - in front.",
                limit: self.name, actual: name.utf8.count)
        }
    }

    private func check(_ spec: RenditionSpec, _ path: String) throws(Problem) {
        for (name, bound) in [("width", spec.width), ("height", spec.height)] {
            try check(bound ?? 1, in: 1...side, "\(path).\(name)")
        }
        switch (spec.fit, spec.width, spec.height) {
        case (.inside, nil, nil):
            throw Problem(.invalidRecipe, "\(path) needs a width, a height or a longerSide.")
        case (.cover, _, nil), (.cover, nil, _), (.smart, _, nil), (.smart, nil, _):
            throw Problem(
                .invalidRecipe, "\(path) needs a width and a height for \(spec.fit.rawValue).")
        default: break
        }
        try check(spec.quality, in: 1...100, "\(path).quality")
        guard MediaType.outputs.contains(spec.format) else {
            throw Problem(.invalidRecipe, "\(path).format: \(spec.format.rawValue) is not written.")
        }
        guard spec.metadata == .strip || spec.format.carriesMetadata else {
            throw Problem(
                .invalidRecipe,
                "\(path).metadata must be strip: \(spec.format.rawValue) carries none here.")
        }
        guard RGB(spec.background) != nil else {
            throw Problem(.invalidRecipe, "\(path).background must be a colour such as #ffffff.")
        }
    }

    private func check(
        _ value: Int, in range: ClosedRange<Int>, _ path: String
    ) throws(Problem) {
        guard range.contains(value) else {
            throw Problem(
                .invalidRecipe,
                "\(path) is \(value); it must be from \(range.lowerBound) to \(range.upperBound).",
                limit: value < range.lowerBound ? range.lowerBound : range.upperBound,
                actual: value)
        }
    }
}

extension RenditionSpec {
    /// What encoding it takes at most, in milliseconds: a missing bound counts as a square's, for
    /// photographs are not far from one.
    var cost: Int {
        let width = width ?? height ?? 0
        let area = width * (height ?? width)
        return (area * format.costPerMegapixel + 999_999) / 1_000_000
    }
}

extension MediaType {
    /// Measured on photographs at this program's settings, one core, in milliseconds.
    package var costPerMegapixel: Int {
        switch self {
        case .jpeg: 20
        case .webp: 60
        case .jpegXL: 150
        case .png: 200
        case .gif: 400
        case .avif, .heic: 900
        }
    }

    /// Whether a rendition of this format can hold EXIF, by the encoders we have.
    package var carriesMetadata: Bool {
        switch self {
        case .jpeg, .webp, .avif: true
        case .png, .gif, .jpegXL, .heic: false
        }
    }
}

/// A colour by its `#rrggbb`.
package struct RGB: Codable, Sendable, Hashable {
    package let red: UInt8
    package let green: UInt8
    package let blue: UInt8

    package init(red: UInt8, green: UInt8, blue: UInt8) {
        self.red = red
        self.green = green
        self.blue = blue
    }

    package init?(_ text: String) {
        let digits = text.utf8.dropFirst().compactMap {
            Character(Unicode.Scalar($0)).hexDigitValue
        }
        guard text.utf8.count == 7, text.hasPrefix("#"), digits.count == 6 else { return nil }
        red = UInt8(digits[0] << 4 | digits[1])
        green = UInt8(digits[2] << 4 | digits[3])
        blue = UInt8(digits[4] << 4 | digits[5])
    }

    package var text: String {
        let digits = [red, green, blue].map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }
        return "#" + digits.joined()
    }
}
