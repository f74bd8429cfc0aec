// Batches that end at a time: what every store owes of them.

import Domain
import Foundation
import Testing

@Suite("A store's batches that end", .serialized)
struct EndContract {
    private let day = TimeInterval.day

    private func batch(_ bench: Bench, until end: Date?) async throws -> Batch {
        try await bench.store.createBatch(
            NewBatch(owner: owner, recipe: .web, expiresAt: end), limits: Limits(), under: nil,
            at: now
        ).thing
    }

    @Test("say so in document, log and list", arguments: allStores)
    func told(kind: StoreKind) async throws {
        let bench = try Bench(kind)
        let batch = try await batch(bench, until: now + day - 0.5)
        let ends = [now + 60, now + 60, nil, now + 2 * day - 0.5]
        for end in ends {
            try await bench.store.rescheduleBatch(batch.id, to: end, keptFor: nil, at: now)
        }
        let store = try bench.reopened()
        let snapshot = try await store.snapshot(of: batch.id)
        #expect(snapshot.batch.expiresAt == now + 2 * day)
        let log = try await store.log(of: batch.id, after: 0, limit: 9).events
        let changes = Array(repeating: EventType.batchRescheduled, count: 3)
        #expect(log.map(\.type) == [.batchCreated] + changes)
        let patches = try log.map { try $0.patch()["expiresAt"] }
        #expect(
            patches == [
                .string((now + day).timestamp), .string((now + 60).timestamp), .null,
                .string((now + 2 * day).timestamp),
            ])
        let folded = try log.reduce(JSON.object([:])) { try $0.merging($1.patch()) }
        #expect(folded.text == snapshot.document)
        let listed = try await store.batches(of: owner, after: nil, limit: 9)
        #expect(listed.map(\.expiresAt) == [(now + 2 * day).timestamp])
    }

    @Test("are kept for so many days after they were made, and no longer", arguments: allStores)
    func limit(kind: StoreKind) async throws {
        let bench = try Bench(kind)
        let batch = try await batch(bench, until: now + 30 * day)
        let store = bench.store
        func move(to end: Date?, at date: Date) async throws {
            try await store.rescheduleBatch(batch.id, to: end, keptFor: 30, at: date)
        }
        try await move(to: now + day, at: now + 60)
        try await move(to: now + 30 * day, at: now + 60)
        for end in [now + 30 * day + 1, nil] {
            let problem = await #expect(throws: Problem.self) {
                try await move(to: end, at: now + 60)
            }
            #expect(problem?.code == .badRequest && problem?.limit == 30)
            #expect(problem?.actual == end.map { _ in 31 })
        }
        let past = await #expect(throws: Problem.self) {
            try await move(to: now + 60, at: now + 60)
        }
        #expect(past?.code == .badRequest && past?.limit == nil)
        #expect(try await store.batch(batch.id).expiresAt == now + 30 * day)
    }

    @Test("that had no end may get one, however late, and never a later one", arguments: allStores)
    func old(kind: StoreKind) async throws {
        let bench = try Bench(kind)
        let batch = try await batch(bench, until: nil)
        let late = now + 400 * day
        try await bench.store.rescheduleBatch(batch.id, to: late, keptFor: 30, at: now + 300 * day)
        await #expect(throws: Problem.self) {
            try await bench.store.rescheduleBatch(
                batch.id, to: late + 1, keptFor: 30, at: now + 300 * day)
        }
        #expect(try await bench.store.batch(batch.id).expiresAt == late)
    }

    @Test("are found when their time has come, the first to end first", arguments: allStores)
    func ended(kind: StoreKind) async throws {
        let bench = try Bench(kind)
        let (last, first) = (
            try await batch(bench, until: now + 2), try await batch(bench, until: now + 1)
        )
        _ = (try await batch(bench, until: nil), try await batch(bench, until: now + 3))
        let store = try bench.reopened()
        #expect(try await store.endedBatches(at: now + 0.9, limit: 9).isEmpty)
        #expect(try await store.endedBatches(at: now + 2, limit: 9) == [first.id, last.id])
        #expect(try await store.endedBatches(at: now + 2, limit: 1) == [first.id])
        try await store.deleteBatch(first.id)
        #expect(try await store.endedBatches(at: now + 2, limit: 9) == [last.id])
    }

    @Test("a guest's, too", arguments: allStores)
    func guest(kind: StoreKind) async throws {
        let bench = try Bench(kind)
        let link = DropLink(
            batch: try await batch(bench, until: nil).id, title: "Party", asksName: false,
            files: nil, bytes: nil, until: now + 60)
        try await bench.store.makeDropLink(link, secret: "s", at: now)
        let own = try await bench.store.enterDrop(
            secret: "s", as: Owner(id: "guest"), asker: .unknown, name: nil, expiresAt: now + day,
            limits: Limits(), at: now)
        #expect(own.expiresAt == now + day)
        #expect(try await bench.store.endedBatches(at: now + day, limit: 9) == [own.id])
    }
}
