// A request's body on its way in: receive buffers of the right size, the `100 Continue` that some
// clients wait for, a deadline for those that stop sending, and an end at any time by a `Stop`.

import Domain
import HTTPTypes
import Hummingbird
import NIOCore
import NIOHTTPTypes

struct IncomingBody {
    private let request: Request
    private let channel: any Channel
    private let requests: UploadRequests
    private let settings: UploadSettings
    let stop: Stop
    /// Who sends it, and who is limited by address for it: nil where nobody is.
    let asker: Asker
    let limited: Asker?
    /// A path of ours as this request's client can use it.
    let locate: @Sendable (_ path: String) -> String

    init(
        _ request: Request, on channel: any Channel, stop: Stop, requests: UploadRequests,
        settings: UploadSettings, asker: Asker = .unknown, limited: Asker? = nil,
        locate: @escaping @Sendable (String) -> String = { $0 }
    ) {
        self.request = request
        self.channel = channel
        self.stop = stop
        self.requests = requests
        self.settings = settings
        self.asker = asker
        self.limited = limited
        self.locate = locate
    }

    /// Bytes the client has announced, `Int.max` for more; nil for a chunked body.
    var length: Int? { request.headers[.contentLength].map { Int($0) ?? .max } }

    /// Whether there can be any.
    var isEmpty: Bool { (length ?? 0) == 0 && request.headers[.transferEncoding] == nil }

    /// Reads a body that brings a file to its end.
    /// - Throws: `Interruption` where the body ends before its last byte, `too-many-requests`
    ///   before the first, and whatever `take` throws.
    func forEach(_ take: (ByteBuffer) async throws -> Void) async throws {
        let sender = try requests.enter(stop, of: asker)
        defer { requests.leave(sender) }
        var bufferBytes = requests.receiveBytes
        receive(in: bufferBytes)
        try await read { buffer in
            sender.note(buffer.readableBytes)
            try await take(buffer)
            // The first of many would keep the large buffers it was given when it was alone.
            if requests.receiveBytes != bufferBytes {
                bufferBytes = requests.receiveBytes
                receive(in: bufferBytes)
            }
        }
    }

    /// All of a short body.
    /// - Throws: `bad-request` where it has more than `limit` bytes; a `Refusal` where it does not
    ///   come.
    func collect(upTo limit: Int) async throws -> ByteBuffer {
        let tooLong = Problem(
            .badRequest, "The body may have at most \(limit) bytes.", limit: limit, actual: length)
        guard length ?? 0 <= limit else { throw tooLong }
        var body = ByteBuffer()
        do {
            try await read { buffer in
                guard body.readableBytes + buffer.readableBytes <= limit else { throw tooLong }
                body.writeImmutableBuffer(buffer)
            }
        } catch Interruption.connectionLost {
            throw Refusal(
                Problem(.badRequest, "The body of the request did not come whole."),
                headers: [.connection: "close"])
        } catch let interruption as Interruption {
            guard var refusal = Refusal(interruption) else { throw interruption }
            refusal.headers[.connection] = "close"
            throw refusal
        }
        return body
    }

    private func read(_ take: (ByteBuffer) async throws -> Void) async throws {
        try stop.beginReading()
        let deadline = ReadDeadline(channel: channel, stop: stop, settings: settings)
        defer { deadline.cancel() }
        try await welcome()
        var received = 0
        var buffers = request.body.makeAsyncIterator()
        while let buffer = try await next(&buffers, deadline) {
            received += buffer.readableBytes
            try await take(buffer)
        }
        stop.endReading()
        if let reason = stop.reason { throw reason }
        if let length, received < length { throw Interruption.connectionLost }
    }

    /// Sends a `104 Upload Resumption Supported` before the answer.
    func sendInterim(_ headers: HTTPFields) async throws {
        let status = HTTPResponse.Status(code: 104, reasonPhrase: "Upload Resumption Supported")
        let head = HTTPResponsePart.head(HTTPResponse(status: status, headerFields: headers))
        try await channel.writeAndFlush(head)
    }

    /// The fields behind a chunked body that has been read to its end.
    func trailer() async throws -> HTTPFields? { try await TrailerKeeper.trailer(on: channel) }

    private func next(
        _ buffers: inout RequestBody.AsyncIterator, _ deadline: ReadDeadline
    ) async throws(Interruption) -> ByteBuffer? {
        deadline.beginWaiting()
        do {
            let buffer = try await buffers.next()
            deadline.endWaiting(received: buffer?.readableBytes ?? 0)
            return buffer
        } catch {
            // Whatever the parser says of it: no more bytes come.
            throw stop.reason ?? .connectionLost
        }
    }

    /// Sets the size of the buffers that the connection reads into. It fails where the connection
    /// is closed, which whoever reads on learns in its turn.
    private func receive(in bufferBytes: Int) {
        let allocator = AdaptiveRecvByteBufferAllocator(
            minimum: 8 << 10, initial: min(64 << 10, bufferBytes), maximum: bufferBytes)
        _ = channel.setOption(.recvAllocator, value: allocator)
    }

    /// RFC 9110, section 10.1.1. Hummingbird leaves it to us, and so the answer can wait until the
    /// request is known to be welcome.
    private func welcome() async throws(Interruption) {
        guard request.headers[.expect]?.lowercased() == "100-continue" else { return }
        do {
            let head = HTTPResponsePart.head(HTTPResponse(status: .continue))
            try await channel.writeAndFlush(head)
        } catch {
            throw stop.reason ?? .connectionLost
        }
    }
}
