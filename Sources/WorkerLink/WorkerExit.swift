// Why a worker is no more.

/// How a worker process ended, and why if it was ended on purpose.
package struct WorkerExit: Sendable, Hashable {
    package enum Status: Sendable, Hashable {
        case code(Int32)
        case signal(Int32)
    }

    /// Why the server killed it; the first reason counts.
    package enum Reason: Sendable, Hashable {
        case cancelled
        case overdue
        case retired
        /// It broke the protocol; the sentence says how.
        case violation(String)
    }

    package let status: Status
    package let reason: Reason?

    package init(status: Status, reason: Reason?) {
        self.status = status
        self.reason = reason
    }
}
