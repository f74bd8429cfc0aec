// What a request for events gets before, or instead of, a stream.

import Domain
import HTTPTypes
import NIOCore
import NIOHTTP1
import NIOHTTPTypesHTTP1

/// A whole response.
struct EventsAnswer {
    enum Body {
        case short(ByteBuffer)
        /// Written as the client takes it.
        case long(Outgoing)

        var count: Int {
            switch self {
            case .short(let bytes): bytes.readableBytes
            case .long(let text): text.count
            }
        }
    }

    var status: HTTPResponseStatus
    var headers: HTTPHeaders
    var body = Body.short(ByteBuffer())

    /// With the length of the body; a stream's is known to nobody.
    var head: HTTPResponseHead {
        var head = HTTPResponseHead(version: .http1_1, status: status, headers: headers)
        if status != .notModified, status != .noContent,
            !headers.contains(name: "transfer-encoding")
        {
            head.headers.replaceOrAdd(name: "content-length", value: "\(body.count)")
        }
        return head
    }

    /// All of them depend on what the request asks for, and are old in a moment.
    private static let common: HTTPHeaders = ["vary": "Accept", "cache-control": "no-store"]

    init(_ outcome: Poll.Outcome) {
        switch outcome {
        case .news(let answer):
            self.init(status: .ok, headers: Self.common)
            headers.add(name: "content-type", value: "application/json")
            headers.add(name: "etag", value: answer.tag)
            body = answer.body
        case .unchanged(let tag):
            self.init(status: .notModified, headers: Self.common)
            headers.add(name: "etag", value: tag)
        case .failure(let error):
            self.init(refusing: error)
        }
    }

    init(refusing error: any Error) {
        let problem = error as? Problem ?? Problem(.internal)
        self.init(
            status: HTTPResponseStatus(statusCode: problem.code.status.code), headers: Self.common)
        headers.add(name: "content-type", value: "application/problem+json")
        switch problem.code {
        case .methodNotAllowed: headers.add(name: "allow", value: allowField([.get, .head]))
        case .unavailable: headers.add(name: "retry-after", value: "1")
        default: break
        }
        body = .short(ByteBuffer(string: problem.body.text))
    }

    /// For who comes back to a stream that was to end when the batch settled, and has seen it all:
    /// an EventSource stops at this status.
    static let over = EventsAnswer(status: .noContent, headers: common)

    /// For a browser that asks what a page may send.
    static let preflight = EventsAnswer(status: .noContent, headers: [:])

    /// For `HEAD` of a stream.
    static let streamHead = EventsAnswer(status: .ok, headers: EventStream.head(.http1_1).headers)

    /// For bytes that are no HTTP request.
    init(malformed error: any Error) {
        status =
            switch error as? HTTPParserError {
            case .headerOverflow: .requestHeaderFieldsTooLarge
            default: .badRequest
            }
        headers = [:]
    }

    private init(status: HTTPResponseStatus, headers: HTTPHeaders) {
        self.status = status
        self.headers = headers
    }
}

/// What is to be done for a request for events, by its head alone.
enum EventsTask {
    case refuse(EventsAnswer)
    case poll(EventsRequest, wait: TimeAmount)
    case stream(EventsRequest)
    case socket(EventsRequest, HTTPResponseHead, Owner?)

    init(
        _ head: HTTPRequestHead, on channel: any Channel, _ configuration: EventsConfiguration
    ) {
        do {
            guard !CrossOrigin.isPreflight(head) else {
                self = .refuse(.preflight)
                return
            }
            try Self.check(head, on: channel, configuration)
            let request = try EventsRequest(
                head, longestWait: configuration.timing.longestWait)
            switch request.transport {
            case .polling(let wait): self = .poll(request, wait: wait)
            case .eventStream: self = .stream(request)
            case .webSocket: self = try Self.upgrade(request, head, channel, configuration)
            }
        } catch {
            self = .refuse(EventsAnswer(refusing: error))
        }
    }

    /// - Throws: `bad-request` for a token that was never given to anybody.
    private static func check(
        _ head: HTTPRequestHead, on channel: any Channel, _ configuration: EventsConfiguration
    ) throws(Problem) {
        guard head.headers.contains(name: "authorization") else { return }
        try configuration.checkToken(try request(head), channel.remoteAddress?.ipAddress)
    }

    private static func request(_ head: HTTPRequestHead) throws(Problem) -> HTTPRequest {
        guard let request = try? HTTPRequest(head, secure: false, splitCookie: false) else {
            throw Problem(.badRequest)
        }
        return request
    }

    private static func upgrade(
        _ events: EventsRequest, _ head: HTTPRequestHead, _ channel: any Channel,
        _ configuration: EventsConfiguration
    ) throws(Problem) -> Self {
        let peer = channel.remoteAddress?.ipAddress
        let request = try request(head)
        guard events.ticket != nil || !configuration.isForeign(request, peer) else {
            throw Problem(.foreignOrigin)
        }
        guard WebSocketHandshake.isOurVersion(head) else {
            return .refuse(WebSocketHandshake.otherVersion)
        }
        let headers = try WebSocketHandshake.accept(head, on: channel)
        let response = HTTPResponseHead(
            version: .http1_1, status: .switchingProtocols, headers: headers)
        let bearer = try events.ticket.map { ticket throws(Problem) in
            try configuration.takeTicket(
                ticket, events.batch, head.headers.first(name: "origin"))
        }
        return .socket(events, response, bearer ?? configuration.identify(request, peer))
    }
}

extension EventsRequest {
    /// Whether a stream for this request would end before it said anything.
    func isOver(_ changes: Changes) -> Bool {
        guard untilSettled, transport == .eventStream, changes.state == .settled,
            case .events(let events) = changes.body
        else { return false }
        return events.isEmpty
    }
}
