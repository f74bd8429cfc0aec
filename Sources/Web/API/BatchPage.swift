// Which part of a caller's list of batches is asked for. The place in it is opaque to clients: they
// follow `next`.

import Domain
import HummingbirdCore

struct BatchPage {
    let limit: Int
    let after: BatchSummary.Place?

    private static let defaultLimit = 100
    private static let maxLimit = 500
    /// Between the two parts of a place; in neither of them.
    private static let separator: Character = ","

    /// - Throws: `bad-request` for a limit outside 1…500 and for what no `next` ever said.
    init(_ parameters: FlatDictionary<Substring, Substring>) throws(Problem) {
        limit = try Self.limit(parameters["limit"])
        after = try parameters["after"].map { text throws(Problem) in try Self.place(text) }
    }

    private static func limit(_ text: Substring?) throws(Problem) -> Int {
        guard let text else { return defaultLimit }
        guard let limit = Int(text), (1...maxLimit).contains(limit) else {
            throw Problem(
                .badRequest, "limit must be a number from 1 to \(maxLimit).", limit: maxLimit)
        }
        return limit
    }

    private static func place(_ text: Substring) throws(Problem) -> BatchSummary.Place {
        let parts = text.split(separator: separator, omittingEmptySubsequences: false)
        guard parts.count == 2, let id = Batch.ID(String(parts[1])) else {
            throw Problem(.badRequest, "after must come from the answer before, which says next.")
        }
        return BatchSummary.Place(createdAt: String(parts[0]), id: id.rawValue)
    }

    /// The URL of the page that follows one that ends with `batch`.
    func next(after batch: BatchSummary) -> String {
        let place = "\(batch.createdAt)\(Self.separator)\(batch.id)"
        return "/api/batches?limit=\(limit)&after=\(place)"
    }
}
