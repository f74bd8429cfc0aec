// What the application sees of a connection: a channel of its own that carries HTTP requests and
// responses and ends when the connection is given to a stream. All that the application attached
// to the connection, its tasks and buffers, ends with it, so that a stream on a used connection is
// as small as one on a fresh connection.

import NIOCore
import NIOHTTP1
import Synchronization

/// The connection's side of an `ApplicationChannel`, called on its event loop.
protocol ApplicationCarrier: AnyObject {
    func applicationWrites(_ part: HTTPServerResponsePart, promise: EventLoopPromise<Void>?)
    func applicationFlushes()
    func applicationReads()
    /// The application has written its last response.
    func applicationFinishes()
    func applicationCloses()
}

final class ApplicationChannel: Channel, ChannelCore {
    let allocator: ByteBufferAllocator
    let eventLoop: any EventLoop
    let parent: (any Channel)?
    private let closePromise: EventLoopPromise<Void>
    private let lazyPipeline = Mutex<ChannelPipeline?>(nil)
    private let isOpen = Atomic(true)
    /// Nil once the two are separated.
    private let carrier: NIOLoopBoundBox<(any ApplicationCarrier)?>

    init(of connection: any Channel, carrier: any ApplicationCarrier) {
        allocator = connection.allocator
        eventLoop = connection.eventLoop
        parent = connection
        closePromise = connection.eventLoop.makePromise()
        self.carrier = NIOLoopBoundBox(carrier, eventLoop: connection.eventLoop)
    }

    // MARK: What comes from the connection

    func receive(_ part: HTTPServerRequestPart) {
        pipeline.syncOperations.fireChannelRead(NIOAny(part))
    }

    func receiveComplete() {
        pipeline.syncOperations.fireChannelReadComplete()
        if isActive { pipeline.syncOperations.read() }
    }

    func receive(error: any Error) { pipeline.syncOperations.fireErrorCaught(error) }

    func inputClosed() {
        pipeline.syncOperations.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
    }

    func writabilityChanged() { pipeline.syncOperations.fireChannelWritabilityChanged() }

    /// The connection is closed, or serves something else from now on.
    func separate() {
        guard isOpen.exchange(false, ordering: .acquiringAndReleasing) else { return }
        carrier.value = nil
        pipeline.syncOperations.fireChannelInactive()
        // Not within a call from one of the handlers that are removed.
        eventLoop.execute { [self] in
            removeHandlers(pipeline: pipeline)
            closePromise.succeed()
        }
    }

    // MARK: Channel

    var pipeline: ChannelPipeline {
        lazyPipeline.withLock { pipeline in
            let existing = pipeline ?? ChannelPipeline(channel: self)
            pipeline = existing
            return existing
        }
    }

    var closeFuture: EventLoopFuture<Void> { closePromise.futureResult }
    var localAddress: SocketAddress? { parent?.localAddress }
    var remoteAddress: SocketAddress? { parent?.remoteAddress }
    var isWritable: Bool { parent?.isWritable ?? false }
    var isActive: Bool { isOpen.load(ordering: .acquiring) }
    var _channelCore: any ChannelCore { self }

    /// Options are the connection's: receive buffers, for one, that an upload makes larger.
    func setOption<Option: ChannelOption>(
        _ option: Option, value: Option.Value
    ) -> EventLoopFuture<Void> {
        parent?.setOption(option, value: value) ?? eventLoop.makeFailedFuture(ChannelError.eof)
    }

    func getOption<Option: ChannelOption>(_ option: Option) -> EventLoopFuture<Option.Value> {
        parent?.getOption(option) ?? eventLoop.makeFailedFuture(ChannelError.eof)
    }

    // MARK: What the application does

    func write0(_ data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard let carrier = carrier.value else {
            promise?.fail(ChannelError.ioOnClosedChannel)
            return
        }
        carrier.applicationWrites(unwrapData(data), promise: promise)
    }

    func flush0() { carrier.value?.applicationFlushes() }

    func read0() { carrier.value?.applicationReads() }

    func close0(error: any Error, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        switch mode {
        case .output: carrier.value?.applicationFinishes()
        case .input: inputClosed()
        case .all: carrier.value?.applicationCloses()
        }
        promise?.succeed()
    }

    func localAddress0() throws -> SocketAddress {
        guard let localAddress else { throw ChannelError.unknownLocalAddress }
        return localAddress
    }

    func remoteAddress0() throws -> SocketAddress {
        guard let remoteAddress else { throw ChannelError.operationUnsupported }
        return remoteAddress
    }

    func register0(promise: EventLoopPromise<Void>?) { refuse(promise) }
    func registerAlreadyConfigured0(promise: EventLoopPromise<Void>?) { refuse(promise) }
    func bind0(to: SocketAddress, promise: EventLoopPromise<Void>?) { refuse(promise) }
    func connect0(to: SocketAddress, promise: EventLoopPromise<Void>?) { refuse(promise) }
    func triggerUserOutboundEvent0(_ event: Any, promise: EventLoopPromise<Void>?) {
        refuse(promise)
    }

    private func refuse(_ promise: EventLoopPromise<Void>?) {
        promise?.fail(ChannelError.operationUnsupported)
    }

    func channelRead0(_ data: NIOAny) {}
    func errorCaught0(error: any Error) {}
}
