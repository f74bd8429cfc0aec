// The server's connections: HTTP/1.1 on which every request for a batch's events is answered on
// the event loop, and every other one by Hummingbird.

package import HummingbirdCore
package import Logging
package import NIOCore
import NIOHTTP1
import NIOHTTPTypesHTTP1
import Synchronization

/// Connections are set up on one event loop at a time. Where two loops met the generic types of a
/// pipeline for the first time at the same moment, Swift's runtime (6.3.1) crashed, once in some
/// hundred starts, in `swift_checkMetadataState`.
private let settingUp = Mutex(())

package struct EventsChannel: HTTPChannelHandler {
    package struct Value: ServerChildChannelValue {
        package let channel: any Channel
        /// The connection as the application sees it, at its first request; nil where the
        /// connection had none and is closed or given to a stream.
        let application: EventLoopFuture<HTTP1Channel.Value?>
    }

    package let responder: Responder
    private let http1: HTTP1Channel
    private let hub: EventsHub

    package init(responder: @escaping Responder, hub: EventsHub) {
        self.responder = responder
        self.hub = hub
        http1 = HTTP1Channel(responder: responder)
    }

    package func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        channel.eventLoop.makeCompletedFuture { try settingUp.withLock { _ in try open(channel) } }
    }

    private func open(_ channel: any Channel) throws -> Value {
        var limits = NIOHTTPDecoderLimitConfiguration()
        limits.maxHeaderFieldSize = hub.configuration.limits.headBytes
        limits.maxHeaderListSize = hub.configuration.limits.headBytes
        let encoder = HTTPResponseEncoder()
        let decoder = ByteToMessageHandler(
            HTTPRequestDecoder(leftOverBytesStrategy: .forwardBytes, limitConfiguration: limits))
        let application = channel.eventLoop.makePromise(of: HTTP1Channel.Value?.self)
        let connection = HTTP1Connection(
            hub: hub.loopHub(channel.eventLoop), encoder: encoder, decoder: decoder,
            application: application)
        let watch = SlowReaderTimeout(
            hub.configuration.timing, hub.configuration.limits, hub.unread)
        if let faults = hub.configuration.faults {
            let link = FaultyLink(faults)
            try channel.pipeline.syncOperations.addHandler(link)
            connection.faultyLink = link
        }
        try channel.pipeline.syncOperations.addHandlers(watch, encoder, decoder, connection)
        return Value(channel: channel, application: application.futureResult)
    }

    package func handle(value: Value, logger: Logger) async {
        do {
            guard let application = try await value.application.get() else { return }
            await http1.handle(value: application, logger: logger)
        } catch {
            logger.debug("A connection could not be set up: \(error)")
        }
    }
}

extension ApplicationChannel {
    /// The handlers Hummingbird expects on a connection. Its own connection handler is not among
    /// them: idle connections and shutdown are the connection's.
    func open() throws -> HTTP1Channel.Value {
        try settingUp.withLock { _ in
            try pipeline.syncOperations.addHandlers(
                HTTP1ToHTTPServerCodec(secure: false), TrailerKeeper())
            let value = try HTTP1Channel.Value(
                wrappingChannelSynchronously: self,
                // Parts of bodies that may wait here; each holds a receive buffer.
                configuration: .init(
                    backPressureStrategy: .init(lowWatermark: 1, highWatermark: 3),
                    isOutboundHalfClosureEnabled: true))
            pipeline.syncOperations.fireChannelActive()
            return value
        }
    }
}
