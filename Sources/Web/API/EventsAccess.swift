// What the transports are told of commands, owners and origins.

import Domain
import Logging

extension EventsConfiguration {
    init(
        feed: ChangeFeed, store: any BatchStore, commands: ImageCommands, access: Access,
        tickets: Tickets, audit: AuditLog?, logger: Logger
    ) {
        self.init(
            feed: feed,
            perform: { command, image, batch, owner, key in
                guard command != .info else { return try await commands.info(image, in: batch) }
                var members: [String: JSON] = [
                    "command": .string(command.rawValue),
                    "path": .string("/api/batches/\(batch.shortName)/images/\(image)"),
                ]
                members["bearer"] = owner.map { .string($0.shortName) }
                do {
                    try await store.batch(batch).require(
                        .add, by: owner.map(access.devices.bearer), at: commands.now())
                    switch command {
                    case .cancel: try await commands.cancel(image, in: batch, under: key)
                    case .retry: try await commands.retry(image, in: batch, under: key)
                    case .info: break
                    }
                } catch let problem as Problem {
                    members["code"] = .string(problem.code.rawValue)
                    audit?.note(members)
                    throw problem
                }
                audit?.note(members)
                return try await commands.info(image, in: batch)
            },
            // Who may not change anything, a cookie without an Origin for one, may still read.
            identify: { head, peer in (try? access.writer(head, from: peer))??.holder },
            isForeign: { head, peer in access.isForeign(head, from: peer) },
            logger: logger)
        checkToken = { head, peer throws(Problem) in
            try access.requireTokenOfOurs(head, from: peer)
        }
        takeTicket = { ticket, batch, origin throws(Problem) in
            try tickets.take(ticket, for: batch, from: origin, at: commands.now())
        }
        crossOrigin = { CrossOrigin(keys: access.keys).fields(for: $0) }
    }
}
