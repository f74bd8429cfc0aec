// What a request for a batch's events asks for: the one URL and its three transports, told apart
// by the request's headers.

import Domain
import Foundation
import NIOCore
import NIOHTTP1

struct EventsRequest {
    enum Transport: Equatable {
        /// `wait` is how long the answer may be held back for news; zero for an ordinary poll.
        case polling(wait: TimeAmount)
        case eventStream
        case webSocket
    }

    let batch: Batch.ID
    let transport: Transport
    /// Where the client stands. Nil where it has nothing, and where its cursor is no cursor of
    /// ours: both are answered by the whole document.
    let after: Cursor?
    /// Whether the stream should end when the batch is settled.
    let untilSettled: Bool
    /// What a page of another origin opens a WebSocket with.
    let ticket: String?
    /// The validators of what the client holds.
    let knownTags: [Substring]
    /// The only ones it wants (`If-Match`); nil where it takes any.
    let wantedTags: [Substring]?

    /// The part of `uri` that names the batch, or nil where it is not the events of a batch.
    static func batchName(in uri: String) -> Substring? {
        // By bytes, as all that every poll passes through.
        var path = uri.utf8.prefix { $0 != UInt8(ascii: "?") && $0 != UInt8(ascii: "#") }
        // The absolute form (RFC 9112, section 3.2.2) names the host before the path.
        if path.first != UInt8(ascii: "/"), let scheme = Substring(path).range(of: "://") {
            path = path[scheme.upperBound...].drop { $0 != UInt8(ascii: "/") }
        }
        let (start, end) = ("/api/batches/".utf8, "/events".utf8)
        guard path.count > start.count + end.count, path.starts(with: start),
            path.suffix(end.count).elementsEqual(end)
        else { return nil }
        let name = path.dropFirst(start.count).dropLast(end.count)
        return name.contains(UInt8(ascii: "/")) ? nil : Substring(name)
    }

    /// - Throws: `method-not-allowed`, `no-such-batch`, `bad-request`.
    init(_ head: HTTPRequestHead, longestWait: TimeAmount) throws(Problem) {
        guard head.method == .GET || head.method == .HEAD else {
            throw Problem(.methodNotAllowed, "Events are read with GET.")
        }
        guard let batch = Self.batchName(in: head.uri).flatMap({ Batch.ID($0) }) else {
            throw Problem(.noSuchBatch)
        }
        self.batch = batch
        let query = try Query(head.uri)

        // Nobody waits for news that HEAD would not show.
        let wait = try Self.wait(
            query.wait, atMost: head.method == .HEAD ? .zero : longestWait)
        transport =
            if Self.isWebSocket(head.headers), head.method == .GET {
                .webSocket
            } else if Self.prefersEventStream(head.headers) {
                .eventStream
            } else {
                .polling(wait: wait)
            }
        switch query.until {
        case nil: untilSettled = false
        case "settled": untilSettled = true
        default: throw Problem(.badRequest, "until can only be \"settled\".")
        }
        // A native EventSource goes on with the URL of its first request: what it saw last wins.
        let last = transport == .eventStream ? head.headers.first(name: "last-event-id") : nil
        let position = last.flatMap { $0.isEmpty ? nil : $0 } ?? query.after
        after = position.flatMap { Cursor($0) }
        ticket = query.ticket
        knownTags = head.headers[canonicalForm: "if-none-match"].map(Self.withoutWeakness)
        let wanted = head.headers[canonicalForm: "if-match"]
        wantedTags = wanted.isEmpty || wanted.contains("*") ? nil : wanted
    }

    /// Seconds; more than allowed is as much as allowed.
    private static func wait(
        _ text: String?, atMost longest: TimeAmount
    ) throws(Problem) -> TimeAmount {
        guard let text else { return .zero }
        guard let seconds = Double(text), seconds >= 0 else {
            throw Problem(.badRequest, "wait must be a number of seconds.")
        }
        let longestSeconds = Double(longest.nanoseconds) / 1e9
        return .nanoseconds(Int64(min(seconds, longestSeconds) * 1e9))
    }

    private static func isWebSocket(_ headers: HTTPHeaders) -> Bool {
        headers[canonicalForm: "upgrade"].contains { $0.lowercased() == "websocket" }
    }

    /// RFC 9110, section 12.5.1: an event stream goes to who asks for it by name and does not like
    /// JSON better.
    private static func prefersEventStream(_ headers: HTTPHeaders) -> Bool {
        let accept = headers["accept"]
        guard accept.contains(where: { $0 != "*/*" && $0 != "application/json" }) else {
            return false
        }
        let ranges = headers[canonicalForm: "accept"].map(MediaRange.init)
        guard let stream = ranges.first(where: { $0.type == "text/event-stream" }),
            stream.weight > 0
        else { return false }
        let json = ranges.first { $0.type == "application/json" }
        return stream.weight >= json?.weight ?? 0
    }

    private static func withoutWeakness(_ tag: Substring) -> Substring {
        tag.hasPrefix("W/") ? tag.dropFirst(2) : tag
    }
}

private struct MediaRange {
    let type: String
    let weight: Double

    init(_ text: Substring) {
        let parts = text.split(separator: ";").map { $0.trimmingCharacters(in: .whitespaces) }
        type = parts.first?.lowercased() ?? ""
        let weight = parts.dropFirst().first { $0.lowercased().hasPrefix("q=") }
        self.weight = weight.flatMap { Double($0.dropFirst(2)) } ?? 1
    }
}

/// What the query of a URI says of events; of a name that comes twice, the first counts.
private struct Query {
    private(set) var wait: String?
    private(set) var until: String?
    private(set) var after: String?
    private(set) var ticket: String?

    /// - Throws: `bad-request` where any of it is not properly encoded.
    init(_ uri: String) throws(Problem) {
        guard let start = uri.utf8.firstIndex(of: UInt8(ascii: "?")) else { return }
        for pair in uri.utf8[start...].dropFirst().split(separator: UInt8(ascii: "&")) {
            let end = pair.firstIndex(of: UInt8(ascii: "=")) ?? pair.endIndex
            guard let name = Self.decoded(pair[..<end]),
                let value = Self.decoded(pair[end...].dropFirst())
            else { throw Problem(.badRequest, "The query is not properly encoded.") }
            switch name {
            case "wait": wait = wait ?? value
            case "until": until = until ?? value
            case "after": after = after ?? value
            case "ticket": ticket = ticket ?? value
            default: break
            }
        }
    }

    private static func decoded(_ bytes: Substring.UTF8View) -> String? {
        let isPlain = bytes.allSatisfy { $0 != UInt8(ascii: "%") && $0 != UInt8(ascii: "+") }
        let text = String(Substring(bytes))
        return isPlain ? text : text.replacing("+", with: " ").removingPercentEncoding
    }
}
