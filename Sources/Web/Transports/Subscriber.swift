// Somebody who follows a batch: where it stands, and where to write. Never a queue.

import Domain
import NIOCore

/// A connection that a subscriber's messages are written to, on its event loop.
protocol StreamSink: AnyObject {
    var form: WireForm { get }
    var isWritable: Bool { get }
    /// Nobody has been heard at the other end for so long that nobody is there.
    var isLost: Bool { get }
    /// Begins with what was read, and follows the batch from there.
    func start(after cursor: Cursor?, with changes: Changes, untilSettled: Bool)
    func write(_ bytes: ByteBuffer)
    /// Begins to write a reset; until it is out, the sink is not writable.
    func write(reset document: Document)
    func flush()
    /// Says why, then closes the connection in the transport's way.
    func end(_ end: Message.End)
    /// Closes it at once.
    func abort()
}

final class Subscriber {
    let untilSettled: Bool
    private(set) weak var sink: (any StreamSink)?
    /// The last event that was written.
    var cursor: Cursor
    /// The live value that was written last, and when.
    var liveVersion = -1
    var liveAt = NIODeadline.uptimeNanoseconds(0)
    /// A page of the log is on its way from the store.
    var isReading = false
    /// It is being written to.
    var isAdvancing = false
    /// Its index in the list of the fanout and in that of the hub, so that it is removed in constant time.
    var place = -1
    var beatPlace = -1
    var beat = 0

    init(at cursor: Cursor, untilSettled: Bool, sink: any StreamSink) {
        self.cursor = cursor
        self.untilSettled = untilSettled
        self.sink = sink
    }

    var isWritable: Bool { sink?.isWritable ?? false }

    /// Writes as much of a burst, which begins right after the cursor, as the connection takes.
    func write(_ burst: Burst) {
        guard let sink else { return }
        // Flushing in between can make the connection writable, which calls for more.
        let wasAdvancing = isAdvancing
        isAdvancing = true
        defer { isAdvancing = wasAdvancing }
        for piece in burst.pieces(sink.form) {
            // Before the rest is dropped, and read again later, the socket takes what it can.
            if !sink.isWritable { sink.flush() }
            guard sink.isWritable else { return }
            cursor = Cursor(epoch: cursor.epoch, seq: piece.seq)
            sink.write(piece.bytes)
        }
        sink.flush()
    }
}

extension Subscriber {
    /// A subscriber whose first read is done: greets it and gives it what was read.
    convenience init(
        opening sink: any StreamSink, after cursor: Cursor?, _ changes: Changes,
        _ untilSettled: Bool, _ timing: EventsTiming
    ) {
        let heartbeatMs = timing.heartbeat.nanoseconds / 1_000_000
        switch changes.body {
        case .reset(let document):
            self.init(at: changes.cursor, untilSettled: untilSettled, sink: sink)
            sink.write(sink.form.encode(.hello(changes.cursor, heartbeatMs: heartbeatMs)))
            sink.write(reset: document)
        case .events(let events):
            let start = cursor ?? changes.cursor
            self.init(at: start, untilSettled: untilSettled, sink: sink)
            sink.write(sink.form.encode(.hello(start, heartbeatMs: heartbeatMs)))
            write(Burst(events, epoch: changes.cursor.epoch))
        }
    }
}

/// A request that waits for news.
final class Waiter {
    let cursor: Cursor
    /// The live value its client has.
    let liveVersion: Int
    /// When its request came: live values follow no faster than to a stream.
    let since = NIODeadline.now()
    private var wake: (() -> Void)?
    var place = -1

    init(at cursor: Cursor, liveVersion: Int, wake: @escaping () -> Void) {
        self.cursor = cursor
        self.liveVersion = liveVersion
        self.wake = wake
    }

    func complete() {
        let wake = wake
        self.wake = nil
        wake?()
    }
}

/// Members in no order, each of which knows its place: adding and removing cost the same for any
/// number of them.
struct SwapRemoveList<Member: AnyObject> {
    private(set) var members: [Member] = []
    private let place: ReferenceWritableKeyPath<Member, Int>

    init(_ place: ReferenceWritableKeyPath<Member, Int>) { self.place = place }

    mutating func insert(_ member: Member) {
        member[keyPath: place] = members.count
        members.append(member)
    }

    mutating func remove(_ member: Member) {
        let index = member[keyPath: place]
        guard members.indices.contains(index), members[index] === member else { return }
        member[keyPath: place] = -1
        guard let last = members.popLast(), last !== member else { return }
        members[index] = last
        last[keyPath: place] = index
    }
}
