// What the event transports are given by the rest of Web: the feed they read, who may do what, and
// how patient they are. They know no cookies and no tokens.

package import Domain
package import HTTPTypes
package import Logging
package import NIOCore
package import NIOHTTP1

package struct EventsConfiguration: Sendable {
    package var feed: ChangeFeed
    /// Carries out a WebSocket command and returns the image's member of the document. `owner` is
    /// what `identify` said when the socket was opened, `key` the request's, if it has one.
    /// - Throws: a `Problem`, which becomes the reply; anything else is logged, and the reply is
    ///   `internal`.
    package var perform:
        @Sendable (
            _ command: ImageCommand, _ image: Image.ID, _ batch: Batch.ID, _ owner: Owner?,
            _ key: IdempotencyKey?
        ) async throws -> JSON
    /// Whom the request's cookie or token names, and who may change something with it; nil for one
    /// who may only read. `peer` is the address at the other end of the connection.
    package var identify: @Sendable (_ head: HTTPRequest, _ peer: String?) -> Owner?
    /// Refuses a token that was never given to anybody. Told only of requests that bring one.
    package var checkToken:
        @Sendable (_ head: HTTPRequest, _ peer: String?) throws(Problem) -> Void = { _, _ in }
    /// Uses up the ticket that a WebSocket was opened with, and tells whom it names.
    package var takeTicket:
        @Sendable (
            _ ticket: String, _ batch: Batch.ID, _ origin: String?
        ) throws(Problem) -> Owner = { _, _, _ throws(Problem) in throw Problem(.noSuchTicket) }
    /// What every answer says of pages of other origins.
    package var crossOrigin: @Sendable (_ head: HTTPRequestHead) -> HTTPHeaders = { _ in [:] }
    /// Whether the request comes from another site's page: it gets no WebSocket.
    package var isForeign: @Sendable (_ head: HTTPRequest, _ peer: String?) -> Bool
    package var logger: Logger
    /// The faults that are made on purpose; nil where none may be.
    package var faults: FaultTable?
    package var timing = EventsTiming()
    package var limits = EventsLimits()

    package init(
        feed: ChangeFeed,
        perform:
            @escaping @Sendable (
                ImageCommand, Image.ID, Batch.ID, Owner?, IdempotencyKey?
            ) async throws -> JSON,
        identify: @escaping @Sendable (HTTPRequest, String?) -> Owner?,
        isForeign: @escaping @Sendable (HTTPRequest, String?) -> Bool,
        logger: Logger
    ) {
        self.feed = feed
        self.perform = perform
        self.identify = identify
        self.isForeign = isForeign
        self.logger = logger
    }

    /// The feed's read, and `perform`, with what they throw as a client is told of it.
    func changes(in batch: Batch.ID, after cursor: Cursor?) async throws(Problem) -> Changes {
        try await explained(batch) { try await feed.changes(in: batch, after: cursor) }
    }

    func performed(
        _ command: ImageCommand, _ image: Image.ID, _ batch: Batch.ID, _ owner: Owner?,
        _ key: IdempotencyKey?
    ) async throws(Problem) -> JSON {
        try await explained(batch) { try await perform(command, image, batch, owner, key) }
    }

    private func explained<Success: Sendable>(
        _ batch: Batch.ID, _ body: () async throws -> Success
    ) async throws(Problem) -> Success {
        do {
            return try await body()
        } catch {
            throw Problem(explaining: error, at: "/api/batches/\(batch)/events", logger)
        }
    }
}

/// What a WebSocket may ask of one image.
package enum ImageCommand: String, Sendable, Hashable, CaseIterable {
    case cancel, retry, info
}

package struct EventsTiming: Sendable {
    /// Between two heartbeats of a stream.
    package var heartbeat = TimeAmount.seconds(15)
    /// Between two live values for one subscriber.
    package var live = TimeAmount.milliseconds(100)
    /// The longest a poll may ask to wait.
    package var longestWait = TimeAmount.seconds(55)
    /// What `retry:` tells an EventSource to wait before it comes back, in milliseconds.
    package var retryMs = 2_000
    /// From the opening of a connection to the end of its first request's head.
    package var head = TimeAmount.seconds(15)
    /// From the end of a response to the end of the next request's head.
    package var idle = TimeAmount.seconds(75)
    /// For `EventsLimits.bodyBytes` more of a request's body that somebody waits for. Uploads are
    /// ended sooner, and with an answer.
    package var body = TimeAmount.seconds(40)
    /// For `EventsLimits.takenBytes` more of what is written: who takes fewer is given up.
    package var stall = TimeAmount.seconds(60)
    /// The same while memory is short (`EventsLimits.unreadBytes`).
    package var shortStall = TimeAmount.seconds(5)
    /// What a peer has, when it has our last byte, to close the connection itself.
    package var linger = TimeAmount.seconds(2)
    /// The longest delay of a stream's end at shutdown; few streams end sooner.
    package var drainSpread = TimeAmount.seconds(3)
    /// From the moment the server is asked to stop to the end of the last connection.
    package var farewell = TimeAmount.seconds(6)
    /// How soon `100 Continue` follows where the application has neither refused the request nor
    /// asked for its body, as uploads do.
    package var continueAfter = TimeAmount.milliseconds(500)

    package init() {}
}

package struct EventsLimits: Sendable {
    /// Bytes of one message from a WebSocket client.
    package var messageBytes = 1 << 10
    /// Commands a WebSocket client may send at once, and how many more each second.
    package var commandBurst = 20
    package var commandsPerSecond = 10
    /// How many more commands may be refused than were allowed before the connection is closed.
    package var refusedCommands = 100
    /// Bytes of a body that must come, and of what is written that must be taken, in each stretch of
    /// their times.
    package var bodyBytes = 4 << 10
    package var takenBytes = 16 << 10
    /// Bytes that may wait for slow readers, beyond those that every connection may have, before
    /// nobody may hold some for long.
    package var unreadBytes = 128 << 20
    /// Bytes of a request's head.
    package var headBytes = 64 << 10
    /// Bytes of a body nobody asked for that are read away before the connection is closed.
    package var strayBodyBytes = 64 << 10
    /// Parts of pipelined requests that may wait for their turn.
    package var pipelinedParts = 1_024

    package init() {}
}
