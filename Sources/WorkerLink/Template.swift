// A template is a worker that is warm and not closed in. It sees no photograph: all it does is to
// copy itself, and each copy closes itself in and becomes a worker. A copy costs a tenth of a start
// and shares the template's memory (docs/decisions/0013-copied-workers.md).

internal import CWorkerLink
internal import Glibc

/// What a template is asked; the far end of the copy's link comes with it.
enum TemplateRequest: Codable, Sendable {
    case copy
}

/// What a template says.
enum TemplateMessage: Codable, Sendable {
    /// It is warm and alone in its process: it can be copied.
    case ready
    /// The copy's process id, or why there is none, by errno.
    case copied(process: Int32)
    case failed(errno: Int32)
}

extension WorkerEndpoint {
    /// What starts a worker's executable as a template, in its environment: an argument would stay
    /// in the list of processes, copies included.
    static let templateVariable = "REVELA_TEMPLATE"

    /// Whether this process is to be a template and no worker.
    package static var isTemplate: Bool { getenv(templateVariable) != nil }

    /// Names this process and ties it to the server, before it is warmed.
    package func becomeTemplate() throws(LinkError) {
        _ = try LinkError.check("prctl", cwl_become_template("revela-template"))
    }

    /// Copies this process as often as the server asks for it. Returns in each copy, with this
    /// endpoint at the link of the copy's own; here it ends by throwing, `closed` as a rule.
    package func serveAsTemplate() throws(LinkError) {
        try waitUntilAlone()
        guard try LinkError.check("/proc/self", cwl_shares_nothing()) == 1 else {
            throw .system("a copy would share memory or a descriptor", EBUSY)
        }
        try socket.send(TemplateMessage.ready, waiting: true)
        while true {
            guard let packet = try socket.receive(into: &buffer, waiting: true) else {
                throw .closed
            }
            _ = try Frame.decode(TemplateRequest.self, from: packet.bytes)
            guard packet.descriptors.count == 1 else {
                throw .descriptors(expected: 1, actual: packet.descriptors.count)
            }
            let process = cwl_copy()
            if process == 0 {
                // From here on this is the copy.
                let status = cwl_become_copy(packet.descriptors[0], "revela-worker")
                _ = try LinkError.check("becoming a worker", status)
                return
            }
            close(packet.descriptors[0])
            try socket.send(
                process > 0
                    ? TemplateMessage.copied(process: process)
                    : TemplateMessage.failed(errno: -process), waiting: true)
        }
    }

    /// A copy has only the thread that was copied, so the others must be gone: libvips' end when
    /// they have had nothing to do for 15 seconds.
    private func waitUntilAlone() throws(LinkError) {
        for _ in 0..<240 {
            if try LinkError.check("/proc/self/task", cwl_thread_count()) == 1 { return }
            // Nothing is asked of it yet, so this is the link's end.
            if hasRequest(within: 250) { throw .closed }
        }
        throw .system("waiting for threads", ETIMEDOUT)
    }
}
