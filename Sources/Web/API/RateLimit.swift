// How often whoever asks from one address may begin something: so many a minute, all at once if they
// like, and evenly from then on. By the virtual scheduling algorithm of ITU-T I.371, annex A: a time for
// each address, which moves ahead with each request and may be a minute ahead of now.

import Domain
import Synchronization

final class RateLimit: Sendable {
    /// Addresses that are remembered. With more, those that have asked little of late are forgotten.
    private static let capacity = 16_384
    private static let window = Duration.seconds(60)

    private struct State {
        var times: [Asker: ContinuousClock.Instant] = [:]
        var refusals = 0
    }

    private let what: String
    /// 0 for any number.
    private let perMinute: Int
    private let now: @Sendable () -> ContinuousClock.Instant
    private let state = Mutex(State())

    /// - Parameter what: what is limited, in the plural.
    init(
        _ what: String, perMinute: Int,
        now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }
    ) {
        self.what = what
        self.perMinute = perMinute
        self.now = now
    }

    /// Counts one more.
    /// - Parameter asker: nil for who is not limited.
    /// - Throws: `too-many-requests` with the limit, and when to come again.
    func count(_ asker: Asker?) throws(Problem) { try count(asker, isCounted: true) }

    /// The same without counting it.
    func requireRoom(for asker: Asker?) throws(Problem) { try count(asker, isCounted: false) }

    private func count(_ asker: Asker?, isCounted: Bool) throws(Problem) {
        guard let asker, perMinute > 0 else { return }
        let now = now()
        let wait: Duration? = state.withLock { state in
            let next = max(state.times[asker] ?? now, now) + Self.window / perMinute
            guard next - now <= Self.window else {
                state.refusals += 1
                return next - now - Self.window
            }
            guard isCounted else { return nil }
            if state.times.count >= Self.capacity { Self.makeRoom(in: &state.times, at: now) }
            state.times[asker] = next
            return nil
        }
        guard let wait else { return }
        throw Problem(
            .tooManyRequests, "At most \(perMinute) \(what) a minute may come from one address.",
            limit: perMinute, actual: perMinute + 1,
            retryAfter: max(1, Int((wait / .seconds(1)).rounded(.up))))
    }

    /// Refusals since the start; a counter.
    var refusals: Int { state.withLock { $0.refusals } }

    /// Half of those stay that have asked the most.
    private static func makeRoom(
        in times: inout [Asker: ContinuousClock.Instant], at now: ContinuousClock.Instant
    ) {
        times = times.filter { $0.value > now }
        guard times.count >= capacity else { return }
        let middle = times.values.sorted()[times.count / 2]
        times = times.filter { $0.value > middle }
    }
}
