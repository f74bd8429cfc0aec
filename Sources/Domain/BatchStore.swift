// Batches: made, listed, named and taken away.

package import Foundation

package protocol BatchStore: Sendable {
    /// - Parameter key: of the request, if it has one, as for all that is made or recorded under one:
    ///   kept in the same transaction, and where the same request came before, what it made is
    ///   given as it stands now, and nothing is recorded.
    /// - Parameter asker: who asked for it, for the turns of its photos.
    /// - Throws: `key-reused` where another request came under the key.
    func createBatch(
        _ id: Batch.ID, owner: Owner, asker: Asker, recipe: Recipe, under key: RequestKey?,
        at date: Date
    ) async throws -> Made<Batch>
    /// - Throws: `no-such-batch`, or `batch-deleted` for one that was.
    func batch(_ id: Batch.ID) async throws -> Batch
    /// At most `limit` of the owner's batches, the newest first, those behind `place` in that order.
    func batches(
        of owner: Owner, after place: BatchSummary.Place?, limit: Int
    ) async throws -> [BatchSummary]
    /// Records `batch.renamed` where `name` is not the batch's name already.
    func renameBatch(_ id: Batch.ID, to name: String?, at date: Date) async throws
    /// Takes the batch away: from here on nothing of it is found, nor of its images, uploads and jobs.
    /// What it held is still there until `purge` has removed it.
    func deleteBatch(_ id: Batch.ID) async throws
    /// Removes the batch if nothing has happened in it since it was made, and no upload is there.
    func deleteUnused(_ id: Batch.ID) async throws
}

extension BatchStore {
    /// A batch that nobody asked for over a connection.
    package func createBatch(
        _ id: Batch.ID, owner: Owner, recipe: Recipe, under key: RequestKey?, at date: Date
    ) async throws -> Made<Batch> {
        try await createBatch(
            id, owner: owner, asker: .unknown, recipe: recipe, under: key, at: date)
    }
}

/// A line in the list of somebody's batches.
package struct BatchSummary: Codable, Sendable, Hashable {
    package let id: String
    package let createdAt: String
    package let state: String
    package let images: Int
    package let name: String?
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
        renditions: [String]
    ) {
        self.id = id
        self.createdAt = createdAt
        self.state = state
        self.images = images
        self.name = name
        self.renditions = renditions
    }
}
