// One pass of one photograph: the worker's reports become changes of the image, and its outputs
// are copied and hashed by us.

import Domain
import Foundation
import WorkerLink

struct JobExecutor: Sendable {
    let store: any Store
    let blobs: any BlobStore
    let feed: ChangeFeed
    let pool: WorkerPool
    let limits: ImageLimits
    let clock: EncodeClock

    /// Returns when the image has a final state, or waits for another pass.
    /// - Throws: `WorkerFailure` where the worker brought no result, `wrong-state` where the image
    ///   was taken away meanwhile.
    func process(_ job: Job) async throws {
        // Cancelled between its claim and here, where only the store heard of it.
        let image = try await store.image(job.image.id, in: job.image.batch)
        guard image.state == .processing else { return }
        let input = try await blobs.open(job.original)
        defer { close(input) }
        let pass: JobPass
        switch job.lane {
        case .slow: pass = try JobPass(job, making: job.wanted)
        case .quick:
            guard let preview = job.preview, QuickLook.isBaselineJPEG(input) else {
                return try await postpone(job, after: nil)
            }
            pass = try JobPass(job, making: [preview])
        }
        switch try await perform(pass, input) {
        case .done where pass.isLast: try await record(.ready, of: job)
        case .done: try await postpone(job, after: pass.preview)
        case .refused(let problem): try await record(.rejected(problem), of: job)
        case .failed(let problem): try await record(.failed(problem), of: job)
        case .sniffed: throw WorkerFailure.violation("an answer to another question")
        }
    }

    private func perform(_ pass: JobPass, _ input: Int32) async throws -> RenderOutcome {
        try await pool.perform(
            .process(
                recipe: pass.job.recipe, wanted: pass.making, limits: limits, known: pass.known),
            input: input, output: pass.output, owner: pass.job.owner.id
        ) { report in
            try await note(report, in: pass)
        }
    }

    private func note(_ report: RenderReport, in pass: JobPass) async throws {
        let job = pass.job
        switch report {
        case .accepted(let facts):
            pass.note(facts)
            try await record(.accepted(facts), of: job)
        case .progress(let progress):
            let live = Live(
                pass.placed(progress), attempt: job.attempt,
                expectedMs: pass.silentEncode(progress).flatMap(clock.expected))
            feed.show(live, of: job.image.id, in: job.image.batch)
        case .rendition(let name, let width, let height, let mediaType, _):
            if let (encode, took) = pass.ended(name) { await clock.note(encode, took: took) }
            let output = pass.output
            let blob = try await blobs.add(contentsOf: output.number, in: output.delivered)
            let rendition = Rendition(
                name: name, width: width, height: height, mediaType: mediaType, blob: blob)
            if pass.isLast {
                try await record(.renditionReady(rendition), of: job)
            } else {
                pass.keep(rendition)
            }
        case .done, .refused, .failed, .sniffed:
            break  // The outcome.
        }
    }

    private func postpone(_ job: Job, after preview: Rendition?) async throws {
        // Before it is queued again: from then on it may already move in its next pass.
        feed.rest(job.image.id, in: job.image.batch)
        try await store.postpone(job, after: preview, at: Date())
    }

    private func record(_ change: Change, of job: Job) async throws {
        try await store.record(change, of: job.image.id, in: job.image.batch, at: Date())
    }
}
