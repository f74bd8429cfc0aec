// Ends bodies that do not come: a client may be slow, but not so slow that it only holds a place.

import NIOCore
import Synchronization

/// Looks once in `patience` whether enough bytes have come since the last look.
struct ReadDeadline {
    private let pace = Pace()
    private let task: RepeatedTask

    init(channel: any Channel, stop: Stop, settings: UploadSettings) {
        let window = TimeAmount(settings.patience)
        let minimum = settings.minimumBytes
        task = channel.eventLoop.scheduleRepeatedTask(initialDelay: window, delay: window) {
            [pace] _ in
            if pace.isTooSlow(minimum: minimum) { stop.pull(.tooSlow) }
        }
    }

    func beginWaiting() { pace.change { $0.isWaiting = true } }

    func endWaiting(received: Int) {
        pace.change {
            $0.isWaiting = false
            $0.received += received
        }
    }

    func cancel() { task.cancel() }
}

/// What came in one window of time.
final class Pace: Sendable {
    struct Window: Sendable {
        var isWaiting = false
        var received = 0
    }

    private let window = Mutex(Window())

    func change(_ body: (inout Window) -> Void) { window.withLock { body(&$0) } }

    /// Ends the window and begins the next.
    func isTooSlow(minimum: Int) -> Bool {
        window.withLock { window in
            defer { window = Window(isWaiting: window.isWaiting) }
            return window.isWaiting && window.received < minimum
        }
    }
}
