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

    /// Bytes that an upload has announced and not yet sent, so that the disk is not given away twice.
    private struct Reservation {
        let batch: Batch.ID
        var bytes: Int
        /// Until when it counts in full.
        var fullUntil: ContinuousClock.Instant

        func weight(at now: ContinuousClock.Instant) -> Int {
            now < fullUntil ? bytes : bytes / ActiveUploads.idleShare
        }
    }

    private struct Entry {
        var holder: Holder?
        var reservation: Reservation?
        var check: FirstBytesCheck?

        var isEmpty: Bool { holder == nil && reservation == nil && check == nil }

        func isKept(without batch: Batch.ID) -> Bool {
            reservation?.batch != batch && check?.upload.batch != batch
        }
    }

    /// How long a reservation counts in full before its first byte, and after each that came.
    private static let untilBegun = Duration.seconds(10)
    private static let untilIdle = Duration.seconds(60)
    /// The part of a reservation that counts after that: most of those who are away come back.
    private static let idleShare = 64

    private let entries = Mutex<[Upload.ID: Entry]>([:])
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
        change(id) { entry in
            entry.reservation = nil
            entry.check = nil
        }
    }

    /// The batch is deleted, and all its uploads with it.
    func forgetAll(in batch: Batch.ID) {
        entries.withLock { entries in
            for id in entries.filter({ !$0.value.isKept(without: batch) }).keys {
                entries[id]?.reservation = nil
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

    /// Reserves the bytes that the upload has announced and not yet sent, where `free` bytes are
    /// enough for all reservations: looked at and reserved in one step.
    /// - Throws: `disk-full`.
    func reserve(_ free: Int, for upload: Upload) throws(Problem) {
        let bytes = Self.missing(of: upload, behind: upload.offset)
        let missed: Int? = entries.withLock { entries in
            let now = now()
            let left = entries.reduce(free) { free, member in
                guard member.key != upload.id, let reservation = member.value.reservation
                else { return free }
                return free.subtractingWithin(reservation.weight(at: now))
            }
            // What has come needs no more room, however little there is.
            guard upload.length == upload.offset || left >= bytes else { return max(0, left) }
            entries[upload.id, default: Entry()].reservation = Reservation(
                batch: upload.batch, bytes: bytes,
                fullUntil: now + (upload.offset > 0 ? Self.untilIdle : Self.untilBegun))
            return nil
        }
        guard let missed else { return }
        throw Problem(
            .diskFull, "The server has room for \(missed) more bytes.", limit: missed,
            actual: bytes)
    }

    /// Reserves what was reserved before the server started, whatever room there is.
    func restoreReservation(of upload: Upload) {
        let bytes = Self.missing(of: upload, behind: upload.offset)
        change(upload.id) {
            $0.reservation = Reservation(batch: upload.batch, bytes: bytes, fullUntil: now())
        }
    }

    /// Whether the upload's reservation counts in full, so that it need not be made again.
    func isReserved(_ id: Upload.ID) -> Bool {
        entries.withLock { $0[id]?.reservation.map { now() < $0.fullUntil } ?? false }
    }

    /// The upload holds `durable` of its bytes.
    func note(_ durable: Int, of upload: Upload) {
        entries.withLock { entries in
            entries[upload.id]?.reservation?.bytes = Self.missing(of: upload, behind: durable)
            entries[upload.id]?.reservation?.fullUntil = now() + Self.untilIdle
        }
    }

    /// All that is reserved, whatever it counts; a gauge.
    var reservedBytes: Int {
        entries.withLock { entries in
            entries.values.reduce(0) { $0.addingWithin($1.reservation?.bytes ?? 0) }
        }
    }

    private static func missing(of upload: Upload, behind offset: Int) -> Int {
        max(0, (upload.length ?? offset) - offset)
    }

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

extension Int {
    /// The sum, or the largest number there is.
    fileprivate func addingWithin(_ other: Int) -> Int {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? .max : sum
    }

    /// The difference, or the smallest number there is.
    fileprivate func subtractingWithin(_ other: Int) -> Int {
        let (difference, overflow) = subtractingReportingOverflow(other)
        return overflow ? .min : difference
    }
}
