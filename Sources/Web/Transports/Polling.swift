// One answer to one question: what is new since a cursor. With `wait` the answer is held back until
// there is something to say, and costs one small object meanwhile.

import Domain
import Foundation
import NIOCore
import NIOHTTP1

/// A poll under way, from the request to its answer.
final class Poll {
    enum Outcome {
        case news(PollAnswer)
        case unchanged(tag: String)
        case failure(any Error)
    }

    private let request: EventsRequest
    private let wait: TimeAmount
    private let hub: LoopHub
    private let loop: any EventLoop
    private var fanout: BatchFanout?
    private var waiter: Waiter?
    private var timer: Scheduled<Void>?
    private var answer: ((Outcome) -> Void)?
    /// The live value when the request came: what moved since is news.
    private let liveVersion: Int
    private var mayWait = true

    init(
        _ request: EventsRequest, wait: TimeAmount, hub: LoopHub, loop: any EventLoop,
        answer: @escaping (Outcome) -> Void
    ) {
        self.request = request
        self.wait = wait
        self.hub = hub
        self.loop = loop
        self.answer = answer
        liveVersion = hub.configuration.feed.live(in: request.batch).version
    }

    func start() {
        let feed = hub.configuration.feed
        if wait == .zero, let after = request.after,
            let changes = feed.recentChanges(in: request.batch, after: after)
        {
            return finish(changes)
        }
        guard wait > .zero else { return readOnce() }
        let fanout = hub.fanout(request.batch)
        self.fanout = fanout
        fanout.changes(after: request.after) { [self] in consider($0) }
    }

    /// Ends it without an answer: the client has left.
    func cancel() {
        answer = nil
        stopWaiting()
    }

    /// Ends the waiting, not the poll: the server stops, or the client will send nothing more.
    func hurry() {
        mayWait = false
        waiter?.complete()
    }

    // MARK: Reading

    private func readOnce() {
        let configuration = hub.configuration
        loop.makeFutureWithTask { [batch = request.batch, after = request.after] in
            try await configuration.changes(in: batch, after: after)
        }.assumeIsolated().whenComplete { [self] in finish($0) }
    }

    private func finish(_ result: Result<Changes, any Error>) {
        switch result {
        case .success(let changes): finish(changes)
        case .failure(let error): finish(Outcome.failure(error))
        }
    }

    private func finish(_ changes: Changes) {
        let live = hub.configuration.feed.live(in: request.batch)
        let tag = PollAnswer.tag(of: changes, live)
        if request.wantedTags?.contains(tag[...]) == false {
            return finish(Outcome.failure(Problem(.preconditionFailed)))
        }
        // Most polls find nothing new: for these no body is made.
        guard changes.hasEvents || !knows(tag) else { return finish(.unchanged(tag: tag)) }
        finish(.news(PollAnswer(changes, live: live, tag: tag, isWaiting: wait > .zero)))
    }

    private func finish(_ outcome: Outcome) {
        let answer = answer
        self.answer = nil
        stopWaiting()
        answer?(outcome)
    }

    private func knows(_ tag: String) -> Bool {
        request.knownTags.contains { $0 == tag || $0 == "*" }
    }

    // MARK: Waiting

    /// Answers at once where the log has news; else waits for some, in the log or in what is live.
    private func consider(_ result: Result<Changes, any Error>) {
        guard answer != nil, mayWait, let fanout, case .success(let changes) = result,
            case .events(let events) = changes.body, events.isEmpty
        else { return finish(result) }
        let live = hub.configuration.feed.live(in: request.batch)
        let isKnown = request.knownTags.isEmpty || knows(PollAnswer.tag(changes.cursor, live))
        let waiter = Waiter(at: changes.cursor, liveVersion: isKnown ? liveVersion : -1) {
            [self] in wakeUp()
        }
        self.waiter = waiter
        timer = loop.assumeIsolated().scheduleTask(in: wait) { waiter.complete() }
        fanout.add(waiter)
    }

    private func wakeUp() {
        guard answer != nil, let fanout, let after = waiter?.cursor else { return }
        // The fanout stays for the length of this read, though nobody waits any more.
        fanout.changes(after: after) { [self] in finish($0) }
        stopWaiting()
    }

    private func stopWaiting() {
        timer?.cancel()
        timer = nil
        if let waiter { fanout?.remove(waiter) }
        waiter = nil
    }
}

/// The body of a poll's answer.
struct PollAnswer {
    let tag: String
    let body: EventsAnswer.Body

    static func tag(of changes: Changes, _ live: LiveSnapshot) -> String {
        switch changes.body {
        case .events: tag(changes.cursor, live)
        case .reset: wholeTag(changes.cursor, live)
        }
    }

    /// The cursor and the live values: what is not older than these is the same. The live part of
    /// one server's life is not that of the next.
    static func tag(_ cursor: Cursor, _ live: LiveSnapshot) -> String {
        live.version == 0 ? "\"\(cursor)-0\"" : "\"\(cursor)-\(live.version)-\(life)\""
    }

    private static let life = String(UInt32.random(in: .min ... .max), radix: 36)

    /// The tag of a whole document: who holds only what came after some cursor has another one.
    private static func wholeTag(_ cursor: Cursor, _ live: LiveSnapshot) -> String {
        "\"whole-" + tag(cursor, live).dropFirst()
    }

    init(_ changes: Changes, live: LiveSnapshot, tag: String, isWaiting: Bool) {
        self.tag = tag
        var behind = ",\"live\":\(live.text),\"state\":\"\(changes.state.rawValue)\""
        behind += ",\"at\":\"\(Date.now.timestamp)\""
        behind += ",\"pollAfterMs\":\(Self.pollAfterMs(changes, isWaiting: isWaiting))"
        if changes.hasMore { behind += ",\"more\":true" }
        behind += "}"
        let before = "{\"cursor\":\"\(changes.cursor)\",\"events\":["
        switch changes.body {
        case .events(let events):
            let list = events.map(\.text).joined(separator: ",")
            body = .short(ByteBuffer(string: before + list + "]" + behind))
        case .reset(let document):
            body = .long(
                Outgoing(
                    before: before + "],\"reset\":{\"cursor\":\"\(changes.cursor)\",\"document\":",
                    document, behind: "}" + behind))
        }
    }

    /// The soonest that another poll makes sense, in milliseconds.
    private static func pollAfterMs(_ changes: Changes, isWaiting: Bool) -> Int {
        isWaiting || changes.hasMore ? 0 : 250
    }
}

extension Changes {
    /// Whether events are in it, which no tag may hide; all else is told by the tag.
    fileprivate var hasEvents: Bool {
        guard case .events(let events) = body else { return false }
        return !events.isEmpty
    }
}
