// One wanted rendition: how large, how cut, how encoded, and how much it may tell of its maker.

/// A rendition is upright and in sRGB. It is never larger than the original, unless `enlarge`
/// says so.
package struct RenditionSpec: Sendable, Hashable {
    package enum Fit: String, Codable, Sendable, Hashable, CaseIterable {
        /// All of the picture, within the bounds.
        case inside
        /// The bounds filled, and what stands over on two sides cut off.
        case cover
        /// As `cover`, cut around what draws attention instead of the middle.
        case smart
    }

    /// What the rendition tells beside its pixels (docs/decisions/0006-metadata.md).
    package enum Metadata: String, Codable, Sendable, Hashable, CaseIterable {
        case strip
        /// Artist and copyright.
        case copyright
        /// These, and what the camera did. Never the place.
        case keep
    }

    package let name: String
    /// Bounds in pixels; a missing one follows from the other. Fitted inside, a JPEG whose own
    /// ½, ¼ or ⅛ scale lies within 6 % of the wanted size is taken at that scale, so a rendition
    /// states its true size.
    package let width: Int?
    package let height: Int?
    package let fit: Fit
    package let format: MediaType
    /// Encoder quality, 1 to 100.
    package let quality: Int
    package let metadata: Metadata
    /// What lies under transparent pixels in a format without alpha, as `#rrggbb`.
    package let background: String
    package let enlarge: Bool
    /// Whether an animation stays one, where the format can and it is not too long.
    package let animated: Bool

    package init(
        name: String, width: Int?, height: Int?, fit: Fit = .inside, format: MediaType = .webp,
        quality: Int = 80, metadata: Metadata = .strip, background: String = "#ffffff",
        enlarge: Bool = false, animated: Bool = true
    ) {
        self.name = name
        self.width = width
        self.height = height
        self.fit = fit
        self.format = format
        self.quality = quality
        self.metadata = metadata
        self.background = background
        self.enlarge = enlarge
        self.animated = animated
    }

    /// A bound on the longer side: the same as that width and that height.
    package init(name: String, longerSide: Int, format: MediaType = .webp, quality: Int = 80) {
        self.init(
            name: name, width: longerSide, height: longerSide, format: format, quality: quality)
    }

    /// What every encoder here can write: WebP ends at 16,383 pixels a side.
    package static let mostSide = 16_383

    /// The most pixels a rendition of this photograph may have.
    package func bounds(for facts: ImageFacts) -> (width: Int, height: Int) {
        func most(_ bound: Int?, _ original: Int) -> Int {
            var most = bound ?? Self.mostSide
            // A free scale of a JPEG may lie 6 % above the bound.
            if fit == .inside { most = most * 107 / 100 + 1 }
            return enlarge ? most : min(most, original)
        }
        return (most(width, facts.width), most(height, facts.height))
    }
}

extension RenditionSpec: Codable {
    package enum CodingKeys: String, CodingKey, CaseIterable {
        case name, width, height, longerSide, fit, format, quality, metadata, background, enlarge
        case animated
    }

    /// Reads what `encode` wrote; what is missing has its default. Checks no value: see
    /// `Recipe.init(reading:)` for what strangers send.
    package init(from decoder: any Decoder) throws {
        let members = try decoder.container(keyedBy: CodingKeys.self)
        let longerSide = try members.decodeIfPresent(Int.self, forKey: .longerSide)
        self.init(
            name: try members.decode(String.self, forKey: .name),
            width: try members.decodeIfPresent(Int.self, forKey: .width) ?? longerSide,
            height: try members.decodeIfPresent(Int.self, forKey: .height) ?? longerSide,
            fit: try members.decodeIfPresent(Fit.self, forKey: .fit) ?? .inside,
            format: try members.decodeIfPresent(MediaType.self, forKey: .format) ?? .webp,
            quality: try members.decodeIfPresent(Int.self, forKey: .quality) ?? 80,
            metadata: try members.decodeIfPresent(Metadata.self, forKey: .metadata) ?? .strip,
            background: try members.decodeIfPresent(String.self, forKey: .background) ?? "#ffffff",
            enlarge: try members.decodeIfPresent(Bool.self, forKey: .enlarge) ?? false,
            animated: try members.decodeIfPresent(Bool.self, forKey: .animated) ?? true)
    }

    package func encode(to encoder: any Encoder) throws {
        var members = encoder.container(keyedBy: CodingKeys.self)
        try members.encode(name, forKey: .name)
        try members.encodeIfPresent(width, forKey: .width)
        try members.encodeIfPresent(height, forKey: .height)
        try members.encode(fit, forKey: .fit)
        try members.encode(format, forKey: .format)
        try members.encode(quality, forKey: .quality)
        try members.encode(metadata, forKey: .metadata)
        try members.encode(background, forKey: .background)
        try members.encode(enlarge, forKey: .enlarge)
        try members.encode(animated, forKey: .animated)
    }
}
