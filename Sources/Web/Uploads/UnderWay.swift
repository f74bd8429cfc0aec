// The requests that send files at this moment, so that they can be ended from outside: a batch's
// when it is deleted, and all that can be resumed when the server stops.

import Domain
import Synchronization

final class UnderWay: Sendable {
    private struct Sender {
        let stop: Stop
        let batch: Batch.ID
        let isResumable: Bool
    }

    /// Who has to end by now.
    private enum Closing {
        case nobody, resumable, everybody

        func ends(_ isResumable: Bool) -> Bool {
            self == .everybody || self == .resumable && isResumable
        }
    }

    private struct State {
        var senders: [ObjectIdentifier: Sender] = [:]
        var closing = Closing.nobody
    }

    private let state = Mutex(State())

    /// Runs `body`, which `stop` can end.
    func hold<Value>(
        _ stop: Stop, in batch: Batch.ID, isResumable: Bool, _ body: () async throws -> Value
    ) async throws -> Value {
        let sender = Sender(stop: stop, batch: batch, isResumable: isResumable)
        let isLate = state.withLock { state in
            state.senders[ObjectIdentifier(stop)] = sender
            return state.closing.ends(isResumable)
        }
        if isLate { stop.pull(.stopping) }
        defer { state.withLock { $0.senders[ObjectIdentifier(stop)] = nil } }
        return try await body()
    }

    /// The batch is deleted.
    func end(in batch: Batch.ID) {
        let senders = state.withLock { $0.senders.values.filter { $0.batch == batch } }
        for sender in senders { sender.stop.pull(.cancelled) }
    }

    /// The server stops: what can go on elsewhere or later ends now, with all that came made
    /// durable; what cannot has until `closeAll`.
    func close() { end(.resumable) }

    /// What has not ended by itself is told to: later nobody could be told.
    func closeAll() { end(.everybody) }

    private func end(_ closing: Closing) {
        let senders = state.withLock { state in
            state.closing = closing
            return state.senders.values.filter { closing.ends($0.isResumable) }
        }
        for sender in senders { sender.stop.pull(.stopping) }
    }
}
