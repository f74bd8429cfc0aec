// The work an accepted upload causes: develop one image.

/// A job in the hands of this server.
package struct Job: Sendable, Hashable {
    package let image: Image
    package let owner: Owner
    package let recipe: Recipe
    package let original: Blob
    /// 1 for the first try.
    package let attempt: Int
    package let lane: Lane

    package init(
        image: Image, owner: Owner, recipe: Recipe, original: Blob, attempt: Int, lane: Lane
    ) {
        self.image = image
        self.owner = owner
        self.recipe = recipe
        self.original = original
        self.attempt = attempt
        self.lane = lane
    }

    /// Renditions still to be made, in the recipe's order.
    package var wanted: [String] {
        recipe.renditions.map(\.name).filter { !image.renditionNames.contains($0) }
    }

    /// The rendition that a quick turn makes: the recipe's first, where it is encoded fast and is
    /// not there yet.
    package var preview: String? {
        guard wanted.count == recipe.renditions.count, let first = recipe.renditions.first,
            first.cost <= Self.previewCost
        else { return nil }
        return first.name
    }

    /// Milliseconds of encoding: a WebP of 640 pixels, or a JPEG of 1,200.
    private static let previewCost = 30

    /// Which queue a job waits in. Every photo can be seen before any is finished.
    package enum Lane: Int, Sendable, Hashable, CaseIterable {
        /// No rendition is there yet: a turn makes the first one.
        case quick = 0
        /// What takes time: the other renditions, and photos that cannot be quick.
        case slow = 1

        /// Each turn with a number divisible by this belongs to the batches that wait in the slow
        /// lane alone, so that no stream of new photos keeps them from being finished.
        package static let slowTurn = 16
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
