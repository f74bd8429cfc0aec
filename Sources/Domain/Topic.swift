// What the feed keeps in memory of one batch while somebody watches it or something moves in it.

import Synchronization

struct Topic {
    /// Shared by all topics, so that one that was forgotten and began again repeats no version.
    private static let versions = Atomic<Int>(0)
    /// Events kept for readers that are at most a little behind.
    private static let tailLimit = 256

    private var epoch: String?
    private var tail: [Event] = []
    private var state: Batch.State?
    private var wakes: [Int: @Sendable (Wake) -> Void] = [:]
    private var nextNumber = 0
    private var live: [Image.ID: Live] = [:]
    private var liveVersion = 0
    private var liveText: String? = "{}"

    var isIdle: Bool { wakes.isEmpty && live.isEmpty }
    var subscriberCount: Int { wakes.count }
    var subscribers: [@Sendable (Wake) -> Void] { Array(wakes.values) }

    mutating func add(_ wake: @escaping @Sendable (Wake) -> Void) -> Int {
        nextNumber += 1
        wakes[nextNumber] = wake
        return nextNumber
    }

    mutating func remove(_ number: Int) { wakes[number] = nil }

    // MARK: Log

    mutating func append(_ events: [Event], of batch: Batch) {
        if epoch != batch.epoch || tail.last.map({ $0.seq + 1 != events.first?.seq }) == true {
            forget()
        }
        epoch = batch.epoch
        state = batch.state
        tail.append(contentsOf: events)
        if tail.count > 2 * Self.tailLimit { tail.removeFirst(tail.count - Self.tailLimit) }
        for event in events where event.endsMotion {
            if let image = event.image { rest(image) }
        }
    }

    mutating func forget() {
        tail = []
        state = nil
        epoch = nil
    }

    /// Nil where the tail cannot answer: it must hold every event after the cursor, and know the
    /// batch's state.
    func changes(after cursor: Cursor) -> Changes? {
        guard let state, cursor.epoch == epoch, let first = tail.first?.seq,
            let last = tail.last?.seq, (first - 1...last).contains(cursor.seq)
        else { return nil }
        let events = tail[(cursor.seq + 1 - first)...].prefix(ChangeFeed.pageSize)
        let reached = events.last?.seq ?? cursor.seq
        return Changes(
            body: .events(Array(events)), cursor: Cursor(epoch: cursor.epoch, seq: reached),
            state: state, hasMore: reached < last)
    }

    // MARK: Live

    mutating func show(_ value: Live, of image: Image.ID) {
        guard live[image] != value else { return }
        live[image] = value
        touchLive()
    }

    mutating func rest(_ image: Image.ID) {
        if live.removeValue(forKey: image) != nil { touchLive() }
    }

    mutating func liveSnapshot() -> LiveSnapshot {
        let text =
            liveText
            ?? JSON.object(
                Dictionary(uniqueKeysWithValues: live.map { ($0.key.rawValue, $0.value.json) })
            ).text
        liveText = text
        return LiveSnapshot(version: liveVersion, text: text)
    }

    private mutating func touchLive() {
        liveVersion = Topic.versions.add(1, ordering: .relaxed).newValue
        liveText = nil
    }
}

extension Event {
    /// Whether the image rests after this event, so that no live value of it is true any more.
    fileprivate var endsMotion: Bool {
        switch type {
        case .imageUploaded, .imageReady, .imageRejected, .imageFailed, .imageRetried,
            .imageCancelled, .imageExpired, .imageRemoved:
            true
        case .batchCreated, .imageCreated, .imageIdle, .imageResumed, .imageProcessing,
            .imageAccepted, .renditionReady, .batchSettled, .batchRenamed, .batchRescheduled:
            false
        }
    }
}
