// Batches: made, listed, named and taken away.

package import Foundation

package protocol BatchStore: Sendable {
    /// - Parameter key: of the request, if it has one, as for all that is made or recorded under one:
    ///   kept in the same transaction, and where the same request came before, what it made is
    ///   given as it stands now, and nothing is recorded.
    /// - Throws: `key-reused` where another request came under the key; `too-many-batches`.
    func createBatch(
        _ new: NewBatch, limits: Limits, under key: RequestKey?, at date: Date
    ) async throws -> Made<Batch>
    /// - Throws: `no-such-batch`, or `batch-deleted` for one that was.
    func batch(_ id: Batch.ID) async throws -> Batch
    /// At most `limit` of the owner's batches, the newest first, those behind `place` in that order.
    func batches(
        of owner: Owner, after place: BatchSummary.Place?, limit: Int
    ) async throws -> [BatchSummary]
    /// Records `batch.renamed` where `name` is not the batch's name already.
    func renameBatch(_ id: Batch.ID, to name: String?, at date: Date) async throws
    /// Records `batch.rescheduled` where `end` is not the batch's end already; nil is never.
    /// - Parameter days: how long after its beginning it may end at the latest; nil for any time.
    /// - Throws: `bad-request` where that is too late, or has passed.
    func rescheduleBatch(
        _ id: Batch.ID, to end: Date?, keptFor days: Int?, at date: Date
    ) async throws
    /// Takes the batch away: from here on nothing of it is found, nor of its images, uploads and jobs.
    /// What it held is still there until `purge` has removed it.
    func deleteBatch(_ id: Batch.ID) async throws
    /// Removes the batch if nothing has happened in it since it was made, and no upload is there.
    func deleteUnused(_ id: Batch.ID) async throws
}

/// A batch that is to be made.
package struct NewBatch: Sendable {
    package let id: Batch.ID
    package let owner: Owner
    /// Who asked for it, for the turns of its photos.
    package let asker: Asker
    package let recipe: Recipe
    /// Nil where it is kept for ever.
    package let expiresAt: Date?

    package init(
        id: Batch.ID = .random(), owner: Owner, asker: Asker = .unknown, recipe: Recipe,
        expiresAt: Date? = nil
    ) {
        self.id = id
        self.owner = owner
        self.asker = asker
        self.recipe = recipe
        self.expiresAt = expiresAt
    }
}

extension BatchStore {
    /// A batch that nobody asked for over a connection.
    package func createBatch(
        _ id: Batch.ID, owner: Owner, recipe: Recipe, under key: RequestKey?, at date: Date
    ) async throws -> Made<Batch> {
        try await createBatch(
            NewBatch(id: id, owner: owner, recipe: recipe), limits: Limits(), under: key, at: date)
    }
}

/// A line in the list of somebody's batches.
package struct BatchSummary: Codable, Sendable, Hashable {
    package let id: String
    package let createdAt: String
    package let state: String
    package let images: Int
    package let name: String?
    /// As `Date.timestamp` writes it; nil where it is kept for ever.
    package let expiresAt: String?
    /// URLs of the smallest renditions of a few of its images; empty before there are any.
    package let renditions: [String]

    /// Renditions at most.
    package static let renditionLimit = 3

    /// Where a batch stands among its owner's: it stays right when the batch is gone.
    package struct Place: Sendable, Hashable {
        /// As `Date.timestamp` writes it.
        package let createdAt: String
        package let id: String

        package init(createdAt: String, id: String) {
            self.createdAt = createdAt
            self.id = id
        }
    }

    package var place: Place { Place(createdAt: createdAt, id: id) }

    package init(
        id: String, createdAt: String, state: String, images: Int, name: String?,
        expiresAt: String? = nil, renditions: [String]
    ) {
        self.id = id
        self.createdAt = createdAt
        self.state = state
        self.images = images
        self.name = name
        self.expiresAt = expiresAt
        self.renditions = renditions
    }
}
