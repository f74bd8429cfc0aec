// A process that the host has started, and what the host holds of it.

internal import CWorkerLink
internal import Glibc

final class Child: Sendable {
    let processID: Int32
    /// The near end of its link.
    let socket: LinkSocket
    private let handle: Descriptor

    /// Takes over the near end of a child's link.
    init(_ processID: Int32, near: consuming LinkSocket) throws(LinkError) {
        let handle = cwl_pidfd_open(processID)
        guard handle >= 0 else {
            // Without a handle it can be neither watched nor ended safely later; end it now.
            Glibc.kill(processID, SIGKILL)
            waitpid(processID, nil, 0)
            throw .system("pidfd_open", -handle)
        }
        self.processID = processID
        self.handle = Descriptor(owning: handle)
        socket = near
    }

    /// What becomes readable when it has ended.
    var end: Int32 { handle.number }

    /// Ends it at once, by its handle, so that a process id that was given away again is never hit.
    /// One that is gone already is what was wanted.
    func kill() { _ = cwl_pidfd_kill(handle.number, SIGKILL) }

    /// How it ended, once; nil while it runs.
    func reaped() -> WorkerExit.Status? {
        var signal: Int32 = 0
        var code: Int32 = 0
        guard cwl_reap(processID, &signal, &code) != 0 else { return nil }
        return signal != 0 ? .signal(signal) : .code(code)
    }
}
