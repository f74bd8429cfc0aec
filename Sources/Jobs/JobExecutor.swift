// One pass of one photograph: the worker's reports become changes of the image, and its outputs
// are copied and hashed by us.

import Domain
import Foundation
import WorkerLink

struct JobExecutor: Sendable {
    let store: any JobStore
    let blobs: any BlobStore
    let feed: ChangeFeed
    let pool: WorkerPool
    let limits: ImageLimits
    let clock: EncodeClock

    /// Returns when the image has a final state, or waits for another pass: the next job, if one was
    /// taken along with that.
    /// - Parameter next: who takes another job with the end of this one; nil if nobody does.
    /// - Throws: `WorkerFailure` where the worker brought no result, `wrong-state` where the image
    ///   was taken away meanwhile.
    func process(_ job: Job, next: @Sendable () -> String?) async throws -> Job? {
        // Cancelled between its claim and here, where only the store heard of it.
        let image = try await store.image(job.image.id, in: job.image.batch)
        guard image.state == .processing else { return nil }
        let input = try await blobs.open(job.original)
        defer { close(input) }
        let pass: JobPass
        switch job.lane {
        case .slow: pass = try JobPass(job, making: job.wanted)
        case .quick:
            guard let preview = job.preview, QuickLook.isBaselineJPEG(input) else {
                return try await end(job, with: [], postponed: true, next)
            }
            pass = try JobPass(job, making: [preview])
        }
        switch try await outcome(of: pass, input) {
        case .done where pass.isLast:
            return try await end(job, with: pass.takeHeld() + [.ready], next)
        case .done: return try await end(job, with: pass.takeHeld(), postponed: true, next)
        case .refused(let problem):
            return try await end(job, with: pass.takeHeld() + [.rejected(problem)], next)
        case .failed(let problem):
            return try await end(job, with: pass.takeHeld() + [.failed(problem)], next)
        case .sniffed: throw WorkerFailure.violation("an answer to another question")
        }
    }

    /// The worker's last word. Where it says none, what came before is recorded all the same.
    private func outcome(of pass: JobPass, _ input: Int32) async throws -> RenderOutcome {
        do {
            return try await perform(pass, input)
        } catch {
            let held = pass.takeHeld()
            if !held.isEmpty { try await record(held, of: pass.job) }
            throw error
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
        switch report {
        case .accepted(let facts): try await record(.accepted(facts), in: pass)
        case .progress(let progress):
            let job = pass.job
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
            try await record(.renditionReady(rendition), in: pass)
        case .done, .refused, .failed, .sniffed:
            break  // The outcome.
        }
    }

    /// At once, or with the end of the pass where that is near.
    private func record(_ change: Change, in pass: JobPass) async throws {
        if pass.isNearEnd(change) {
            pass.hold(change)
        } else {
            try await record([change], of: pass.job)
        }
    }

    private func end(
        _ job: Job, with changes: [Change], postponed: Bool = false,
        _ next: @Sendable () -> String?
    ) async throws -> Job? {
        // Before it is queued again: from then on it may already move in its next pass.
        if postponed { feed.rest(job.image.id, in: job.image.batch) }
        return try await store.endPass(
            job, with: changes, postponed: postponed, claimingFor: next(), at: Date())
    }

    private func record(_ changes: [Change], of job: Job) async throws {
        try await store.record(changes, of: job.image.id, in: job.image.batch, at: Date())
    }
}
