// How many requests send bytes at this moment: the limit, and each one's share of the memory. A place
// is worth what its request brings: where all are taken, whoever has long brought next to nothing
// loses its own to who comes.

import Domain
import NIOCore
import Synchronization

final class Traffic: Sendable {
    private let limit: Int
    private let bufferBytes: Int
    private let now: @Sendable () -> NIODeadline
    private let senders = Mutex<[ObjectIdentifier: Sender]>([:])

    init(
        limit: Int, bufferBytes: Int, now: @escaping @Sendable () -> NIODeadline = { .now() }
    ) {
        self.limit = limit
        self.bufferBytes = bufferBytes
        self.now = now
    }

    /// Counts one more; `leave` must follow.
    /// - Parameter stop: ends its request, where another is worth more.
    /// - Throws: `too-many-requests`.
    func enter(_ stop: Stop) throws(Problem) -> Sender {
        let now = now()
        let sender = Sender(stop, at: now)
        let place: (isFound: Bool, loser: Sender?) = senders.withLock { senders in
            var loser: Sender?
            if senders.count >= limit {
                loser = Self.slowest(of: senders, at: now)
                guard let loser else { return (false, nil) }
                senders[ObjectIdentifier(loser)] = nil
            }
            senders[ObjectIdentifier(sender)] = sender
            return (true, loser)
        }
        guard place.isFound else { throw full }
        place.loser?.stop.pull(.tooSlow)
        return sender
    }

    /// Whether a request that is about to begin something would find a place for its bytes.
    /// - Throws: `too-many-requests`.
    func check() throws(Problem) {
        let hasPlace = senders.withLock { senders in
            senders.count < limit || Self.slowest(of: senders, at: now()) != nil
        }
        guard hasPlace else { throw full }
    }

    func leave(_ sender: Sender) { senders.withLock { $0[ObjectIdentifier(sender)] = nil } }

    /// The one that has brought the least, where that is too little for its place.
    private static func slowest(
        of senders: [ObjectIdentifier: Sender], at now: NIODeadline
    ) -> Sender? {
        senders.values.lazy.map { (sender: $0, rate: $0.rate(at: now)) }
            .filter { $0.rate < Sender.worthwhile }
            .min { $0.rate < $1.rate }?.sender
    }

    /// How large a request's receive buffers may be at the moment, a power of two. Some twenty of
    /// them can be in memory at a time: on their way through the connection's handlers, in the
    /// request's body, and waiting to be written.
    var receiveBytes: Int {
        let share = bufferBytes / (32 * max(1, count))
        return min(256 << 10, max(8 << 10, 1 << (Int.bitWidth - 1 - share.leadingZeroBitCount)))
    }

    /// How many bytes a request gathers before it writes them.
    var writeBytes: Int { 4 * receiveBytes }

    private var full: Problem {
        Problem(
            .tooManyRequests, "\(limit) uploads are sending at the moment.", limit: limit,
            actual: limit + 1)
    }

    /// A gauge.
    var count: Int { senders.withLock { $0.count } }
}

/// A request that sends bytes, and how many it has brought of late.
final class Sender: Sendable {
    /// Bytes a second below which a place may be taken away.
    static let worthwhile = 8.0 * 1_024
    /// How long it is looked at, and how long a new one is left alone.
    private static let window = TimeAmount.seconds(5)

    private struct Recent {
        var since: NIODeadline
        var bytes = 0
        /// In the window before.
        var before: Double = .infinity
    }

    let stop: Stop
    private let recent: Mutex<Recent>

    init(_ stop: Stop, at now: NIODeadline) {
        self.stop = stop
        recent = Mutex(Recent(since: now))
    }

    func note(_ bytes: Int) { recent.withLock { $0.bytes += bytes } }

    /// Bytes a second, of the last whole window. Infinite while there is none.
    func rate(at now: NIODeadline) -> Double {
        recent.withLock { recent in
            let elapsed = now - recent.since
            if elapsed >= Self.window {
                let seconds = Double(elapsed.nanoseconds) / 1e9
                recent = Recent(since: now, before: Double(recent.bytes) / seconds)
            }
            return recent.before
        }
    }
}
