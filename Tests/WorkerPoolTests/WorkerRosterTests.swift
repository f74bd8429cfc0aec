// The pool's rules without a process: the roster is a value, so a whole day of it is a test.

import Jobs
import TestSupport
import Testing

@Suite struct WorkerRosterTests {
    /// A roster whose first workers have all started, as 1, 2, 3, …
    private func opened(seats: Int = 2) -> WorkerRoster {
        var roster = WorkerRoster(seats: seats, spares: 1)
        let starts = roster.open()
        #expect(starts.count == seats + 1)
        for worker in 1...starts.count { #expect(roster.started(worker, of: 0) == []) }
        return roster
    }

    @Test func anOwnersNextJobGoesToTheirOwnWorker() {
        var roster = opened()
        #expect(roster.request(10, owner: "a") == [.assign(1, to: 10)])
        #expect(roster.finished(1, as: .sound) == [])
        #expect(roster.request(11, owner: "a") == [.assign(1, to: 11)])
    }

    @Test func anotherOwnerGetsAFreshWorker() {
        var roster = opened()
        _ = roster.request(10, owner: "a")
        _ = roster.finished(1, as: .sound)
        #expect(roster.request(11, owner: "b") == [.assign(2, to: 11)])
    }

    @Test func aSpareIsKeptByEndingWhoeverIsIdleLongest() {
        var roster = opened()
        for (ticket, owner) in [(10, "a"), (11, "b")] {
            _ = roster.request(ticket, owner: owner)
            _ = roster.finished(ticket - 9, as: .sound)
        }
        let actions = roster.request(12, owner: "c")
        #expect(actions == [.assign(3, to: 12), .retire(1), .start(wave: 0)])
    }

    @Test func jobsWaitForASeat() {
        var roster = opened(seats: 1)
        #expect(roster.request(10, owner: "a") == [.assign(1, to: 10)])
        #expect(roster.request(11, owner: "a") == [])
        #expect(roster.finished(1, as: .sound) == [.assign(1, to: 11)])
    }

    @Test func theSpareStepsInForACrashedWorker() {
        var roster = opened(seats: 1)
        _ = roster.request(10, owner: "a")
        _ = roster.request(11, owner: "a")
        #expect(
            roster.finished(1, as: .spent) == [.assign(2, to: 11), .start(wave: 0)])
    }

    @Test func aBrokenExecutableIsTriedOneAtATimeAndWaitersAreTold() {
        var roster = WorkerRoster(seats: 3, spares: 1)
        #expect(roster.open().count == 4)
        #expect(roster.request(10, owner: "a") == [])
        // Those that were started together fail once together.
        for _ in 1...4 {
            #expect(roster.startFailed(of: 0) == [.start(wave: 1)])
        }
        #expect(roster.startFailed(of: 1) == [.start(wave: 2)])
        #expect(!roster.isBroken)
        // Broken from here: only those under way are left to fail.
        #expect(roster.startFailed(of: 2) == [])
        #expect(roster.isBroken)
        #expect(roster.startFailed(of: 1) == [])
        #expect(roster.startFailed(of: 1) == [])
        #expect(roster.startFailed(of: 2) == [.refuse(10), .start(wave: 3)])
    }

    @Test func allWorkersThatDieAtOnceAreReplacedAtOnce() {
        var roster = opened(seats: 3)
        _ = roster.request(10, owner: "a")
        #expect(roster.exited(2) == [.start(wave: 1)])
        #expect(roster.exited(3) == [.start(wave: 1)])
        #expect(roster.exited(4) == [.start(wave: 1)])
        #expect(roster.finished(1, as: .dead) == [.start(wave: 1)])
        #expect(!roster.isBroken)
    }

    @Test func workersThatDieBeforeTheyBeginAreStartedLaterAndLater() {
        var roster = WorkerRoster(seats: 1, spares: 0)
        #expect(roster.open() == [.start(wave: 0)])
        for worker in 1...3 {
            #expect(roster.started(worker, of: worker - 1) == [])
            let ticket = 10 + worker
            #expect(roster.request(ticket, owner: "a") == [.assign(worker, to: ticket)])
            #expect(roster.finished(worker, as: .dead) == [.start(wave: worker)])
        }
        #expect(roster.isBroken)
    }

    /// Workers that are killed again and again are no broken executable while jobs get done.
    @Test func aJobThatIsDoneForgivesWhatFailedBefore() {
        var roster = opened(seats: 1)
        #expect(roster.exited(1) == [.start(wave: 1)])
        #expect(roster.started(3, of: 1) == [])
        #expect(roster.exited(3) == [.start(wave: 2)])
        #expect(roster.started(4, of: 2) == [])
        // Of the last wave, and idle while the other works.
        #expect(roster.failures == 2)
        #expect(roster.request(10, owner: "a") == [.assign(2, to: 10)])
        #expect(roster.finished(2, as: .sound) == [])
        #expect(roster.failures == 0)
        #expect(roster.exited(4) == [.start(wave: 3)])
        #expect(roster.failures == 1)
    }

    @Test func aWithdrawnTicketGetsNoWorker() {
        var roster = opened(seats: 1)
        _ = roster.request(10, owner: "a")
        _ = roster.request(11, owner: "a")
        #expect(roster.withdraw(11) == [])
        #expect(roster.finished(1, as: .sound) == [])
    }

    /// Any sequence of events keeps the rules: within capacity, one owner a worker, no seat twice.
    @Test(arguments: [UInt64(1), 2, 3, 4, 5, 6, 7, 8])
    func keepsItsRulesWhateverHappens(_ seed: UInt64) {
        var random = Dice(seed: seed)
        var roster = WorkerRoster(seats: 3, spares: 1)
        var model = RosterModel(capacity: roster.capacity)
        model.apply(roster.open(), seed)
        for _ in 0..<2000 {
            switch random.next() % 6 {
            case 0:
                let ticket = model.newTicket(owner: "\(random.next() % 3)")
                model.apply(roster.request(ticket.id, owner: ticket.owner), seed)
            case 1 where model.starting > 0:
                let worker = model.workerStarts()
                model.apply(roster.started(worker, of: 0), seed)
            case 2 where model.starting > 0 && random.next() % 4 == 0:
                model.starting -= 1
                model.apply(roster.startFailed(of: Int(random.next() % 4)), seed)
            case 3:
                guard let worker = model.busy.sorted().first else { continue }
                let conditions: [WorkerRoster.Condition] = [.sound, .sound, .spent, .dead]
                let condition = conditions[Int(random.next() % 4)]
                model.busy.remove(worker)
                if condition == .sound {
                    model.idle.insert(worker)
                } else {
                    model.owners[worker] = nil
                }
                model.apply(roster.finished(worker, as: condition), seed)
            case 4 where random.next() % 8 == 0:
                guard let worker = model.idle.sorted().first else { continue }
                model.idle.remove(worker)
                model.apply(roster.exited(worker), seed)
            case 5:
                guard let ticket = model.waiting.keys.sorted().first else { continue }
                model.waiting[ticket] = nil
                model.apply(roster.withdraw(ticket), seed)
            default: continue
            }
            #expect(model.idle.count + model.busy.count + model.starting <= model.capacity)
            #expect(roster.idleCount == model.idle.count && roster.busyCount == model.busy.count)
        }
    }
}

/// What the roster's actions mean for the world.
private struct RosterModel {
    let capacity: Int
    var idle: Set<Int> = []
    var busy: Set<Int> = []
    var owners: [Int: String] = [:]
    var waiting: [Int: String] = [:]
    var starting = 0
    private var next = 0

    init(capacity: Int) {
        self.capacity = capacity
    }

    mutating func newTicket(owner: String) -> (id: Int, owner: String) {
        next += 1
        waiting[next] = owner
        return (next, owner)
    }

    mutating func workerStarts() -> Int {
        next += 1
        starting -= 1
        idle.insert(next)
        return next
    }

    mutating func apply(_ actions: [WorkerRoster.Action], _ seed: UInt64) {
        for action in actions {
            switch action {
            case .start: starting += 1
            case .retire(let worker): #expect(idle.remove(worker) != nil, "seed \(seed)")
            case .refuse(let ticket):
                #expect(waiting.removeValue(forKey: ticket) != nil, "seed \(seed)")
            case .assign(let worker, let ticket):
                #expect(idle.remove(worker) != nil, "seed \(seed)")
                busy.insert(worker)
                let owner = waiting.removeValue(forKey: ticket)
                #expect(owner != nil, "seed \(seed)")
                #expect(owners[worker] == nil || owners[worker] == owner, "seed \(seed)")
                owners[worker] = owner
            }
        }
    }
}
