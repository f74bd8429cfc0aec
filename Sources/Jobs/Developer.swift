// One attempt at one photograph: the worker's reports become changes of the image. What the worker
// says is checked before it is believed, and its outputs are copied and hashed by us.

import Domain
import Foundation

struct Developer: Sendable {
    let store: any Store
    let blobs: any BlobStore
    let feed: ChangeFeed
    let pool: WorkerPool
    let limits: ImageLimits

    /// Returns when the image has a final state.
    /// - Throws: `WorkerLoss` where the worker died, `wrong-state` where the image was taken away.
    func develop(_ job: Job) async throws {
        let input = try await blobs.open(job.original)
        defer { close(input) }
        let request = RenderRequest.develop(
            recipe: job.recipe, wanted: job.wanted, limits: limits)
        let outcome = try await pool.run(request, input: input, owner: job.owner.id) { report in
            try await note(report, of: job)
        }
        try await record(outcome.change, of: job)
    }
}
