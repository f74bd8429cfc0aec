// One request at a time works on an upload, and the newest wins: it ends an older one at once and
// waits only until that one has made durable what it had received. So a client that comes back
// after its connection died is never told that its own ghost holds the upload.

import Domain
import Synchronization

final class Seats: Sendable {
    private struct Seat {
        var stop: Stop
        /// The newest request that waits for the seat; an older one is sent away.
        var next: (stop: Stop, wake: CheckedContinuation<Bool, Never>)?
    }

    private let seats = Mutex<[Upload.ID: Seat]>([:])

    /// Runs `body` as the only request that works on the upload.
    /// - Throws: `Interruption.superseded` where a newer request came while it waited.
    func hold<Value>(
        _ id: Upload.ID, _ stop: Stop, _ body: () async throws -> Value
    ) async throws -> Value {
        guard await take(id, stop) else { throw Interruption.superseded }
        defer { leave(id) }
        return try await body()
    }

    /// Ends the request that works on the upload, if there is one.
    func interrupt(_ id: Upload.ID, _ reason: Interruption) {
        seats.withLock { $0[id]?.stop }?.pull(reason)
    }

    func isTaken(_ id: Upload.ID) -> Bool { seats.withLock { $0[id] != nil } }

    private func take(_ id: Upload.ID, _ stop: Stop) async -> Bool {
        await withCheckedContinuation { wake in
            let (older, sentAway) = seats.withLock { seats in
                guard let seat = seats[id] else {
                    seats[id] = Seat(stop: stop)
                    return (nil as Stop?, nil as CheckedContinuation<Bool, Never>?)
                }
                seats[id]?.next = (stop, wake)
                return (seat.stop, seat.next?.wake)
            }
            sentAway?.resume(returning: false)
            if let older { older.pull(.superseded) } else { wake.resume(returning: true) }
        }
    }

    private func leave(_ id: Upload.ID) {
        let next = seats.withLock { seats in
            let next = seats[id]?.next
            seats[id] = next.map { Seat(stop: $0.stop) }
            return next
        }
        next?.wake.resume(returning: true)
    }
}
