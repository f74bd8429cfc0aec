// The one thread that starts workers, reads what they say and reaps them. It lives as long as
// the server does, and must: a worker asks the kernel to be killed when its parent ends
// (PR_SET_PDEATHSIG), and for the kernel the parent is the thread that spawned it.

internal import CWorkerLink
internal import Glibc
internal import Synchronization

package final class WorkerHost: Sendable {
    /// All of a worker's environment: nothing of the server's reaches it.
    private static let environment = [
        "PATH=/usr/bin:/bin", "LANG=C.UTF-8", "SWIFT_BACKTRACE=enable=no", "VIPS_WARNING=1",
        "VIPS_CONCURRENCY=1", "MALLOC_ARENA_MAX=2",
        // What one photograph has freed is the next one's: asking the system for it again took 2,000
        // page faults a photograph, a fiftieth of its time. An idle worker gives it back.
        "MALLOC_MMAP_THRESHOLD_=33554432", "MALLOC_TRIM_THRESHOLD_=134217728",
    ]

    private enum Command: Sendable {
        case spawn(Order)
        case stop(CheckedContinuation<Void, Never>)
    }
    struct Order: Sendable {
        let executable: String
        let niceness: Int32
        /// Whether it may be the copy of a template.
        let isCopied: Bool
        let onExit: @Sendable (WorkerExit) -> Void
        let reply: CheckedContinuation<Result<WorkerProcess, LinkError>, Never>
    }
    private struct Inbox {
        var commands: [Command] = []
        var stopped = false
    }

    private let inbox = Mutex(Inbox())
    private let wake: Descriptor

    /// Starts the thread. It runs until `stop()`.
    package init() throws(LinkError) {
        wake = Descriptor(owning: try LinkError.check("eventfd", cwl_wake_up()))
        var thread = pthread_t()
        let host = Unmanaged.passRetained(self)
        let status = pthread_create(
            &thread, nil,
            { host in
                guard let host else { return nil }
                Unmanaged<WorkerHost>.fromOpaque(host).takeRetainedValue().loop()
                return nil
            }, host.toOpaque())
        guard status == 0 else {
            host.release()
            throw .system("pthread_create", status)
        }
        pthread_detach(thread)
    }

    /// Starts a worker with this nice value, 0 to 19. `onExit` is called once, on the host's thread,
    /// after it was reaped. With `copied` the host keeps a template of the executable, and copies it
    /// once it is ready.
    package func spawn(
        executable: String, niceness: Int, copied: Bool = false,
        onExit: @escaping @Sendable (WorkerExit) -> Void
    ) async throws(LinkError) -> WorkerProcess {
        try await withCheckedContinuation { reply in
            post(
                .spawn(
                    Order(
                        executable: executable, niceness: Int32(niceness), isCopied: copied,
                        onExit: onExit, reply: reply)))
        }.get()
    }

    /// Kills every worker, and returns once they are reaped and the thread ends.
    package func stop() async {
        await withCheckedContinuation { post(.stop($0)) }
    }

    private func post(_ command: Command) {
        let refused = inbox.withLock { inbox in
            if !inbox.stopped { inbox.commands.append(command) }
            return inbox.stopped
        }
        switch (refused, command) {
        case (true, .spawn(let order)): order.reply.resume(returning: .failure(.closed))
        case (true, .stop(let reply)): reply.resume()
        case (false, _): interrupt()
        }
    }

    /// Makes the thread look around.
    private func interrupt() {
        var one: UInt64 = 1
        write(wake.number, &one, MemoryLayout.size(ofValue: one))
    }
}

// MARK: The thread

extension WorkerHost {
    private func loop() {
        var workers: [WorkerProcess] = []
        let forker = TemplateForker()
        var buffer = [UInt8](repeating: 0, count: Frame.maximumSize)
        var stopping: [CheckedContinuation<Void, Never>] = []
        while stopping.isEmpty || !workers.isEmpty || forker.isRunning {
            for command in takeCommands() {
                switch command {
                case .spawn(let order):
                    if !forker.take(order) { answer(order, adding: &workers) }
                case .stop(let reply):
                    stopping.append(reply)
                    forker.stop()
                    for worker in workers { worker.kill(because: .retired) }
                }
            }
            if !stopping.isEmpty && workers.isEmpty && !forker.isRunning { break }
            let now = SuspendingClock.now
            let ready = Self.wait(for: workers, forker, or: wake.number, from: now)
            var ended: [Int] = []
            for (index, worker) in workers.enumerated() {
                if ready[2 * index + 3] { Self.read(from: worker, into: &buffer) }
                if ready[2 * index + 4], Self.reap(worker, into: &buffer) { ended.append(index) }
            }
            for index in ended.reversed() { forker.learn(from: workers.remove(at: index)) }
            if ready[1] || ready[2] {
                listen(to: forker, into: &buffer, adding: &workers, isStopping: !stopping.isEmpty)
            }
            // After they were heard: however late this thread looks, nobody is overdue who had spoken
            // or ended in time.
            for worker in workers { worker.endIfOverdue(at: now) }
            forker.keepTime(at: now) { order throws(LinkError) in
                try Self.spawned(order, isTemplate: true)
            }
        }
        for reply in stopping { reply.resume() }
    }

    /// Takes up the copies that were made, and does without those that will not be.
    private func listen(
        to forker: TemplateForker, into buffer: inout [UInt8],
        adding workers: inout [WorkerProcess],
        isStopping: Bool
    ) {
        while let copy = forker.answer(into: &buffer) { takeUp(copy, adding: &workers) }
        for order in forker.reaped() ?? [] { answer(order, adding: &workers) }
        if isStopping { for worker in workers { worker.kill(because: .retired) } }
    }

    private func takeCommands() -> [Command] {
        var count: UInt64 = 0
        Glibc.read(wake.number, &count, MemoryLayout.size(ofValue: count))
        return inbox.withLock { inbox in
            let commands = inbox.commands
            inbox.commands = []
            if commands.contains(where: { if case .stop = $0 { true } else { false } }) {
                inbox.stopped = true
            }
            return commands
        }
    }

    private func answer(_ order: Order, adding workers: inout [WorkerProcess]) {
        do throws(LinkError) {
            let child = try Self.spawned(order)
            add(child, template: nil, order, to: &workers)
        } catch {
            order.reply.resume(returning: .failure(error))
        }
    }

    private func add(
        _ child: Child, template: Int32?, _ order: Order, to workers: inout [WorkerProcess]
    ) {
        let worker = WorkerProcess(
            child, template: template, wakeHost: { self.interrupt() }, onExit: order.onExit)
        workers.append(worker)
        order.reply.resume(returning: .success(worker))
    }

    private func takeUp(_ copy: TemplateForker.Answer, adding workers: inout [WorkerProcess]) {
        let near = LinkSocket(owning: Descriptor(owning: copy.near))
        guard case .success(let process) = copy.result else {
            return answer(copy.order, adding: &workers)
        }
        do throws(LinkError) {
            let child = try Child(process, near: near)
            add(child, template: copy.template, copy.order, to: &workers)
        } catch {
            copy.order.reply.resume(returning: .failure(error))
        }
    }

    /// Starts the executable.
    private static func spawned(
        _ order: Order, isTemplate: Bool = false
    ) throws(LinkError) -> Child {
        let ends = try LinkSocket.pair()
        let near = LinkSocket(owning: Descriptor(owning: ends.near))
        let far = Descriptor(owning: ends.far)
        let variables = isTemplate ? ["\(WorkerEndpoint.templateVariable)=1"] : []
        var environment = (Self.environment + variables).map { strdup($0) } + [nil]
        defer { for entry in environment { free(entry) } }
        let process = try LinkError.check(
            "posix_spawn", cwl_spawn(order.executable, far.number, &environment, order.niceness))
        return try Child(process, near: near)
    }

    /// Waits until something happens; says for the wake-up, and then for the socket and the
    /// process handle of the template and of each worker, whether it did.
    private static func wait(
        for workers: [WorkerProcess], _ forker: TemplateForker, or wake: Int32,
        from now: SuspendingClock.Instant
    ) -> [Bool] {
        var polled = [wake, forker.socket, forker.handle].map {
            pollfd(fd: $0, events: Int16(POLLIN), revents: 0)
        }
        for worker in workers {
            // A socket that ended stays readable: it is watched no longer.
            let socket = worker.isReadable ? worker.child.socket.number : -1
            polled.append(pollfd(fd: socket, events: Int16(POLLIN), revents: 0))
            polled.append(pollfd(fd: worker.child.end, events: Int16(POLLIN), revents: 0))
        }
        // An interrupted wait reports nothing, and the loop waits again.
        guard poll(&polled, nfds_t(polled.count), timeout(for: workers, forker, from: now)) > 0
        else {
            return [Bool](repeating: false, count: polled.count)
        }
        return polled.map { $0.revents != 0 }
    }

    /// Milliseconds from `now` to the next deadline, 0 where one has passed that is still to be kept;
    /// -1 when there is none.
    private static func timeout(
        for workers: [WorkerProcess], _ forker: TemplateForker, from now: SuspendingClock.Instant
    ) -> Int32 {
        let deadlines = workers.map(\.deadline) + [forker.deadline]
        guard let next = deadlines.compactMap(\.self).min() else { return -1 }
        guard next > now else { return 0 }
        // One more, or it would wake just before it.
        return Int32(min((next - now) / .milliseconds(1) + 1, 60_000))
    }

    /// Reads what is there, up to a bound, so that no worker keeps the thread from the others.
    private static func read(
        from worker: WorkerProcess, into buffer: inout [UInt8], bound: Int = 32
    ) {
        for _ in 0..<bound {
            do throws(LinkError) {
                guard
                    let packet = try worker.child.socket.receive(into: &buffer, waiting: false)
                else { return }
                for descriptor in packet.descriptors { close(descriptor) }
                let message = try Frame.decode(WorkerMessage.self, from: packet.bytes)
                guard packet.descriptors.isEmpty else {
                    throw .descriptors(expected: 0, actual: packet.descriptors.count)
                }
                guard worker.mailbox.put(message) else { return worker.stopReading("it floods") }
            } catch {
                // An end of file usually comes with an exit, which tells more.
                if error == .closed { return worker.linkClosed() }
                return worker.stopReading("\(error)")
            }
        }
    }

    /// Takes the last words and the exit of a process that ended.
    private static func reap(_ worker: WorkerProcess, into buffer: inout [UInt8]) -> Bool {
        guard let status = worker.child.reaped() else { return false }
        read(from: worker, into: &buffer, bound: Mailbox.capacity)
        worker.ended(status)
        return true
    }
}
