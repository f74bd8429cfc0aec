// A look at an upload's first bytes while most of them are still to come, by a worker that does
// nothing else: a wrong file or a bomb is refused at a hundredth of its size.

package import Domain
import Foundation
package import Logging

package struct EarlyCheck: Sendable {
    private let store: any BatchStore
    private let blobs: any BlobStore
    private let pool: WorkerPool
    private let limits: ImageLimits
    private let logger: Logger

    /// How long a look waits for a worker. An upload that has its last byte waits for a look under
    /// way, and loses more by a longer wait than a refusal could save it.
    private static let patience = Duration.seconds(2)

    package init(
        store: any BatchStore, blobs: any BlobStore, pool: WorkerPool, limits: ImageLimits,
        logger: Logger
    ) {
        self.store = store
        self.blobs = blobs
        self.pool = pool
        self.limits = limits
        self.logger = logger
    }

    /// Whether the upload can become a photograph, judged by its first `written` bytes. A look that
    /// fails decides nothing: the whole file is checked again.
    package func verdict(on upload: Upload, written: Int) async -> RenderReport.Verdict {
        do {
            return try await look(at: upload, written)
        } catch {
            logger.info(
                "an upload could not be looked at early",
                metadata: ["upload": "\(upload.batch)", "error": "\(error)"])
            return .undecided
        }
    }

    private func look(at upload: Upload, _ written: Int) async throws -> RenderReport.Verdict {
        // While none is ready, as at the server's start, it is not worth any wait.
        guard await pool.hello != nil else { return .undecided }
        let owner = try await store.batch(upload.batch).owner
        let input = try await blobs.openStaged(upload.id)
        defer { close(input) }
        let outcome = try await pool.perform(
            .sniff(available: written, total: upload.length, limits: limits), input: input,
            owner: owner.id, patience: Self.patience)
        guard case .sniffed(let verdict) = outcome else { return .undecided }
        return verdict
    }
}
