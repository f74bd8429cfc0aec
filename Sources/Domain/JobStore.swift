// The queue: which image is processed next, and what becomes of attempts that were lost.

package import Foundation

package protocol JobStore: ImageStore, CommitSource {
    /// Takes the next queued job, and records `image.processing` where a new attempt begins. The
    /// quick lane goes before the slow one, but for the slow lane's own turns (`Job.Lane`). In each
    /// lane turns go by who asked, then by owner, then by batch, whoever waits longest first: neither
    /// thousands of photos nor thousands of batches make somebody else wait for more than a turn.
    /// Costs the same however many wait.
    /// - Parameter standsBy: asked where none is queued, once all that was claimed before has been
    ///   told. If it says yes, the transaction that queues the next one claims for `boot` as well,
    ///   once, and tells it as `Commit.claimed`: so claiming waits for no disk of its own. Whoever
    ///   stands by is replaced by the next who does, and who takes a job stands by no longer.
    func claimJob(
        boot: String, standsBy: @escaping @Sendable () -> Bool, at date: Date
    ) async throws -> Job?
    /// Nothing is claimed any more for who stands by. What was before has been told when this returns.
    func standDown() async throws
    /// Ends a pass: records `changes`, and queues the job in the slow lane where it is `postponed`; the
    /// attempt goes on there, so nothing is counted. Takes the next job as `claimJob` does, where
    /// `boot` is given and one can be had at once: all of it waits for the disk once.
    /// - Throws: `wrong-state` where the image was taken away meanwhile.
    func endPass(
        _ job: Job, with changes: [Change], postponed: Bool, claimingFor boot: String?,
        at date: Date
    ) async throws -> Job?
    /// Gives back a job whose attempt brought no result: it is queued again, or, at the limit of
    /// `loss`, ends as `failed` with `problem`. Without a loss it is nobody's fault and not counted.
    func release(_ job: Job, after loss: Job.Loss?, problem: Problem, at date: Date) async throws
    /// Queues again all that a server before `boot` was running; counts each as a loss of `server`.
    func recoverJobs(boot: String, at date: Date) async throws
    /// Jobs that wait or run, by lane; a gauge.
    func jobCounts() async throws -> [Job.Lane: JobCount]
    /// What was learned of encodes that measure nothing.
    func encodeTimes() async throws -> [EncodeTime]
    /// Replaces what was known of the format and size.
    func keep(_ time: EncodeTime) async throws
}

extension JobStore {
    /// Takes the next queued job, or nothing.
    package func claimJob(boot: String, at date: Date) async throws -> Job? {
        try await claimJob(boot: boot, standsBy: { false }, at: date)
    }
}

/// Jobs of one lane.
package struct JobCount: Sendable, Hashable {
    package let waiting: Int
    package let running: Int

    package init(waiting: Int, running: Int) {
        self.waiting = waiting
        self.running = running
    }
}
