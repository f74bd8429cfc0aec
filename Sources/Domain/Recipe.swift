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

    /// What every page shows first; so quick that an animation stands still in it.
    private static let thumb = RenditionSpec(
        name: "thumb", width: 320, height: 320, animated: false)

    /// The default: three WebP sizes that serve a page on any screen.
    package static let web = Recipe(
        name: "web",
        renditions: [
            thumb, RenditionSpec(name: "medium", longerSide: 1280),
            RenditionSpec(name: "large", longerSide: 2048),
        ])

    /// Half the bytes of `web`, for ten times its work.
    package static let avif = Recipe(
        name: "avif",
        renditions: [
            thumb, RenditionSpec(name: "medium", longerSide: 1280, format: .avif, quality: 60),
            RenditionSpec(name: "large", longerSide: 2048, format: .avif, quality: 60),
        ])

    /// The shapes that social networks ask for, cut where there is something to see.
    package static let social = Recipe(
        name: "social",
        renditions: [
            thumb,
            RenditionSpec(
                name: "card", width: 1200, height: 630, fit: .smart, format: .jpeg, quality: 85),
            RenditionSpec(
                name: "square", width: 1080, height: 1080, fit: .smart, format: .jpeg, quality: 85),
            RenditionSpec(
                name: "portrait", width: 1080, height: 1350, fit: .smart, format: .jpeg,
                quality: 85),
        ])

    /// A copy to keep and to print, with its camera's data, but never its place.
    package static let archive = Recipe(
        name: "archive",
        renditions: [
            thumb, RenditionSpec(name: "medium", longerSide: 1280),
            RenditionSpec(
                name: "master", width: 6000, height: 6000, format: .jpeg, quality: 92,
                metadata: .keep),
        ])

    /// Every recipe a batch may ask for by name.
    package static let named: [String: Recipe] = Dictionary(
        uniqueKeysWithValues: [web, avif, social, archive].map { ($0.name, $0) })
}
