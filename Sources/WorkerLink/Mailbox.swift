// What a worker has said and nobody has read yet. It is bounded: progress replaces progress, and
// a worker that says more than a job can need is flooding.

internal import Domain
internal import Synchronization

/// A worker's messages in order, and its end.
package enum WorkerEvent: Sendable, Hashable {
    case message(WorkerMessage)
    case exited(WorkerExit)
}

final class Mailbox: Sendable {
    /// More waiting messages than any honest job leaves: one a rendition, and a few around them.
    static let capacity = 128

    private struct State {
        var waiting: [WorkerMessage] = []
        var exit: WorkerExit?
        var reader: CheckedContinuation<WorkerEvent, Never>?
    }

    private let state = Mutex(State())

    /// Adds a message; false when there is no room for it.
    func put(_ message: WorkerMessage) -> Bool {
        let (fits, reader) = state.withLock {
            state -> (Bool, CheckedContinuation<WorkerEvent, Never>?) in
            if let reader = state.reader.take() { return (true, reader) }
            if message.isProgress, let last = state.waiting.last, last.isProgress {
                state.waiting[state.waiting.count - 1] = message
                return (true, nil)
            }
            guard state.waiting.count < Self.capacity else { return (false, nil) }
            state.waiting.append(message)
            return (true, nil)
        }
        reader?.resume(returning: .message(message))
        return fits
    }

    /// Ends the mailbox: what waits is still read, then every read gives `exit`.
    func end(_ exit: WorkerExit) {
        let reader = state.withLock { state in
            state.exit = exit
            return state.reader.take()
        }
        reader?.resume(returning: .exited(exit))
    }

    /// The next event. One reader at a time. Cancelling the reader does not end the wait; ending
    /// the worker does.
    func next() async -> WorkerEvent {
        await withCheckedContinuation { continuation in
            let event = state.withLock { state -> WorkerEvent? in
                if !state.waiting.isEmpty { return .message(state.waiting.removeFirst()) }
                if let exit = state.exit { return .exited(exit) }
                state.reader = continuation
                return nil
            }
            if let event { continuation.resume(returning: event) }
        }
    }

    var exit: WorkerExit? { state.withLock { $0.exit } }
}

extension WorkerMessage {
    fileprivate var isProgress: Bool {
        if case .report(.progress(_)) = self { true } else { false }
    }
}
