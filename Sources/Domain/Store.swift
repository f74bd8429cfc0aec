// Where batches, their logs, uploads and jobs are kept. A method that writes is a whole
// transaction: the state, the job and the events it causes are stored together or not at all, so
// no caller can forget an event. Tests/ContractTests says what every store owes.
//
// What follows from a change stands in `Consequence`, what fits in `Limits`, and when a lost job ends in
// `Job.Loss`: a store carries it out and decides nothing.

/// The whole of it; who needs a part names that part alone.
package protocol Store: BatchStore, LogStore, UploadStore, JobStore, UpkeepStore, OperatorStore {}

/// Where commits are told.
package protocol CommitSource: Sendable {
    /// Adds an observer that is called after each commit, in the order of commits, one at a time,
    /// and before the write that caused it returns.
    func observe(_ observer: @escaping @Sendable (Commit) -> Void)
}

/// What a store has just made durable.
package enum Commit: Sendable {
    /// The batch as the events left it.
    case recorded(Batch, [Event])
    case deleted(Batch.ID)
    /// The job for the boot that stood by.
    case claimed(Job, boot: String)
}
