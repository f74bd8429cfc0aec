// Times the encodes that measure nothing, so that the next one can be told to take "usually so
// long here". What it learned outlives the server, in the store.

import Domain
import Logging
import Synchronization

/// An encode whose encoder says nothing until it is done.
struct SilentEncode: Sendable, Hashable {
    let format: MediaType
    /// Over all frames, as the worker says.
    let pixels: Int
}

final class EncodeClock: Sendable {
    private struct State {
        var times = EncodeTimes()
        var error: Double?
    }
    private let state = Mutex(State())
    private let store: any JobStore
    private let logger: Logger

    init(store: any JobStore, logger: Logger) {
        self.store = store
        self.logger = logger
    }

    func load() async throws {
        let times = EncodeTimes(try await store.encodeTimes())
        state.withLock { $0.times = times }
    }

    /// How wrong the estimates are: the mean of |took − expected| ∕ took, following the newest;
    /// nil before the first. A gauge.
    var error: Double? { state.withLock { $0.error } }

    /// Milliseconds the encode usually takes; nil where its format is met for the first time.
    func expected(_ encode: SilentEncode) -> Int? {
        state.withLock { $0.times.expected(encode.format, pixels: encode.pixels) }
            .flatMap { Int(exactly: $0.rounded()) }
    }

    /// An encode took so long, as the clock on the wall goes.
    func note(_ encode: SilentEncode, took: Duration) async {
        let (format, pixels) = (encode.format, encode.pixels)
        let milliseconds = max(took / .milliseconds(1), 1)
        let (expected, learned) = state.withLock { state in
            let expected = state.times.expected(format, pixels: pixels)
            if let expected {
                let error = abs(milliseconds - expected) / milliseconds
                state.error = state.error.map { $0 * 0.9 + error * 0.1 } ?? error
            }
            let learned = state.times.learn(
                format, pixels: pixels, milliseconds: milliseconds)
            return (expected, learned)
        }
        logger.debug(
            "an encode that measures nothing is done",
            metadata: [
                "format": "\(format.rawValue)", "pixels": "\(pixels)",
                "tookMs": "\(Int(milliseconds))",
                "expectedMs": "\(expected.map { "\(Int($0))" } ?? "unknown")",
            ])
        do {
            try await store.keep(learned)
        } catch {
            // The next one is kept again; an estimate is no promise.
            logger.warning("an encode's time was not kept", metadata: ["error": "\(error)"])
        }
    }
}
