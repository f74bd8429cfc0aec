// What an HTTP/1.1 connection does about what happened: decided by `HTTP1StateMachine`, performed by
// `HTTP1Connection`.

import NIOCore
import NIOHTTP1

extension HTTP1StateMachine {
    enum Action {
        case read
        /// Gives a part of a request to the application.
        case give(HTTPServerRequestPart)
        /// Tells the application that for now no more parts come, that its client sends nothing
        /// more, or that what comes cannot be read.
        case giveComplete
        case giveInputClosed
        case giveError(any Error)
        /// Sends `100 Continue`.
        case sendContinue
        /// Answers a request for events. Hurried: without waiting for news.
        case answer(HTTPRequestHead, isHurried: Bool)
        /// Ends the waiting of the answer under way.
        case hurry
        indirect case respond(EventsAnswer)
        /// Calls `takeWaiting`, once the actions before are performed.
        case takeWaiting
        case schedule(Timer, NIODeadline)
        case cancel(Timer)
        /// Closes the output once all is written. With unread input a plain close would reset the
        /// connection, and the client might lose the response.
        case closeSoftly
        case close
        /// Leaves the connection to a stream, which is told what was told before.
        case handOver(isInputClosed: Bool, isQuiescing: Bool)
    }

    enum Timer: UInt8, CaseIterable {
        /// Something was to come from the client by then.
        case deadline
        /// The client waits for `100 Continue`.
        case continuation
    }

    /// Who answers.
    enum Writer { case application, transports }

    /// What becomes of a part of a response.
    enum Writing {
        case part(HTTPServerResponsePart)
        /// The client must not be sent this part.
        case omitted
        /// This response is not expected, or not any more.
        case refused
    }

    /// The timers that are set.
    struct Timers {
        private var bits: UInt8 = 0

        mutating func schedule(_ timer: Timer, _ deadline: NIODeadline) -> Action {
            bits |= 1 << timer.rawValue
            return .schedule(timer, deadline)
        }

        /// - Returns: whether it was set.
        mutating func clear(_ timer: Timer) -> Bool {
            defer { bits &= ~(1 << timer.rawValue) }
            return bits & 1 << timer.rawValue != 0
        }

        mutating func cancel(_ timer: Timer) -> [Action] { clear(timer) ? [.cancel(timer)] : [] }

        mutating func cancelAll() -> [Action] { Timer.allCases.flatMap { cancel($0) } }
    }
}
