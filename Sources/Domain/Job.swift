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
    /// Whether nothing may run beside it: the last time memory was short.
    package let runsAlone: Bool

    package init(
        image: Image, owner: Owner, recipe: Recipe, original: Blob, attempt: Int, lane: Lane,
        runsAlone: Bool = false
    ) {
        self.image = image
        self.owner = owner
        self.recipe = recipe
        self.original = original
        self.attempt = attempt
        self.lane = lane
        self.runsAlone = runsAlone
    }

    /// Renditions still to be made, in the recipe's order.
    package var wanted: [String] {
        recipe.renditions.map(\.name).filter { !image.renditionNames.contains($0) }
    }

    /// The rendition that a quick pass makes: the recipe's first, where it is encoded fast and is
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
        /// No rendition is there yet: a pass makes the first one.
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
        /// It used up the CPU time of a job, which a third time it would, too.
        case cpu
        /// The kernel ended the worker for want of memory: the photo is tried again alone.
        case memory
        /// The server died or stopped, or the worker was taken away: the photo is hardly at fault.
        case server

        package var limit: Int {
            switch self {
            case .worker, .cpu: 2
            case .memory: 3
            case .server: 5
            }
        }

        /// How a photo ends that was lost so for the `count`th time; nil where it is tried again.
        package func ending(after count: Int, _ problem: Problem) -> Change? {
            guard count >= limit else { return nil }
            return self == .cpu ? .rejected(problem) : .failed(problem)
        }
    }
}
