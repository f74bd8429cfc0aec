// The work an accepted upload causes: develop one image.

/// A job in the hands of this server.
package struct Job: Sendable, Hashable {
    package let image: Image
    package let owner: Owner
    package let recipe: Recipe
    package let original: Blob
    /// 1 for the first try.
    package let attempt: Int

    package init(image: Image, owner: Owner, recipe: Recipe, original: Blob, attempt: Int) {
        self.image = image
        self.owner = owner
        self.recipe = recipe
        self.original = original
        self.attempt = attempt
    }

    /// Renditions still to be made, in the recipe's order.
    package var wanted: [String] {
        recipe.renditions.map(\.name).filter { !image.renditionNames.contains($0) }
    }

    /// Who ended an attempt that brought no result.
    package enum Loss: String, Sendable, Hashable, CaseIterable {
        /// The photo's own worker died: two such and the photo is quarantined.
        case worker
        /// The server died or stopped, or the worker was taken away: the photo is hardly at fault.
        case server

        package var limit: Int {
            switch self {
            case .worker: 2
            case .server: 5
            }
        }
    }
}
