// One end of the link: whole messages in and out, with descriptors beside them.

internal import CWorkerLink
internal import Glibc

/// A packet socket end. Sending and receiving are single system calls, so one reader and any
/// number of writers may share it.
struct LinkSocket: ~Copyable, Sendable {
    private let descriptor: Descriptor

    init(owning descriptor: consuming Descriptor) {
        self.descriptor = descriptor
    }

    var number: Int32 { descriptor.number }

    /// Both ends of a new link, for the caller to own.
    static func pair() throws(LinkError) -> (near: Int32, far: Int32) {
        var ends: [Int32] = [-1, -1]
        _ = try LinkError.check("socketpair", cwl_pair(&ends))
        return (ends[0], ends[1])
    }

    /// Sends one message. With `waiting` false a full socket is an error instead of a wait.
    func send(
        _ message: some Encodable, descriptors: [Int32] = [], waiting: Bool
    ) throws(LinkError) {
        let bytes = try Frame.encode(message)
        let result = cwl_send(
            number, bytes, bytes.count, descriptors, Int32(descriptors.count),
            waiting ? 0 : Int32(MSG_DONTWAIT))
        switch result {
        case 0...: return
        case -EPIPE, -ECONNRESET: throw .closed
        case -EMSGSIZE: throw .tooLarge
        default: throw .system("sendmsg", -result)
        }
    }

    /// One received packet. Its descriptors belong to whoever took it.
    struct Packet {
        let bytes: ArraySlice<UInt8>
        let descriptors: [Int32]
    }

    /// The next packet; nil when there is none yet, which happens only with `waiting` false.
    func receive(into buffer: inout [UInt8], waiting: Bool) throws(LinkError) -> Packet? {
        var descriptors = [Int32](repeating: -1, count: Int(CWL_MAX_DESCRIPTORS))
        var count: Int32 = 0
        let received = cwl_receive(
            number, &buffer, buffer.count, &descriptors, &count,
            waiting ? 0 : Int32(MSG_DONTWAIT))
        switch received {
        case 1...:
            return Packet(
                bytes: buffer.prefix(received), descriptors: Array(descriptors.prefix(Int(count))))
        case 0, -Int(ECONNRESET): throw .closed
        case -Int(EAGAIN): return nil
        case -Int(EMSGSIZE): throw .tooLarge
        default: throw .system("recvmsg", Int32(-received))
        }
    }
}
