// The server's end of one worker.

internal import CWorkerLink
package import Domain
internal import Glibc
internal import Synchronization

/// A running worker process. It is reaped by its host, whose thread also reads what it says; it
/// dies with the server.
package final class WorkerProcess: Sendable {
    let child: Child
    /// The process that this one is a copy of; nil for one that was started by itself.
    package let template: Int32?
    let mailbox = Mailbox()
    private let onExit: @Sendable (WorkerExit) -> Void
    private let wakeHost: @Sendable () -> Void
    /// By a clock that stands still while the machine sleeps: that is not the photograph's fault.
    private let due = Mutex<SuspendingClock.Instant?>(nil)
    private let reason = Mutex<WorkerExit.Reason?>(nil)
    private let readable = Atomic(true)

    init(
        _ child: Child, template: Int32?, wakeHost: @escaping @Sendable () -> Void,
        onExit: @escaping @Sendable (WorkerExit) -> Void
    ) {
        self.child = child
        self.template = template
        self.wakeHost = wakeHost
        self.onExit = onExit
    }

    package var processID: Int32 { child.processID }

    /// The next message, or how it ended. One reader at a time.
    package func next() async -> WorkerEvent {
        await mailbox.next()
    }

    /// How it ended; nil while it runs.
    package var exit: WorkerExit? { mailbox.exit }

    /// Sends a request with its descriptors, which stay the caller's. Never waits: a worker that
    /// is ready for a request has room for it.
    package func send(_ request: RenderRequest, descriptors: [Int32]) throws(LinkError) {
        try child.socket.send(request, descriptors: descriptors, waiting: false)
    }

    /// Ends the process at once, whatever it is doing.
    package func kill(because reason: WorkerExit.Reason) {
        self.reason.withLock { if $0 == nil { $0 = reason } }
        child.kill()
    }

    /// Gives it this long on the clock from now before it is ended as overdue; nil for ever.
    package func allow(time: Duration?) {
        due.withLock { $0 = time.map { SuspendingClock.now + $0 } }
        // A host that waits for a deadline that is gone only looks around once in vain.
        if time != nil { wakeHost() }
    }

    /// When it is to be ended.
    var deadline: SuspendingClock.Instant? { due.withLock { $0 } }

    /// Lets it use this much more CPU time before the kernel ends it with SIGXCPU.
    package func allowCPU(seconds: Int) throws(LinkError) {
        let used = cwl_cpu_milliseconds(processID)
        guard used >= 0 else { throw .system("clock_getcpuclockid", Int32(-used)) }
        let limit = UInt64((Int(used) + 999) / 1000 + seconds)
        _ = try LinkError.check("prlimit", cwl_limit_cpu(processID, limit))
    }

    /// Lets it write so many bytes into a file and no more; what was allowed before cannot be
    /// widened. A write past it fails with EFBIG.
    package func allowFiles(bytes: Int) throws(LinkError) {
        _ = try LinkError.check("prlimit", cwl_limit_files(processID, UInt64(max(0, bytes))))
    }

    /// Resident memory in bytes, by /proc/<pid>/statm (proc(5)); nil when it is gone.
    package func residentBytes() -> Int? {
        let file = open("/proc/\(processID)/statm", O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        let descriptor = Descriptor(owning: file)
        var buffer = [UInt8](repeating: 0, count: 128)
        let count = read(descriptor.number, &buffer, buffer.count)
        guard count > 0 else { return nil }
        let fields = String(decoding: buffer.prefix(count), as: UTF8.self).split(separator: " ")
        guard fields.count > 1, let pages = Int(fields[1]) else { return nil }
        return pages * sysconf(Int32(_SC_PAGESIZE))
    }

    /// Whether its socket is still worth watching.
    var isReadable: Bool { readable.load(ordering: .relaxed) }

    /// Gives up on what it says, and so on it.
    func stopReading(_ violation: String) {
        readable.store(false, ordering: .relaxed)
        kill(because: .violation(violation))
    }

    /// Has it follow its link, which has ended, within a second.
    func linkClosed() {
        readable.store(false, ordering: .relaxed)
        due.withLock { $0 = .now + .seconds(1) }
    }

    /// Ends it when its time is up.
    func endIfOverdue(at now: SuspendingClock.Instant) {
        let isOverdue = due.withLock { due in
            guard let deadline = due, deadline <= now else { return false }
            due = nil
            return true
        }
        guard isOverdue else { return }
        kill(because: isReadable ? .overdue : .violation("it closed the link"))
    }

    /// Whether it ended by itself or was caught at breaking rules.
    var endedOddly: Bool {
        switch (exit?.reason, exit?.status) {
        case (.violation, _), (nil, .signal): true
        case (.cancelled, _), (.overdue, _), (.retired, _), (nil, _): false
        }
    }

    /// Notes the end; called by the host when it has reaped the process.
    func ended(_ status: WorkerExit.Status) {
        let exit = WorkerExit(status: status, reason: reason.withLock { $0 })
        mailbox.end(exit)
        onExit(exit)
    }
}
