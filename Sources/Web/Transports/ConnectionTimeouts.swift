// How long a connection may keep us waiting: for a request's head, for the next request, for the
// rest of a body. A client that sends a byte now and then gains nothing by it. What is written to it
// is SlowReaderTimeout's.

import NIOCore
import NIOHTTP1

struct ConnectionTimeouts {
    enum Waiting {
        /// For a request.
        case head
        /// For more of a request's body, which somebody wants to read.
        case body
        /// For us.
        case nothing
    }

    private let head: TimeAmount
    private let idle: TimeAmount
    private let body: TimeAmount
    /// Bytes of a body that begin a new wait.
    private let bodyBytes: Int
    private var since: NIODeadline
    private var isFirstRequest = true
    /// Bytes of a body since then.
    private var received = 0
    /// Since when nobody asks for more.
    private var pausedAt: NIODeadline?

    init(_ timing: EventsTiming, _ limits: EventsLimits, at now: NIODeadline) {
        head = timing.head
        idle = timing.idle
        body = timing.body
        bodyBytes = limits.bodyBytes
        since = now
    }

    /// A part of a request has come. Of a body only enough begins a new wait.
    mutating func note(_ part: HTTPServerRequestPart, at now: NIODeadline) {
        if case .body(let bytes) = part {
            received += bytes.readableBytes
            guard received >= bodyBytes else { return }
        }
        begin(at: now)
    }

    mutating func noteResponse(at now: NIODeadline) { begin(at: now) }

    private mutating func begin(at now: NIODeadline) {
        since = now
        received = 0
        isFirstRequest = false
        if pausedAt != nil { pausedAt = since }
    }

    /// Nobody asks for more of the body; that time is not the client's.
    mutating func pause(at now: NIODeadline) { pausedAt = pausedAt ?? now }

    mutating func resume(at now: NIODeadline) {
        guard let pausedAt else { return }
        since = since + (now - pausedAt)
        self.pausedAt = nil
    }

    /// When to give the connection up; nil while it is we who are waited for.
    func deadline(_ waiting: Waiting) -> NIODeadline? {
        switch waiting {
        case .head: since + (isFirstRequest ? head : idle)
        case .body: since + body
        case .nothing: nil
        }
    }

    /// When to look again, where it is we who are waited for.
    func nextLook(at now: NIODeadline) -> NIODeadline { now + body }
}
