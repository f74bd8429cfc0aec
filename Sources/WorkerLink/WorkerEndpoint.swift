// The worker's end of the link: blocking, single-threaded, on the descriptor it was started with.

package import Domain
internal import Glibc

/// The link as a worker sees it.
package final class WorkerEndpoint {
    let socket: LinkSocket
    var buffer = [UInt8](repeating: 0, count: Frame.maximumSize)

    /// Takes over descriptor 3, the only one besides /dev/null that a worker is started with.
    /// Fails when it is no packet socket, as when a person starts a worker.
    package convenience init() throws(LinkError) {
        try self.init(owning: Descriptor(owning: 3))
    }

    init(owning descriptor: consuming Descriptor) throws(LinkError) {
        var kind: Int32 = 0
        var size = socklen_t(MemoryLayout.size(ofValue: kind))
        guard getsockopt(descriptor.number, SOL_SOCKET, SO_TYPE, &kind, &size) == 0 else {
            throw .system("getsockopt", errno)
        }
        guard kind == Int32(SOCK_SEQPACKET.rawValue) else { throw .system("getsockopt", ENOTSOCK) }
        socket = LinkSocket(owning: descriptor)
    }

    package var number: Int32 { socket.number }

    /// Encodes and decodes once, so that the first request does not pay for it.
    package static func warmUp() throws(LinkError) {
        let request = RenderRequest.process(recipe: .web, wanted: [], limits: ImageLimits())
        _ = try Frame.decode(RenderRequest.self, from: Frame.encode(request))
    }

    package func send(_ message: WorkerMessage) throws(LinkError) {
        try socket.send(message, waiting: true)
    }

    /// Whether a request, or the end of the link, comes within so many milliseconds.
    package func hasRequest(within milliseconds: Int32) -> Bool {
        var polled = pollfd(fd: socket.number, events: Int16(POLLIN), revents: 0)
        return poll(&polled, 1, milliseconds) != 0
    }

    /// Waits for the next request. After `undecodable`, `tooLarge` and `descriptors` the link is
    /// still good; after anything else it is not.
    package func receive() throws(LinkError) -> ReceivedRequest {
        // A waiting receive always brings a packet or throws.
        guard let packet = try socket.receive(into: &buffer, waiting: true) else { throw .closed }
        return try ReceivedRequest(packet)
    }
}

/// A request with the descriptors that came with it, which close when it goes.
package struct ReceivedRequest: ~Copyable {
    package let request: RenderRequest
    /// The photograph, read-only.
    package let input: Int32
    /// The memory file for all renditions; nil where none is asked for.
    package let output: Int32?
    private let descriptors: [Int32]

    fileprivate init(_ packet: LinkSocket.Packet) throws(LinkError) {
        let request: RenderRequest
        do throws(LinkError) {
            request = try Frame.decode(RenderRequest.self, from: packet.bytes)
            let expected = request.descriptorCount
            guard packet.descriptors.count == expected else {
                throw .descriptors(expected: expected, actual: packet.descriptors.count)
            }
        } catch {
            for descriptor in packet.descriptors { close(descriptor) }
            throw error
        }
        self.init(request, owning: packet.descriptors)
    }

    private init(_ request: RenderRequest, owning descriptors: [Int32]) {
        self.request = request
        self.descriptors = descriptors
        input = descriptors[0]
        output = descriptors.dropFirst().first
    }

    deinit {
        for descriptor in descriptors { close(descriptor) }
    }
}

extension RenderRequest {
    fileprivate var descriptorCount: Int {
        switch self {
        case .process: 2
        case .sniff: 1
        }
    }
}
