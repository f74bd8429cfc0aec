// Which jobs run right now, and when to look for more.

import Domain
import Synchronization

final class RunningJobs: Sendable {
    private struct State {
        /// By the order they began in: the next pass of an image may begin before the last one has
        /// left this list.
        var passes: [Int: (image: Image.ID, batch: Batch.ID, task: Task<Void, Never>)] = [:]
        var begun = 0
        /// Claimed with the end of another and not yet begun, in order.
        var claimed: [Job] = []
        var isStopped = false
        /// Until when no job is begun: the longest pause that was asked for.
        var pausedUntil: ContinuousClock.Instant?
        /// Those who wait until none runs.
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    /// One element at most waits here: it means *look again*, however often it was said.
    let signals: AsyncStream<Void>
    private let continuation: AsyncStream<Void>.Continuation
    private let state = Mutex(State())

    init() {
        (signals, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
        signal()
    }

    /// Jobs that run; a paused queue counts as full.
    var count: Int { state.withLock { $0.pausedUntil != nil ? Int.max : $0.passes.count } }
    var runningCount: Int { state.withLock { $0.passes.count } }
    var isPaused: Bool { state.withLock { $0.pausedUntil != nil } }
    var isStopped: Bool { state.withLock { $0.isStopped } }

    func signal() { continuation.yield() }

    func signal(after delay: Duration) {
        Task {
            try? await Task.sleep(for: delay)
            signal()
        }
    }

    /// Begins no job for so long, or for as long as it was told before if that is longer.
    /// - Returns: the timer that ends it; nil where a longer one does.
    @discardableResult
    func pause(_ duration: Duration) -> Task<Void, Never>? {
        let end = ContinuousClock.now + duration
        let isLongest = state.withLock { state in
            if let longer = state.pausedUntil, longer >= end { return false }
            state.pausedUntil = end
            return true
        }
        guard isLongest else { return nil }
        return Task {
            try? await Task.sleep(until: end)
            let isOver = state.withLock { state in
                guard state.pausedUntil == end else { return false }
                state.pausedUntil = nil
                return true
            }
            if isOver { signal() }
        }
    }

    /// The job was claimed with the end of another, which will soon leave its place to it, or while
    /// this server stood by.
    func hand(_ job: Job) { state.withLock { $0.claimed.append(job) } }

    /// Whether one that is claimed has not begun yet.
    var hasClaimed: Bool { state.withLock { !$0.claimed.isEmpty } }

    /// The next of those that are claimed already.
    func takeClaimed() -> Job? {
        state.withLock { $0.claimed.isEmpty ? nil : $0.claimed.removeFirst() }
    }

    func begin(
        _ image: Image.ID, of batch: Batch.ID, in group: inout DiscardingTaskGroup,
        _ work: @escaping @Sendable () async -> Void
    ) {
        // Begun under the lock, so that whoever cancels the image after its first step finds it here.
        let (pass, task, isStopped) = state.withLock { state in
            let task = Task { await work() }
            state.begun += 1
            state.passes[state.begun] = (image, batch, task)
            return (state.begun, task, state.isStopped)
        }
        if isStopped { task.cancel() }
        group.addTask {
            await task.value
            self.end(pass)
        }
    }

    private func end(_ pass: Int) {
        let waiting = state.withLock { state in
            state.passes[pass] = nil
            guard state.passes.isEmpty else { return [CheckedContinuation<Void, Never>]() }
            defer { state.waiting = [] }
            return state.waiting
        }
        for one in waiting { one.resume() }
        signal()
    }

    /// Returns once no job runs. For who begins jobs: nobody else may begin one meanwhile.
    func untilNoneRuns() async {
        await withCheckedContinuation { continuation in
            let isIdle = state.withLock { state in
                if !state.passes.isEmpty { state.waiting.append(continuation) }
                return state.passes.isEmpty
            }
            if isIdle { continuation.resume() }
        }
    }

    /// Looks again when a job was queued or claimed for `boot`, and stops the job of an image that is
    /// gone.
    func note(_ commit: Commit, boot: String) {
        switch commit {
        case .claimed(let job, boot):
            hand(job)
            signal()
        case .claimed: break
        case .recorded(_, let events):
            for event in events {
                switch event.type {
                case .imageUploaded, .imageRetried: signal()
                case .imageCancelled: cancel { image, _ in image == event.image }
                default: break
                }
            }
        case .deleted(let batch): cancel { _, owner in owner == batch }
        }
    }

    private func cancel(where isGone: (Image.ID, Batch.ID) -> Bool) {
        let gone = state.withLock { state in
            state.passes.values.filter { isGone($0.image, $0.batch) }.map(\.task)
        }
        for task in gone { task.cancel() }
    }

    /// Takes no more and stops what runs.
    func stop() {
        let tasks = state.withLock { state in
            state.isStopped = true
            return state.passes.values.map(\.task)
        }
        for task in tasks { task.cancel() }
        signal()
    }
}
