// How long a connection may keep us waiting: for a request's head, for the next request, for the
// rest of a body. A client that sends a byte now and then gains nothing by it.

import NIOCore

struct Patience {
    enum Waiting {
        /// For a request.
        case head
        /// For more of a request's body, which somebody wants to read.
        case body
        /// For us.
        case nothing
    }

    private let timing: EventsTiming
    private var since = NIODeadline.now()
    private var isFirstRequest = true

    init(_ timing: EventsTiming) { self.timing = timing }

    /// A part of a request has come.
    mutating func noteInput() {
        since = .now()
        isFirstRequest = false
    }

    mutating func noteResponse() { since = .now() }

    /// When to give the connection up; nil while it is we who are waited for.
    func deadline(_ waiting: Waiting) -> NIODeadline? {
        switch waiting {
        case .head: since + (isFirstRequest ? timing.head : timing.idle)
        case .body: since + timing.body
        case .nothing: nil
        }
    }
}
