// Bytes of the disk that uploads have announced and not yet sent, so that it is not given away twice.
//
// A reservation counts in full for a while after its creation and after each byte, and little after that.
// Where there is no room for one more, whoever has more reserved than the one that comes would have gives
// up what it needs: so shares become equal among those who want more, and whoever announces and sends
// nothing keeps nobody out. What is given up is asked for anew when its bytes come.

import Domain

struct Reservations {
    /// Whose share it is: that of an address, or of a batch where addresses tell nobody from others.
    private enum Holder: Hashable {
        case address(Asker)
        case batch(Batch.ID)
    }

    private struct Reservation {
        let batch: Batch.ID
        let holder: Holder
        var bytes: Int
        /// Whether a byte has come.
        var hasBegun: Bool
        /// Until when it counts in full.
        var fullUntil: ContinuousClock.Instant

        var idleBytes: Int { bytes / Reservations.idleShare }
    }

    /// How long a reservation counts in full before its first byte, and after each that came.
    private static let untilBegun = Duration.seconds(10)
    private static let untilIdle = Duration.seconds(60)
    /// The part of a reservation that counts after that: most of those who are away come back.
    private static let idleShare = 64
    /// No file may be larger; sums of it stay numbers.
    private static let most = 1 << 40

    private var all: [Upload.ID: Reservation] = [:]
    /// Those that count in full, or did when there was last too little room.
    private var full: Set<Upload.ID> = []
    /// What these count, and what all others do.
    private var fullBytes = 0
    private var idleBytes = 0
    /// Reservations that were given up to others since the start; a counter.
    private(set) var lost = 0

    /// All that is reserved, whatever it counts; a gauge.
    var bytes: Int { all.values.reduce(0) { $0 + $1.bytes } }

    /// Reserves the bytes that the upload has announced and not yet sent, where `free` bytes are
    /// enough for all reservations, or others have more than their share.
    /// - Parameter asker: who is limited by address; nil is nobody.
    /// - Throws: `disk-full`.
    mutating func reserve(
        _ free: Int, for upload: Upload, by asker: Asker?, at now: ContinuousClock.Instant
    ) throws(Problem) {
        let bytes = Self.missing(of: upload, behind: upload.offset)
        let reservation = Reservation(
            batch: upload.batch, holder: asker.map(Holder.address) ?? .batch(upload.batch),
            bytes: bytes, hasBegun: upload.offset > 0,
            fullUntil: now + (upload.offset > 0 ? Self.untilIdle : Self.untilBegun))
        let before = all[upload.id]
        remove(upload.id)
        // What has come needs no more room, however little there is.
        if upload.length != upload.offset, left(of: free) < bytes {
            settle(at: now)
            let left = left(of: free)
            if left < bytes, !makeRoom(for: reservation, missing: bytes.subtractingWithin(left)) {
                set(upload.id, before, at: now)
                throw Problem(
                    .diskFull, "The server has room for \(max(0, left)) more bytes.",
                    limit: max(0, left), actual: bytes)
            }
        }
        set(upload.id, reservation, at: now)
    }

    /// Reserves what was reserved before the server started, whatever room there is.
    mutating func restore(_ upload: Upload, at now: ContinuousClock.Instant) {
        let reservation = Reservation(
            batch: upload.batch, holder: .batch(upload.batch),
            bytes: Self.missing(of: upload, behind: upload.offset), hasBegun: upload.offset > 0,
            fullUntil: now)
        set(upload.id, reservation, at: now)
    }

    /// Whether the upload's reservation counts in full, so that it need not be made again.
    func isReserved(_ id: Upload.ID, at now: ContinuousClock.Instant) -> Bool {
        full.contains(id) && all[id].map { now < $0.fullUntil } ?? false
    }

    /// The upload holds `durable` of its bytes.
    mutating func note(_ durable: Int, of upload: Upload, at now: ContinuousClock.Instant) {
        guard var reservation = all[upload.id] else { return }
        reservation.bytes = Self.missing(of: upload, behind: durable)
        reservation.hasBegun = durable > 0
        reservation.fullUntil = now + Self.untilIdle
        set(upload.id, reservation, at: now)
    }

    mutating func forget(_ id: Upload.ID) { remove(id) }

    mutating func forgetAll(in batch: Batch.ID) {
        for (id, reservation) in all where reservation.batch == batch { remove(id) }
    }

    // MARK: Sums

    private static func missing(of upload: Upload, behind offset: Int) -> Int {
        min(most, max(0, (upload.length ?? offset) - offset))
    }

    private mutating func set(
        _ id: Upload.ID, _ new: Reservation?, at now: ContinuousClock.Instant
    ) {
        remove(id)
        guard let new else { return }
        all[id] = new
        if now < new.fullUntil {
            full.insert(id)
            fullBytes += new.bytes
        } else {
            idleBytes += new.idleBytes
        }
    }

    private mutating func remove(_ id: Upload.ID) {
        guard let old = all.removeValue(forKey: id) else { return }
        if full.remove(id) == nil { idleBytes -= old.idleBytes } else { fullBytes -= old.bytes }
    }

    /// What counts in full no longer counts little from here on.
    private mutating func settle(at now: ContinuousClock.Instant) {
        for id in full {
            guard let reservation = all[id], now >= reservation.fullUntil else { continue }
            demote(id, reservation)
        }
    }

    private mutating func demote(_ id: Upload.ID, _ reservation: Reservation) {
        full.remove(id)
        fullBytes -= reservation.bytes
        idleBytes += reservation.idleBytes
    }

    private func left(of free: Int) -> Int { free.subtractingWithin(fullBytes + idleBytes) }

    // MARK: Shares

    /// Has those give up reservations who have more than the new one's holder would have, the one with
    /// the most first, until there are `missing` bytes more. False, and nothing is given up, where that is
    /// not enough.
    private mutating func makeRoom(for new: Reservation, missing: Int) -> Bool {
        var held: [Holder: [(id: Upload.ID, reservation: Reservation)]] = [:]
        for id in full {
            if let reservation = all[id] {
                held[reservation.holder, default: []].append((id, reservation))
            }
        }
        var shares = held.mapValues { $0.reduce(0) { $0 + $1.reservation.bytes } }
        let own = (shares[new.holder] ?? 0) + new.bytes
        for holder in held.keys {
            // Who sends comes last.
            held[holder]?.sort {
                ($0.reservation.hasBegun ? 0 : 1, $0.reservation.bytes)
                    < ($1.reservation.hasBegun ? 0 : 1, $1.reservation.bytes)
            }
        }
        var losers: [(id: Upload.ID, reservation: Reservation)] = []
        var found = 0
        while found < missing {
            guard let (holder, share) = shares.max(by: { $0.value < $1.value }), share > own,
                let loser = held[holder]?.popLast()
            else { return false }
            shares[holder] = share - loser.reservation.bytes
            losers.append(loser)
            found += loser.reservation.bytes - loser.reservation.idleBytes
        }
        for loser in losers { demote(loser.id, loser.reservation) }
        lost += losers.count
        return true
    }
}

extension Int {
    /// The difference, or the number that is nearest to it.
    fileprivate func subtractingWithin(_ other: Int) -> Int {
        let (difference, overflow) = subtractingReportingOverflow(other)
        return overflow ? (other > 0 ? .min : .max) : difference
    }
}
