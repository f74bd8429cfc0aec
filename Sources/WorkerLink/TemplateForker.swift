// Starts workers as copies of a template, where one is ready. Whatever goes wrong with that, the
// host starts the worker as any other program: a template saves time and is never needed.

internal import Glibc

/// The server's end of a template, and what was asked of it. Used by the host's thread alone, which
/// must start the template itself: it is the copies' parent too.
final class TemplateForker {
    typealias Order = WorkerHost.Order

    /// A worker that the template was asked for.
    private struct Asked {
        let order: Order
        let near: Int32
        let due: SuspendingClock.Instant
    }

    private final class Template {
        let child: Child
        var isReady = false
        var wasReady = false
        var asked: [Asked] = []

        init(_ child: Child) { self.child = child }

        func answered(_ result: Result<Int32, LinkError>) -> Answer? {
            guard !asked.isEmpty else { return nil }
            let first = asked.removeFirst()
            return Answer(
                order: first.order, near: first.near, template: child.processID, result: result)
        }
    }

    private var template: Template?
    /// When the next template is to be started, and the order that it is started for.
    private var next: (due: SuspendingClock.Instant, order: Order)?
    private var isOff = false
    /// Templates in a row that ended before they were ready.
    private var failures = 0

    /// After the first worker, which somebody waits for, and before much else.
    private static let delay = Duration.seconds(1)
    private static let patience = Duration.seconds(5)

    // MARK: Asking

    /// Takes over an order to have it done by the template; false where it is to be done without.
    func take(_ order: Order) -> Bool {
        guard order.isCopied, !isOff else { return false }
        guard let template else {
            if next == nil { next = (.now + Self.delay * (1 << min(failures, 9)), order) }
            return false
        }
        guard template.isReady else { return false }
        do throws(LinkError) {
            let ends = try LinkSocket.pair()
            let far = Descriptor(owning: ends.far)
            do throws(LinkError) {
                try template.child.socket.send(
                    TemplateRequest.copy, descriptors: [far.number], waiting: false)
            } catch {
                close(ends.near)
                throw error
            }
            let due = SuspendingClock.now + Self.patience
            template.asked.append(Asked(order: order, near: ends.near, due: due))
            return true
        } catch {
            end()
            return false
        }
    }

    /// Hears of a worker's end. Where a copy crashed, the template is ended: a crash can tell an
    /// attacker the addresses of its memory, and the next template has others.
    func learn(from worker: WorkerProcess) {
        if worker.endedOddly, let template, worker.template == template.child.processID { end() }
    }

    /// Starts no further template.
    func stop() {
        isOff = true
        next = nil
        end()
    }

    private func end() {
        template?.child.kill()
        template?.isReady = false
    }

    var isRunning: Bool { template != nil }

    // MARK: Time

    var deadline: SuspendingClock.Instant? { answerDue ?? next?.due }

    /// When the template must have answered; nil for one that has been ended.
    private var answerDue: SuspendingClock.Instant? {
        guard let template, template.isReady else { return nil }
        return template.asked.first?.due
    }

    /// Starts a template that is due, and ends one that does not answer.
    func keepTime(
        at now: SuspendingClock.Instant, start: (Order) throws(LinkError) -> Child
    ) {
        if let answerDue, answerDue <= now { end() }
        guard let order = next?.order, let due = next?.due, due <= now, template == nil else {
            return
        }
        next = nil
        do throws(LinkError) {
            template = Template(try start(order))
        } catch {
            failures += 1
        }
    }

    // MARK: Answers

    /// What to wait for: its words, and its end.
    var socket: Int32 { template?.child.socket.number ?? -1 }
    var handle: Int32 { template?.child.end ?? -1 }

    /// What became of an order: the near end of the worker's link, and its process.
    struct Answer {
        let order: Order
        let near: Int32
        let template: Int32
        let result: Result<Int32, LinkError>
    }

    func answer(into buffer: inout [UInt8]) -> Answer? {
        guard let template else { return nil }
        do throws(LinkError) {
            while let packet = try template.child.socket.receive(into: &buffer, waiting: false) {
                for descriptor in packet.descriptors { close(descriptor) }
                switch try Frame.decode(TemplateMessage.self, from: packet.bytes) {
                case .ready:
                    template.isReady = true
                    template.wasReady = true
                case .copied(let process):
                    if let answer = template.answered(.success(process)) { return answer }
                case .failed(let code):
                    if let answer = template.answered(.failure(.system("clone", code))) {
                        return answer
                    }
                }
            }
        } catch {
            // A program that knows of no templates introduces itself as a worker.
            if error != .closed { isOff = true }
            end()
        }
        return nil
    }

    /// Reaps a template that has ended; nil while it runs. What it was asked for is returned, to be
    /// done without it. A copy that it has made and not told of finds its link closed and ends.
    func reaped() -> [Order]? {
        guard let template, template.child.reaped() != nil else { return nil }
        self.template = nil
        failures = template.wasReady ? 0 : failures + 1
        for asked in template.asked { close(asked.near) }
        return template.asked.map(\.order)
    }
}
