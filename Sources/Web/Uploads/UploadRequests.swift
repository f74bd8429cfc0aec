// The requests that send files at this moment: how many there may be, each one's share of the memory,
// and how they are ended from outside, a batch's when it is deleted, and all when the server stops.
//
// A place among those that send is worth what its request brings: where all are taken, whoever has
// long brought next to nothing loses its own to who comes; and where nobody has, an address that has
// more places than others loses one to them.

import Domain
import NIOCore
import Synchronization

final class UploadRequests: Sendable {
    private struct Running {
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
        var running: [ObjectIdentifier: Running] = [:]
        var senders: [ObjectIdentifier: Sender] = [:]
        var closing = Closing.nobody
        var displaced = 0
    }

    private let limit: Int
    private let bufferBytes: Int
    private let now: @Sendable () -> NIODeadline
    private let state = Mutex(State())

    /// - Parameter limit: how many may send at once.
    /// - Parameter bufferBytes: what all may hold in memory together.
    init(
        limit: Int, bufferBytes: Int, now: @escaping @Sendable () -> NIODeadline = { .now() }
    ) {
        self.limit = limit
        self.bufferBytes = bufferBytes
        self.now = now
    }

    // MARK: Ending them

    /// Runs `body`, which `stop` can end.
    func run<Value>(
        _ stop: Stop, in batch: Batch.ID, isResumable: Bool, _ body: () async throws -> Value
    ) async throws -> Value {
        let running = Running(stop: stop, batch: batch, isResumable: isResumable)
        let isLate = state.withLock { state in
            state.running[ObjectIdentifier(stop)] = running
            return state.closing.ends(isResumable)
        }
        if isLate { stop.pull(.stopping) }
        defer { state.withLock { $0.running[ObjectIdentifier(stop)] = nil } }
        return try await body()
    }

    /// The batch is deleted.
    func end(in batch: Batch.ID) {
        let ended = state.withLock { $0.running.values.filter { $0.batch == batch } }
        for request in ended { request.stop.pull(.cancelled) }
    }

    /// The server stops: what can go on elsewhere or later ends now, with all that came made
    /// durable; what cannot has until `closeAll`.
    func close() { end(.resumable) }

    /// What has not ended by itself is told to: later nobody could be told.
    func closeAll() { end(.everybody) }

    private func end(_ closing: Closing) {
        let ended = state.withLock { state in
            state.closing = closing
            return state.running.values.filter { closing.ends($0.isResumable) }
        }
        for request in ended { request.stop.pull(.stopping) }
    }

    // MARK: Places

    /// Counts one more that sends; `leave` must follow.
    /// - Parameter stop: ends its request, where another is worth more.
    /// - Throws: `too-many-requests`.
    func enter(_ stop: Stop, of asker: Asker = .unknown) throws(Problem) -> Sender {
        let now = now()
        let sender = Sender(stop, of: asker, at: now)
        let place: (isFound: Bool, loser: Loser?) = state.withLock { state in
            var loser: Loser?
            if state.senders.count >= limit {
                loser = Self.loser(among: state.senders.values, to: asker, at: now)
                guard let loser else { return (false, nil) }
                state.senders[ObjectIdentifier(loser.sender)] = nil
                if loser.reason == .displaced { state.displaced += 1 }
            }
            state.senders[ObjectIdentifier(sender)] = sender
            return (true, loser)
        }
        guard place.isFound else { throw full }
        if let loser = place.loser { loser.sender.stop.pull(loser.reason) }
        return sender
    }

    /// Whether a request that is about to begin something would find a place for its bytes.
    /// - Throws: `too-many-requests`.
    func requirePlace(for asker: Asker = .unknown) throws(Problem) {
        let hasPlace = state.withLock { state in
            state.senders.count < limit
                || Self.loser(among: state.senders.values, to: asker, at: now()) != nil
        }
        guard hasPlace else { throw full }
    }

    private typealias Loser = (sender: Sender, reason: Interruption)

    /// Whose place goes to who comes: the one that has brought the least, where that is too little for
    /// a place, or where its address has at least two places more than `asker`, and more than any other.
    private static func loser(
        among senders: some Collection<Sender>, to asker: Asker, at now: NIODeadline
    ) -> Loser? {
        func slowest(of some: some Sequence<Sender>) -> (sender: Sender, rate: Double)? {
            some.map { (sender: $0, rate: $0.rate(at: now)) }.min { $0.rate < $1.rate }
        }
        if let slowest = slowest(of: senders), slowest.rate < Sender.worthwhile {
            return (slowest.sender, .tooSlow)
        }
        let places = Dictionary(grouping: senders, by: \.asker)
        guard let most = places.max(by: { $0.value.count < $1.value.count }),
            most.value.count >= (places[asker]?.count ?? 0) + 2
        else { return nil }
        return slowest(of: most.value).map { ($0.sender, .displaced) }
    }

    func leave(_ sender: Sender) {
        state.withLock { $0.senders[ObjectIdentifier(sender)] = nil }
    }

    private var full: Problem {
        Problem(
            .tooManyRequests, "\(limit) uploads are sending at the moment.", limit: limit,
            actual: limit + 1)
    }

    /// How many send; a gauge.
    var sending: Int { state.withLock { $0.senders.count } }

    /// Places that an address with more than others gave up since the start; a counter.
    var displaced: Int { state.withLock { $0.displaced } }

    /// How large a request's receive buffers may be at the moment, a power of two. Some twenty of
    /// them can be in memory at a time: on their way through the connection's handlers, in the
    /// request's body, and waiting to be written.
    var receiveBytes: Int {
        let share = bufferBytes / (32 * max(1, sending))
        return min(256 << 10, max(8 << 10, 1 << (Int.bitWidth - 1 - share.leadingZeroBitCount)))
    }

    /// How many bytes a request gathers before it writes them.
    var writeBytes: Int { 4 * receiveBytes }
}
