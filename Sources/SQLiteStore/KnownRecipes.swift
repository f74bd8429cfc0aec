// Recipes by their text. A batch's row is read for every change of its images, and nearly all batches
// have one of a few recipes: decoding each anew was a twelfth of what the server does for a photo.

import Domain
import Synchronization

enum KnownRecipes {
    /// Texts kept at most; one has some hundred bytes to some thousand.
    private static let capacity = 64
    private static let known = Mutex<[String: Recipe]>([:])

    /// - Throws: a `DecodingError` for what is no recipe.
    static func recipe(_ text: String) throws -> Recipe {
        if let recipe = known.withLock({ $0[text] }) { return recipe }
        let recipe: Recipe = try JSON(parsing: text).decoded()
        known.withLock { known in
            if known.count >= capacity { known = [:] }
            known[text] = recipe
        }
        return recipe
    }
}
