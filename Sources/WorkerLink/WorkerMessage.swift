// What a worker sends: once who it is, then reports. The server sends RenderRequest.

package import Domain

/// A worker's side of the conversation.
package enum WorkerMessage: Sendable, Hashable {
    /// The first message, once, when the worker is ready for work.
    case hello(WorkerHello)
    case report(RenderReport)
}

extension WorkerMessage: Codable {
    private enum Kind: CodingKey {
        case hello, report
        /// The report that comes far more often than all others, two levels less deep: each level
        /// costs as much as what it holds.
        case progress
    }

    package init(from decoder: any Decoder) throws {
        let members = try decoder.container(keyedBy: Kind.self)
        if let progress = try members.decodeIfPresent(Progress.self, forKey: .progress) {
            self = .report(.progress(progress))
        } else if let report = try members.decodeIfPresent(RenderReport.self, forKey: .report) {
            self = .report(report)
        } else {
            self = .hello(try members.decode(WorkerHello.self, forKey: .hello))
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var members = encoder.container(keyedBy: Kind.self)
        switch self {
        case .hello(let hello): try members.encode(hello, forKey: .hello)
        case .report(.progress(let progress)): try members.encode(progress, forKey: .progress)
        case .report(let report): try members.encode(report, forKey: .report)
        }
    }
}

/// What a worker is: how well it is shut in, and what it can read and write.
package struct WorkerHello: Codable, Sendable, Hashable {
    package let sandbox: Sandbox
    package let inputs: [MediaType]
    package let outputs: [MediaType]
    /// Library names and their versions, such as `libvips: 8.14.1`.
    package let versions: [String: String]

    package init(
        sandbox: Sandbox, inputs: [MediaType], outputs: [MediaType], versions: [String: String]
    ) {
        self.sandbox = sandbox
        self.inputs = inputs
        self.outputs = outputs
        self.versions = versions
    }

    /// The sandbox as it was found to be by trying what it must deny.
    package struct Sandbox: Codable, Sendable, Hashable {
        package enum State: String, Codable, Sendable, Hashable {
            /// Landlock and seccomp both hold, and every probe was denied.
            case full
            /// One of them holds, or some probe was let through.
            case partial
            case none
        }
        package let state: State
        package let landlock: Bool
        package let seccomp: Bool
        /// What was tried and worked, although it must not.
        package let allowed: [String]
        /// What was tried in vain.
        package let denied: [String]

        package init(landlock: Bool, seccomp: Bool, allowed: [String], denied: [String] = []) {
            self.landlock = landlock
            self.seccomp = seccomp
            self.allowed = allowed
            self.denied = denied
            state =
                switch (landlock, seccomp, allowed.isEmpty) {
                case (true, true, true): .full
                case (false, false, _): .none
                default: .partial
                }
        }
    }
}
