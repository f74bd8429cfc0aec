// What to make of a photograph. A batch carries one recipe; every image in it gets the same set
// of renditions.

/// A named list of renditions, the smallest first: workers make them in this order, and the first
/// one is what a page can show soonest.
package struct Recipe: Codable, Sendable, Hashable {
    package let name: String
    package let renditions: [RenditionSpec]

    package init(name: String, renditions: [RenditionSpec]) {
        self.name = name
        self.renditions = renditions
    }

    /// The default: three WebP sizes that serve a page on any screen.
    package static let web = Recipe(
        name: "web",
        renditions: [
            RenditionSpec(name: "thumb", longerSide: 320),
            RenditionSpec(name: "medium", longerSide: 1280),
            RenditionSpec(name: "large", longerSide: 2048),
        ])

    /// Every recipe a batch may ask for by name.
    package static let named: [String: Recipe] = [web.name: web]
}

/// One wanted rendition. The result is upright, in sRGB, without metadata, and never larger than
/// the original.
package struct RenditionSpec: Codable, Sendable, Hashable {
    package let name: String
    /// The bound on the longer side, in pixels. A JPEG whose own ½, ¼ or ⅛ scale lies within 6 %
    /// of it is taken at that scale, so a rendition states its true size.
    package let longerSide: Int
    package let format: MediaType
    /// Encoder quality, 1 to 100.
    package let quality: Int

    package init(name: String, longerSide: Int, format: MediaType = .webp, quality: Int = 80) {
        self.name = name
        self.longerSide = longerSide
        self.format = format
        self.quality = quality
    }
}
