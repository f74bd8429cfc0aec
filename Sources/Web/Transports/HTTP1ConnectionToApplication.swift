// The way from the connection to the application and back.

import HummingbirdCore
import NIOCore
import NIOHTTP1

extension HTTP1Connection {
    func giveToApplication(_ head: HTTPRequestHead, _ exchange: Exchange) {
        guard let channel = applicationChannel ?? openApplication() else { return }
        channel.receive(.head(head))
        if exchange.expectsContinue { continueSoon() }
    }

    private func openApplication() -> ApplicationChannel? {
        guard let context else { return nil }
        let channel = ApplicationChannel(of: context.channel, carrier: self)
        do {
            application?.succeed(try channel.open())
            application = nil
            applicationChannel = channel
            return channel
        } catch {
            application?.fail(error)
            application = nil
            context.close(promise: nil)
            return nil
        }
    }

    /// Not at once: where the application refuses by the head alone, the body need not come.
    private func continueSoon() {
        context?.eventLoop.assumeIsolated().scheduleTask(in: timing.continueAfter) { [self] in
            guard case .application(var exchange) = state, exchange.bodyBytes == 0,
                exchange.continues(), let context
            else { return }
            state = .application(exchange)
            let head = HTTPResponseHead(version: .http1_1, status: .continue)
            context.writeAndFlush(wrapOutboundOut(.head(head)), promise: nil)
        }
    }
}

extension HTTP1Connection: ApplicationCarrier {
    func applicationWrites(_ part: HTTPServerResponsePart, promise: EventLoopPromise<Void>?) {
        guard case .application = state else {
            promise?.fail(ChannelError.ioOnClosedChannel)
            return
        }
        write(part, promise: promise)
        if case .end = part {
            context?.flush()
            proceed()
        }
    }

    func applicationFlushes() { context?.flush() }

    func applicationReads() {
        guard case .application(let exchange) = state else { return }
        isAsked = true
        timeouts.resume()
        if !exchange.isReceived || waiting.isEmpty { context?.read() }
    }

    func applicationFinishes() {
        switch state {
        case .idle, .application: close()
        // The application has ended because the client will send nothing more; our own answer to
        // its last request is still to come.
        case .receiving, .answering, .closing, .detached: break
        }
    }

    func applicationCloses() { context?.close(promise: nil) }
}
