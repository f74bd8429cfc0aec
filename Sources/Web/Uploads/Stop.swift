// The way to end a request that is still sending its body.

import NIOCore
import Synchronization

/// Why a body ended before its last byte.
enum Interruption: Error, Equatable {
    /// The client went away, or the network did.
    case connectionLost
    /// A newer request has taken the upload over.
    case superseded
    /// The client sends too slowly to be waited for.
    case tooSlow
    /// Others wait for a place to send, and its address has more of them.
    case displaced
    /// The image was cancelled or its batch deleted.
    case cancelled
    /// A look at its first bytes has shown that the file is not wanted.
    case refused
    /// The server stops.
    case stopping
}

/// Held by the request that reads, pulled by whoever wants it to end. Closing the input half of
/// the connection wakes the reader at once and still lets it answer.
final class Stop: Sendable {
    private enum State: Sendable {
        case idle
        case reading
        /// The last byte of the body has come.
        case whole
        case stopped(Interruption)
    }

    private let channel: (any Channel)?
    private let state = Mutex(State.idle)

    /// - Parameter channel: the connection; nil for work that reads no body.
    init(_ channel: (any Channel)? = nil) { self.channel = channel }

    /// Why the body was ended, if it was.
    var reason: Interruption? {
        state.withLock { if case .stopped(let reason) = $0 { reason } else { nil } }
    }

    /// Ends the body, now or when its reading begins. The first reason stays.
    func pull(_ reason: Interruption) {
        let mustClose = state.withLock { state in
            switch state {
            case .idle:
                state = .stopped(reason)
                return false
            case .whole: return false
            case .reading:
                state = .stopped(reason)
                return true
            case .stopped: return false
            }
        }
        if mustClose { channel?.close(mode: .input, promise: nil) }
    }

    /// - Throws: the interruption that came before.
    func beginReading() throws(Interruption) {
        let reason: Interruption? = state.withLock { state in
            if case .stopped(let reason) = state { return reason }
            state = .reading
            return nil
        }
        if let reason { throw reason }
    }

    /// The body is whole: from here on the request is only waited for.
    func endReading() {
        state.withLock { if case .reading = $0 { $0 = .whole } }
    }

    var isWhole: Bool { state.withLock { if case .whole = $0 { true } else { false } } }
}
