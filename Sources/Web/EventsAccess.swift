// What the transports are told of owners, origins and problems, in the terms of NIO's HTTP types,
// which they speak.

import Domain
import HTTPTypes
import Hummingbird
import NIOCore
import NIOHTTP1
import NIOHTTPTypesHTTP1

extension EventsConfiguration {
    init(feed: ChangeFeed, store: any Store, commands: ImageCommands, access: Access) {
        self.init(
            feed: feed,
            perform: { command, image, batch, owner in
                if command != .info, try await store.batch(batch).owner != owner {
                    throw Problem(.notOwner)
                }
                switch command {
                case .cancel: try await commands.cancel(image, in: batch)
                case .retry: try await commands.retry(image, in: batch)
                case .info: break
                }
                return try await commands.info(image, in: batch)
            },
            identify: { head, _ in request(head).flatMap { access.reader($0) } },
            isAllowedOrigin: { head, peer in
                request(head).map { !access.isForeign($0, from: peer?.ipAddress) } ?? false
            },
            answer: { problem in
                var headers = HTTPHeaders()
                for field in problem.response().headers {
                    headers.add(name: field.name.rawName, value: field.value)
                }
                return ProblemAnswer(
                    status: HTTPResponseStatus(statusCode: problem.code.status.code),
                    headers: headers, body: ByteBuffer(string: problem.body.text))
            })
    }
}

/// The head in the terms that the rest of Web speaks; nil where it has no such form.
private func request(_ head: HTTPRequestHead) -> HTTPRequest? {
    try? HTTPRequest(head, secure: false, splitCookie: false)
}
