// Who works for whom: the pool's bookkeeping as a value whose methods return what is to be done.
// It knows no process and no clock, so every rule below is tested without either.
//
//   - A worker serves one owner for its whole life; another owner gets another worker.
//   - There are always fresh workers in reserve, at least `spares` of them where room allows.
//   - So many jobs run at once as there are seats; whoever comes later waits.
//   - A worker that does not start is tried again later and later, and whoever waits is told.

package struct WorkerRoster: Sendable {
    package typealias WorkerID = Int
    package typealias TicketID = Int

    package enum Action: Sendable, Hashable {
        /// Start one worker, of this wave.
        case start(wave: Int)
        case assign(WorkerID, to: TicketID)
        /// End a worker that is idle.
        case retire(WorkerID)
        /// Give up on a waiting ticket: no worker starts.
        case refuse(TicketID)
    }

    /// How a worker comes back from a job.
    package enum Condition: Sendable, Hashable {
        case sound
        /// It died over the job, was ended, or has grown too large.
        case spent
        /// It had died before it began.
        case dead
    }

    /// One that can be lent: `owner` is nil while it has served nobody.
    private struct Idle {
        let id: WorkerID
        let owner: String?
        let wave: Int
    }

    private struct Ticket {
        let id: TicketID
        let owner: String
    }

    /// How many jobs run at once.
    private let seats: Int
    private let spares: Int
    /// So many failures in a row, and waiting jobs are refused instead of kept waiting.
    private let patience = 3

    /// Idle workers, the longest idle first.
    private var idle: [Idle] = []
    private var busy: [WorkerID: (owner: String, wave: Int)] = [:]
    private var waiting: [Ticket] = []
    private var starting = 0
    /// Workers that are started between one failure and the next are a wave: however many of one
    /// wave fail, when all are killed at once, they fail once.
    private var wave = 0
    /// The wave in which a worker last did a job.
    private var soundWave = 0
    private var isClosed = false

    package init(seats: Int, spares: Int) {
        self.seats = seats
        self.spares = spares
    }

    /// Processes at most, the starting ones included.
    package var capacity: Int { seats + spares }

    // MARK: What happens

    /// The pool opens: all workers are started ahead of any job.
    package mutating func open() -> [Action] { settled() }

    package mutating func request(_ ticket: TicketID, owner: String) -> [Action] {
        if isClosed || (isBroken && liveCount == 0) { return [.refuse(ticket)] }
        waiting.append(Ticket(id: ticket, owner: owner))
        return settled()
    }

    /// Takes back a ticket that waits no longer.
    package mutating func withdraw(_ ticket: TicketID) -> [Action] {
        waiting.removeAll { $0.id == ticket }
        return settled()
    }

    package mutating func started(_ worker: WorkerID, of wave: Int) -> [Action] {
        starting -= 1
        if isClosed { return [.retire(worker)] }
        idle.append(Idle(id: worker, owner: nil, wave: wave))
        return settled()
    }

    package mutating func startFailed(of wave: Int) -> [Action] {
        starting -= 1
        noteFailure(of: wave)
        return settled()
    }

    /// A job is over.
    package mutating func finished(_ worker: WorkerID, as condition: Condition) -> [Action] {
        guard let job = busy.removeValue(forKey: worker) else { return [] }
        switch condition {
        case .sound:
            soundWave = wave
            idle.append(Idle(id: worker, owner: job.owner, wave: job.wave))
        case .spent: break
        case .dead: noteFailure(of: job.wave)
        }
        return settled()
    }

    /// A worker ended. One that ends while idle counts like one that did not start, or a worker
    /// that always dies after its first word would be started without end.
    package mutating func exited(_ worker: WorkerID) -> [Action] {
        guard let index = idle.firstIndex(where: { $0.id == worker }) else { return [] }
        noteFailure(of: idle.remove(at: index).wave)
        return settled()
    }

    private mutating func noteFailure(of failed: Int) {
        wave = max(wave, failed + 1)
    }

    package mutating func close() -> [Action] {
        isClosed = true
        let actions = idle.map { Action.retire($0.id) } + waiting.map { Action.refuse($0.id) }
        idle = []
        waiting = []
        return actions
    }

    // MARK: Gauges

    package var idleCount: Int { idle.count }
    package var freshCount: Int { idle.count { $0.owner == nil } }
    package var busyCount: Int { busy.count }
    package func isIdle(_ worker: WorkerID) -> Bool { idle.contains { $0.id == worker } }
    package var busyWorkers: [WorkerID] { Array(busy.keys) }
    package var waitingCount: Int { waiting.count }
    package var startingCount: Int { starting }
    /// Waves that failed since a worker last did a job.
    package var failures: Int { wave - soundWave }
    /// Whether workers fail to start, one after another.
    package var isBroken: Bool { failures >= patience }

    // MARK: Settling

    private var liveCount: Int { idle.count + busy.count + starting }

    /// Brings seats, tickets and reserves in order after any change.
    private mutating func settled() -> [Action] {
        guard !isClosed else { return [] }
        var actions: [Action] = []
        if isBroken && liveCount == 0 {
            actions += waiting.map { .refuse($0.id) }
            waiting = []
        }
        var unmet = 0
        for ticket in waiting.prefix(max(0, seats - busy.count)) {
            if let worker = take(for: ticket) {
                actions.append(.assign(worker, to: ticket.id))
            } else {
                unmet += 1
            }
        }
        return actions + replenished(wanted: spares + unmet)
    }

    /// The owner's own worker, or else a fresh one.
    private mutating func take(for ticket: Ticket) -> WorkerID? {
        let index =
            idle.lastIndex { $0.owner == ticket.owner } ?? idle.firstIndex { $0.owner == nil }
        guard let index else { return nil }
        let worker = idle.remove(at: index)
        busy[worker.id] = (ticket.owner, worker.wave)
        waiting.removeAll { $0.id == ticket.id }
        return worker.id
    }

    /// Fills the capacity with fresh workers. Where `wanted` fresh ones do not fit, idle workers
    /// of some owner make room, the longest idle first.
    private mutating func replenished(wanted: Int) -> [Action] {
        var actions: [Action] = []
        while freshCount + starting < wanted, liveCount >= capacity,
            let index = idle.firstIndex(where: { $0.owner != nil })
        {
            actions.append(.retire(idle.remove(at: index).id))
        }
        // A broken executable is tried by one start at a time.
        let room = isBroken ? min(1 - starting, capacity - liveCount) : capacity - liveCount
        for _ in 0..<max(0, room) {
            starting += 1
            actions.append(.start(wave: wave))
        }
        return actions
    }
}
