// The way from the connection to the event transports: an answer on the connection, or the connection
// itself for a stream.

import Domain
import NIOCore
import NIOHTTP1

extension HTTP1Connection {
    func receiveMore(_ exchange: Exchange, _ task: EventsTask) {
        guard !exchange.isReceived else { return answer(exchange, task) }
        state = .receiving(exchange, task)
        // A body has no meaning here. A short one is read away; for a long one, or one that is
        // only offered, nobody waits.
        let announced = exchange.head.headers.first(name: "content-length").flatMap { Int($0) } ?? 0
        guard
            exchange.expectsContinue
                || max(announced, exchange.bodyBytes) > hub.configuration.limits.strayBodyBytes
        else { return }
        var exchange = exchange
        exchange.makeLast()
        answer(exchange, task)
    }

    private func answer(_ exchange: Exchange, _ task: EventsTask) {
        state = .answering(exchange)
        switch task {
        case .refuse(let answer):
            respond(answer)
        case .stream(let request) where exchange.head.method == .HEAD:
            describeStream(request)
        case .poll(let request, let wait):
            startPoll(request, wait)
        case .stream(let request):
            openStream(request) { [self] fanout in
                let head = EventStream.head(exchange.head.version)
                let form = head.version == .http1_0 ? WireForm.plainEventStream : .eventStream
                let stream = EventStream(form, hub: hub, fanout: fanout)
                return (head, [stream], stream)
            }
        case .socket(let request, let head, let owner):
            openStream(request) { [self] fanout in
                let socket = WebSocketHandler(
                    messageBytes: hub.configuration.limits.messageBytes, linger: timing.linger)
                let stream = SocketStream(hub: hub, fanout: fanout, owner: owner)
                return (head, [socket, stream], stream)
            }
        }
    }

    private func startPoll(_ request: EventsRequest, _ wait: TimeAmount) {
        guard let context else { return }
        let poll = Poll(request, wait: wait, hub: hub, loop: context.eventLoop) { [self] outcome in
            self.poll = nil
            respond(EventsAnswer(outcome))
        }
        self.poll = poll
        poll.start()
        if isInputClosed || isQuiescing { poll.hurry() }
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
        context?.read()
    }

    /// What a stream begins with, and the handlers that take the connection over.
    private typealias Stream = (HTTPResponseHead, [any ChannelHandler], any StreamSink)

    private func openStream(_ request: EventsRequest, _ make: @escaping (BatchFanout) -> Stream) {
        let fanout = hub.fanout(request.batch)
        fanout.changes(after: request.after) { [self] result in
            guard case .answering = state else { return }
            switch result {
            case .failure(let error):
                respond(EventsAnswer(refusing: error))
            case .success(let changes) where request.isOver(changes):
                respond(.over)
            case .success(let changes):
                detach(make(fanout)) { sink in
                    sink.start(
                        after: request.after, with: changes, untilSettled: request.untilSettled)
                }
            }
        }
        context?.read()
    }

    /// Hands the connection to a stream, and removes the HTTP and application handlers and this one
    /// from the pipeline.
    private func detach(_ stream: Stream, _ start: (any StreamSink) -> Void) {
        guard let context else { return }
        let (head, handlers, sink) = stream
        state = .detached
        write(.head(head))
        do {
            try context.pipeline.syncOperations.addHandlers(handlers, position: .after(self))
        } catch {
            return context.close(promise: nil)
        }
        leavePipeline(context)
        start(sink)
    }

    private func leavePipeline(_ context: ChannelHandlerContext) {
        let channel = context.channel
        let pipeline = context.pipeline.syncOperations
        leave()
        pipeline.removeHandler(encoder, promise: nil)
        pipeline.removeHandler(decoder, promise: nil)
        pipeline.removeHandler(context: context, promise: nil)
        channel.read()
        // What this handler was told before has to be known by those who follow it.
        if isInputClosed { pipeline.fireUserInboundEventTriggered(ChannelEvent.inputClosed) }
        if isQuiescing { pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent()) }
    }
}
