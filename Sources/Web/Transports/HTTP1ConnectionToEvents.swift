// The way from the connection to the event transports: an answer on the connection, or the connection
// itself for a stream.

import Domain
import NIOCore
import NIOHTTP1

extension HTTP1Connection {
    func answer(_ head: HTTPRequestHead, isHurried: Bool) {
        guard let context else { return }
        switch EventsTask(head, on: context.channel, hub.configuration) {
        case .refuse(let answer):
            return respond(answer)
        case .stream(let request) where head.method == .HEAD:
            describeStream(request)
        case .poll(let request, let wait):
            let poll = Poll(request, wait: wait, hub: hub, loop: context.eventLoop) { [self] in
                respond(EventsAnswer($0))
            }
            begin(poll, isHurried: isHurried)
        case .stream(let request):
            openStream(request) { [hub] fanout in
                let answer = EventStream.head(head.version)
                let form = head.version == .http1_0 ? WireForm.plainEventStream : .eventStream
                let stream = EventStream(form, hub: hub, fanout: fanout)
                return (answer, [stream], stream)
            }
        case .socket(let request, let answer, let owner):
            openStream(request) { [hub] fanout in
                let socket = WebSocketHandler(
                    messageBytes: hub.configuration.limits.messageBytes,
                    linger: hub.configuration.timing.linger)
                let stream = SocketStream(hub: hub, fanout: fanout, owner: owner)
                return (answer, [socket, stream], stream)
            }
        }
        // So that a client that leaves is noticed: the socket is read while it waits.
        context.read()
    }

    /// `HEAD`: what a stream would begin with, for a batch that has one.
    private func describeStream(_ request: EventsRequest) {
        hub.fanout(request.batch).changes(after: request.after) { [self] result in
            switch result {
            case .failure(let error): respond(EventsAnswer(refusing: error))
            case .success(let changes): respond(request.isOver(changes) ? .over : .streamHead)
            }
        }
    }

    /// What a stream begins with, and the handlers that take the connection over.
    private typealias Stream = (HTTPResponseHead, [any ChannelHandler], any StreamSink)

    private func openStream(_ request: EventsRequest, _ make: @escaping (BatchFanout) -> Stream) {
        let fanout = hub.fanout(request.batch)
        fanout.changes(after: request.after) { [self] result in
            switch result {
            case .failure(let error):
                respond(EventsAnswer(refusing: error))
            case .success(let changes) where request.isOver(changes):
                respond(.over)
            case .success(let changes):
                let (head, handlers, sink) = make(fanout)
                guard detach(head, handlers) else { return }
                sink.start(after: request.after, with: changes, untilSettled: request.untilSettled)
            }
        }
    }
}
