// One request and its response on a connection: what HTTP/1.1 says about when each is complete and
// what may follow.

import NIOCore
import NIOHTTP1

struct Exchange {
    let head: HTTPRequestHead
    /// All of the request has come.
    private(set) var isReceived = false
    /// The response's head, all of the response.
    private(set) var hasBegun = false
    private(set) var isAnswered = false
    /// Nothing may follow on this connection.
    private(set) var isLast: Bool
    /// Bytes of the body so far.
    private(set) var bodyBytes = 0
    /// The client was told to send the body it had only offered.
    private var isContinued = false

    init(_ head: HTTPRequestHead) {
        self.head = head
        // NIO's parser stops after a request that offers an upgrade. Where we do not take it,
        // nothing that follows could be read.
        isLast = !head.isKeepAlive || Self.offersUpgrade(head)
    }

    /// Stands for a request that cannot be understood.
    static let malformed: Exchange = {
        var exchange = Exchange(HTTPRequestHead(version: .http1_1, method: .GET, uri: "/"))
        exchange.isReceived = true
        exchange.isLast = true
        return exchange
    }()

    /// RFC 9112, section 3.2: HTTP/1.1 requests have one `Host`, and none has more.
    static func namesItsHost(_ head: HTTPRequestHead) -> Bool {
        let hosts = head.headers["host"].count
        return hosts == 1 || hosts == 0 && head.version == .http1_0
    }

    var isComplete: Bool { isReceived && isAnswered }

    /// RFC 9110, section 10.1.1.
    var expectsContinue: Bool {
        !isReceived && !hasBegun && !isContinued && head.version != .http1_0
            && head.headers[canonicalForm: "expect"].contains { $0.lowercased() == "100-continue" }
    }

    /// Whether the client can be sent this part: interim answers came with HTTP/1.1, and `HEAD` is
    /// answered by a head alone, whatever was written behind it (RFC 9110, sections 9.3.2 and 15.2).
    mutating func takes(_ part: HTTPServerResponsePart) -> Bool {
        switch part {
        case .head(let response) where response.status == .continue: continues()
        case .head(let response) where response.status.isInterim: head.version != .http1_0
        case .body: head.method != .HEAD
        case .head, .end: true
        }
    }

    /// Whether a body of more bytes is announced or has come.
    func hasBody(over bytes: Int) -> Bool {
        let announced = head.headers.first(name: "content-length").flatMap { Int($0) } ?? 0
        return max(announced, bodyBytes) > bytes
    }

    /// Notes a `100 Continue`; false where none is expected any more.
    mutating func continues() -> Bool {
        guard expectsContinue else { return false }
        isContinued = true
        return true
    }

    private static func offersUpgrade(_ head: HTTPRequestHead) -> Bool {
        head.method == .CONNECT || head.headers.contains(name: "upgrade")
    }

    mutating func receive(_ part: HTTPServerRequestPart) {
        switch part {
        case .head: break
        case .body(let bytes): bodyBytes += bytes.readableBytes
        case .end: isReceived = true
        }
    }

    /// No other request is answered after this one.
    mutating func makeLast() { isLast = true }

    /// Notes a part of the response and makes its head fit the request's version and what becomes
    /// of the connection (RFC 9112, sections 6.3 and 9.3).
    mutating func answer(_ part: HTTPServerResponsePart) -> HTTPServerResponsePart {
        switch part {
        case .head(var response) where !response.status.isInterim:
            hasBegun = true
            if response.headers[canonicalForm: "connection"].contains("close") { isLast = true }
            // NIO's encoder takes a HEAD's response for one with a body, and would end it as one.
            if head.method == .HEAD, response.status.mayHaveResponseBody,
                !response.headers.contains(name: "content-length")
            {
                isLast = true
            }
            if isLast {
                response.headers.replaceOrAdd(name: "connection", value: "close")
            } else if head.version == .http1_0 {
                response.headers.replaceOrAdd(name: "connection", value: "keep-alive")
            }
            if head.version == .http1_0 {
                response.version = .http1_0
                // Without chunks only the end of the connection ends a body of unknown length.
                if !response.headers.contains(name: "content-length") {
                    response.headers.remove(name: "transfer-encoding")
                    response.headers.replaceOrAdd(name: "connection", value: "close")
                    isLast = true
                }
            }
            return .head(response)
        case .end:
            isAnswered = true
            return part
        case .head, .body:
            return part
        }
    }
}

extension HTTPResponseStatus {
    /// Whether another answer follows.
    var isInterim: Bool { (100..<200).contains(code) && code != 101 }
}
