// Answers that take long to make, a page of a hundred photos, are made one at a time: whoever asks for
// many leaves the other processors to uploads. Turns go by who asks, so that many requests of one
// address make another wait for one of them.

import Domain
import NIOCore
import Synchronization

final class AnswerTurns: Sendable {
    private typealias Waiting = CheckedContinuation<Void, Never>

    private struct State {
        var isTaken = false
        /// Those who wait, in the order of their next turns, each with what they ask for.
        var askers = CircularBuffer<Asker>()
        var waiting: [Asker: CircularBuffer<Waiting>] = [:]
    }

    private let state = Mutex(State())

    /// Runs `body` when it is the turn of `asker`, and nobody else's meanwhile.
    /// - Throws: what `body` throws; `CancellationError` where the task was cancelled before its turn.
    func run<Value>(for asker: Asker, _ body: () async throws -> Value) async throws -> Value {
        await wait(asker)
        defer { passOn() }
        try Task.checkCancellation()
        return try await body()
    }

    /// Whether an answer is being made; a gauge.
    var isTaken: Bool { state.withLock { $0.isTaken } }
    /// How many wait; a gauge.
    var waitingCount: Int { state.withLock { $0.waiting.values.reduce(0) { $0 + $1.count } } }

    private func wait(_ asker: Asker) async {
        await withCheckedContinuation { continuation in
            let isFree = state.withLock { state in
                guard state.isTaken else {
                    state.isTaken = true
                    return true
                }
                if state.waiting[asker] == nil { state.askers.append(asker) }
                state.waiting[asker, default: CircularBuffer()].append(continuation)
                return false
            }
            if isFree { continuation.resume() }
        }
    }

    private func passOn() {
        let next: Waiting? = state.withLock { state in
            guard let asker = state.askers.popFirst() else {
                state.isTaken = false
                return nil
            }
            let next = state.waiting[asker]?.popFirst()
            if state.waiting[asker]?.isEmpty == false {
                state.askers.append(asker)
            } else {
                state.waiting[asker] = nil
            }
            return next
        }
        next?.resume()
    }
}
