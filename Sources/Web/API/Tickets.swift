// Tickets: what a page of another origin opens a WebSocket with, which can send no field of its own. Once, for
// one batch, within a minute; so one that stands in a log opens nothing.

import Domain
import Foundation
import Synchronization

final class Tickets: Sendable {
    enum Name: Identified { static let identifierPrefix = "t" }
    typealias ID = Identifier<Name>

    private struct Ticket {
        let batch: Batch.ID
        let bearer: Owner
        /// Of the page that asked for it; nil where no page did.
        let origin: String?
        let until: Date
    }

    /// Seconds that one is good for.
    static let lifetime = 60
    /// Tickets that wait to be used.
    private static let limit = 10_000

    private let waiting = Mutex<[ID: Ticket]>([:])

    /// - Throws: `too-many-requests` while too many wait.
    func issue(
        for batch: Batch.ID, to bearer: Owner, on origin: String?, at now: Date
    ) throws(Problem) -> ID {
        let id = ID.random()
        let ticket = Ticket(
            batch: batch, bearer: bearer, origin: origin,
            until: now.addingTimeInterval(Double(Self.lifetime)))
        let isKept = waiting.withLock { waiting in
            if waiting.count >= Self.limit { waiting = waiting.filter { $0.value.until > now } }
            guard waiting.count < Self.limit else { return false }
            waiting[id] = ticket
            return true
        }
        guard isKept else {
            throw Problem(
                .tooManyRequests, "Too many tickets wait to be used.", limit: Self.limit,
                actual: Self.limit + 1, retryAfter: Self.lifetime)
        }
        return id
    }

    /// Uses a ticket up.
    /// - Throws: `no-such-ticket` for one that never was, was used or is over, and for one of another batch
    ///   or of another origin's page: these look the same.
    func take(
        _ text: String, for batch: Batch.ID, from origin: String?, at now: Date
    ) throws(Problem) -> Owner {
        let ticket = ID(text).flatMap { id in waiting.withLock { $0.removeValue(forKey: id) } }
        guard let ticket, ticket.batch == batch, ticket.until > now,
            ticket.origin == nil || ticket.origin == origin
        else { throw Problem(.noSuchTicket) }
        return ticket.bearer
    }
}
