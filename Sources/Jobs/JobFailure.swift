// How a job without a result ended, whose fault it was, and whether it is tried again.

import Domain
import Glibc
import WorkerLink

enum JobFailure {
    /// The image was cancelled, removed or deleted meanwhile: nothing is left to do.
    case moot
    /// We stopped it ourselves.
    case stopped
    /// There is no room for results: no job can end well until there is.
    case diskFull
    /// The store or a file cannot be had just now: another program's lock, no descriptors.
    case unavailable
    /// No worker could be had.
    case noWorker
    /// The worker died over it.
    case lostWorker(WorkerFailure)
    /// The photo's bytes are not on the disk any more.
    case lostOriginal
    case unexpected

    init(of error: any Error) {
        switch error {
        case is CancellationError: self = .stopped
        case is BlobMissing: self = .lostOriginal
        case let failure as WorkerFailure:
            self = failure.isUnavailable ? .noWorker : .lostWorker(failure)
        case LinkError.system(_, let code) where Self.shortages.contains(code): self = .unavailable
        case let problem as Problem:
            switch problem.code {
            case .wrongState, .noSuchImage, .noSuchBatch, .batchDeleted: self = .moot
            case .diskFull: self = .diskFull
            case .unavailable: self = .unavailable
            default: self = .unexpected
            }
        default: self = .unexpected
        }
    }

    /// What the whole machine, or this process, has too little of.
    private static let shortages: Set<Int32> = [EMFILE, ENFILE, ENOMEM, EAGAIN]

    /// What becomes of the job; nil where there is none any more.
    enum Verdict {
        /// It is queued again, or, at the limit of the loss, ends with the problem.
        case release(Job.Loss?, Problem)
        case end(Change)
    }

    var verdict: Verdict? {
        switch self {
        case .moot: nil
        case .stopped, .diskFull, .unavailable, .noWorker: .release(nil, Problem(.internal))
        case .lostWorker(let failure): .release(failure.loss, failure.problem)
        case .lostOriginal:
            .end(.failed(Problem(.internal, "The photo's bytes are gone from the server's disk.")))
        case .unexpected: .release(.server, Problem(.internal))
        }
    }

    func pause(_ pauses: JobRunner.Pauses) -> Duration? {
        switch self {
        case .diskFull: pauses.diskFull
        case .unavailable: pauses.store
        case .noWorker: pauses.noWorker
        case .moot, .stopped, .lostWorker, .lostOriginal, .unexpected: nil
        }
    }

    /// What an operator should read of it.
    var warning: String? {
        switch self {
        case .moot, .stopped: nil
        case .diskFull: "no photo is developed until there is room on the disk"
        case .unavailable: "no photo is developed until the store and its files can be had"
        case .noWorker: "no photo is developed until a worker starts"
        case .lostWorker(.killed):
            "a worker was killed over a photo, as the kernel does where memory is short: it is tried "
                + "again alone"
        case .lostWorker: "a worker died over a photo"
        case .lostOriginal: "a photo's bytes are gone from the disk"
        case .unexpected: "a job was lost"
        }
    }
}
