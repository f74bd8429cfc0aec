// Why a job has no outcome, as a closed set. The photograph is never at fault here by itself.

package import Domain
internal import Glibc
package import WorkerLink

package enum WorkerFailure: Error, Sendable, Hashable {
    /// The worker was ended by a signal nobody here sent.
    case crashed(signal: Int32)
    /// It was killed, and not by us: by the kernel, which was short of memory, or by somebody.
    case killed
    /// The worker ended by itself.
    case exited(code: Int32)
    /// It used up its CPU time.
    case outOfCPU
    /// It used up its time on the clock.
    case outOfTime
    /// It broke the protocol; the sentence says how.
    case violation(String)
    /// There is no worker and none starts, or the pool is closing; the sentence says why.
    case unavailable(String)

    package init(_ exit: WorkerExit) {
        self =
            switch (exit.reason, exit.status) {
            case (.overdue, _): .outOfTime
            case (nil, .signal(SIGXCPU)): .outOfCPU
            case (nil, .signal(SIGKILL)): .killed
            case (.violation(let sentence), _): .violation(sentence)
            case (.cancelled, _), (.retired, _): .unavailable("the worker was ended")
            case (nil, .signal(let signal)): .crashed(signal: signal)
            case (nil, .code(let code)): .exited(code: code)
            }
    }

    /// The failure as an image shows it.
    package var problem: Problem {
        switch self {
        case .crashed, .exited, .violation: Problem(.workerCrashed)
        case .killed: Problem(.outOfMemory)
        case .outOfCPU: Problem(.tooSlow)
        case .outOfTime: Problem(.timedOut)
        case .unavailable: Problem(.unavailable)
        }
    }

    /// What a job counts for it; nil where no worker has met the photograph.
    var loss: Job.Loss? {
        switch self {
        case .crashed, .exited, .violation, .outOfTime: .worker
        case .killed: .memory
        case .outOfCPU: .cpu
        case .unavailable: nil
        }
    }

    /// Whether no worker has met the photograph, which so can have caused nothing.
    package var isUnavailable: Bool {
        if case .unavailable = self { true } else { false }
    }
}

extension WorkerFailure: CustomStringConvertible {
    package var description: String {
        switch self {
        case .crashed(let signal): "the worker was ended by signal \(signal)"
        // What a shell and the dynamic linker say of a program that cannot run.
        case .exited(127): "the worker cannot run: a library is missing (exit code 127)"
        case .exited(let code): "the worker ended with exit code \(code)"
        case .killed: "the worker was killed, as the kernel does where memory is short"
        case .outOfCPU: "the worker used up its CPU time"
        case .outOfTime: "the worker used up its time"
        case .violation(let sentence): "the worker broke the protocol: \(sentence)"
        case .unavailable(let sentence): "no worker is available: \(sentence)"
        }
    }
}
