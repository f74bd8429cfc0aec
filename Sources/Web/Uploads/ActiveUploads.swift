// What this process alone knows of the uploads that are under way: the request that works on each,
// the bytes of the disk that are reserved for it, and the check of its first bytes.
//
// One request at a time works on an upload, and the newest wins: it ends an older one at once and
// waits only until that one has made durable what it had received. So a client that comes back after
// its connection died is never told that its own old request holds the upload.

import Domain
import Synchronization

final class ActiveUploads: Sendable {
    private struct Holder {
        var stop: Stop
        /// The newest request that waits for the upload; an older one is sent away.
        var next: (stop: Stop, wake: CheckedContinuation<Bool, Never>)?
    }

    private struct Entry {
        var holder: Holder?
        var check: FirstBytesCheck?

        var isEmpty: Bool { holder == nil && check == nil }
    }

    private let entries = Mutex<[Upload.ID: Entry]>([:])
    private let reservations = Mutex(Reservations())
    private let inspect: UploadService.Inspector?
    private let now: @Sendable () -> ContinuousClock.Instant

    init(
        inspect: UploadService.Inspector? = nil,
        now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }
    ) {
        self.inspect = inspect
        self.now = now
    }

    /// Forgets what is reserved and checked for an upload that has ended.
    func forget(_ id: Upload.ID) {
        reservations.withLock { $0.forget(id) }
        change(id) { $0.check = nil }
    }

    /// The batch is deleted, and all its uploads with it.
    func forgetAll(in batch: Batch.ID) {
        reservations.withLock { $0.forgetAll(in: batch) }
        entries.withLock { entries in
            for id in entries.filter({ $0.value.check?.upload.batch == batch }).keys {
                entries[id]?.check = nil
                if entries[id]?.isEmpty == true { entries[id] = nil }
            }
        }
    }

    private func change<Value: Sendable>(
        _ id: Upload.ID, _ body: (inout Entry) -> Value
    ) -> Value {
        entries.withLock { entries in
            let value = body(&entries[id, default: Entry()])
            if entries[id]?.isEmpty == true { entries[id] = nil }
            return value
        }
    }

    // MARK: One request at a time

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
        entries.withLock { $0[id]?.holder?.stop }?.pull(reason)
    }

    func isHeld(_ id: Upload.ID) -> Bool { entries.withLock { $0[id]?.holder != nil } }

    private func take(_ id: Upload.ID, _ stop: Stop) async -> Bool {
        await withCheckedContinuation { wake in
            let (older, sentAway) = change(id) { entry in
                guard let holder = entry.holder else {
                    entry.holder = Holder(stop: stop)
                    return (nil as Stop?, nil as CheckedContinuation<Bool, Never>?)
                }
                entry.holder?.next = (stop, wake)
                return (holder.stop, holder.next?.wake)
            }
            sentAway?.resume(returning: false)
            if let older { older.pull(.superseded) } else { wake.resume(returning: true) }
        }
    }

    private func leave(_ id: Upload.ID) {
        let wake = change(id) { entry in
            let next = entry.holder?.next
            entry.holder = next.map { Holder(stop: $0.stop) }
            return next?.wake
        }
        wake?.resume(returning: true)
    }

    // MARK: Reserved bytes

    /// See `Reservations`.
    /// - Throws: `disk-full`.
    func reserve(_ free: Int, for upload: Upload, by asker: Asker? = nil) throws(Problem) {
        let problem: Problem? = reservations.withLock { reservations in
            do throws(Problem) {
                try reservations.reserve(free, for: upload, by: asker, at: now())
                return nil
            } catch { return error }
        }
        if let problem { throw problem }
    }

    /// Reserves what was reserved before the server started, whatever room there is.
    func restoreReservation(of upload: Upload) {
        reservations.withLock { $0.restore(upload, at: now()) }
    }

    /// Whether the upload's reservation counts in full, so that it need not be made again.
    func isReserved(_ id: Upload.ID) -> Bool {
        reservations.withLock { $0.isReserved(id, at: now()) }
    }

    /// The upload holds `durable` of its bytes.
    func note(_ durable: Int, of upload: Upload) {
        reservations.withLock { $0.note(durable, of: upload, at: now()) }
    }

    /// All that is reserved, whatever it counts; a gauge.
    var reservedBytes: Int { reservations.withLock(\.bytes) }

    /// Reservations that were given up to others since the start; a counter.
    var lostReservations: Int { reservations.withLock(\.lost) }

    // MARK: The first bytes

    /// The check of the upload's first bytes, which goes on from one of its requests to the next.
    /// Nil where nobody checks, for a part, since only the whole begins like a photograph, and for
    /// what is complete.
    func check(of upload: Upload) -> FirstBytesCheck? {
        guard let inspect, upload.image != nil, !upload.isComplete else { return nil }
        return change(upload.id) { entry in
            let check = entry.check ?? FirstBytesCheck(upload, inspect: inspect)
            entry.check = check
            return check
        }
    }
}
