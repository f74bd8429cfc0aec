// One attempt at one photograph: the worker's reports become changes of the image, and its outputs
// are copied and hashed by us.

import Domain
import Foundation
import WorkerLink

struct Developer: Sendable {
    let store: any Store
    let blobs: any BlobStore
    let feed: ChangeFeed
    let pool: WorkerPool
    let limits: ImageLimits

    /// Returns when the image has a final state.
    /// - Throws: `WorkerFailure` where the worker brought no result, `wrong-state` where the image
    ///   was taken away meanwhile.
    func develop(_ job: Job) async throws {
        let input = try await blobs.open(job.original)
        defer { close(input) }
        var outputs: [String: MemoryFile] = [:]
        for name in job.wanted { outputs[name] = try MemoryFile(name: name) }
        let files = outputs
        let outcome = try await pool.perform(
            .develop(recipe: job.recipe, wanted: job.wanted, limits: limits), input: input,
            outputs: job.wanted.compactMap { files[$0] }, owner: job.owner.id
        ) { report in
            try await note(report, of: job, files)
        }
        switch outcome {
        case .done: try await record(.ready, of: job)
        case .refused(let problem): try await record(.rejected(problem), of: job)
        case .failed(let problem): try await record(.failed(problem), of: job)
        case .sniffed: throw WorkerFailure.violation("an answer to another question")
        }
    }

    private func note(
        _ report: RenderReport, of job: Job, _ files: [String: MemoryFile]
    ) async throws {
        switch report {
        case .accepted(let facts):
            // A later attempt checks the file again and finds the same.
            if job.image.document["mediaType"] == nil {
                try await record(.accepted(facts), of: job)
            }
        case .progress(let progress):
            feed.show(
                Live(progress, attempt: job.attempt), of: job.image.id, in: job.image.batch)
        case .rendition(let name, let width, let height, let mediaType, let bytes):
            guard let file = files[name] else {
                throw WorkerFailure.violation("a rendition nobody wants")
            }
            let blob = try await blobs.add(contentsOf: file.number, size: bytes)
            let rendition = Rendition(
                name: name, width: width, height: height, mediaType: mediaType, blob: blob)
            try await record(.renditionReady(rendition), of: job)
        case .done, .refused, .failed, .sniffed:
            break  // The outcome.
        }
    }

    private func record(_ change: Change, of job: Job) async throws {
        try await store.record(change, of: job.image.id, in: job.image.batch, at: Date())
    }
}
