// What every store owes of keys, and of the grants that they have signed.

import Domain
import Foundation
import Testing

@Suite("A store's signed grants", .serialized)
struct SignedGrantContract {
    private let app = Owner(id: "app")
    private let holder = Owner(id: "holder")
    private let key = AppKey(name: "Albums", mayManage: true, origins: ["https://a.example"])

    @Test("keep keys until they are withdrawn", arguments: allStores)
    func keys(kind: StoreKind) async throws {
        let bench = try Bench(kind)
        let other = AppKey(name: "", mayManage: false, origins: [])
        try await bench.store.addKey(key, at: now)
        try await bench.store.addKey(other, at: now + 1)
        let reopened = try bench.reopened()
        #expect(try await reopened.keys() == [key, other])
        try await reopened.withdrawKey(key.id)
        #expect(try await reopened.keys() == [other])
        for id in [key.id, .random()] {
            await #expect(throws: Problem(.noSuchGrant)) { try await reopened.withdrawKey(id) }
        }
    }

    @Test("have one batch each, which the key keeps", arguments: allStores)
    func batches(kind: StoreKind) async throws {
        let bench = try Bench(kind)
        let first = try await enter(bench.store, "g")
        #expect(first.owner == holder && first.keeper == app && first.name == "Ana's album")
        #expect(first.guestsUntil == now + 60 && first.recipe == .web)
        let reopened = try bench.reopened()
        #expect(try await enter(reopened, "g").id == first.id)
        #expect(try await enter(reopened, "other").id != first.id)
        #expect(try await reopened.batches(of: app, after: nil, limit: 9).count == 2)
        let page = try await reopened.log(of: first.id, after: 0, limit: 9)
        let folded = try page.events.reduce(JSON.object([:])) { $0.merging(try $1.patch()) }
        #expect(folded.text == (try await reopened.snapshot(of: first.id)).document)
    }

    @Test("of one name: the one that lasts longest says what is allowed", arguments: allStores)
    func prolonged(kind: StoreKind) async throws {
        let bench = try Bench(kind)
        let batch = try await enter(bench.store, "g", files: 1).id
        try await send(1, to: batch, bench.store)
        await #expect(throws: Problem.self) { try await send(1, to: batch, bench.store) }
        _ = try await enter(bench.store, "g", files: 2, until: now + 90)
        try await send(1, to: batch, bench.store)
        #expect(try await bench.store.batch(batch).guestsUntil == now + 90)
        // An older one takes nothing back, and gives nothing.
        _ = try await enter(bench.store, "g", files: 9)
        #expect(try await bench.store.batch(batch).guestsUntil == now + 90)
        await #expect(throws: Problem.self) { try await send(1, to: batch, bench.store) }
    }

    @Test("bound a photo's bytes, whether or not they were announced", arguments: allStores)
    func fileBytes(kind: StoreKind) async throws {
        let bench = try Bench(kind)
        let batch = try await enter(bench.store, "g", fileBytes: 100).id
        try await send(100, to: batch, bench.store)
        let detail = "A photo may have 100 bytes here; this one has 101."
        let tooLarge = Problem(.fileTooLarge, detail, limit: 100, actual: 101)
        await #expect(throws: tooLarge) { try await send(101, to: batch, bench.store) }
        let unknown = try await send(nil, to: batch, bench.store)
        await #expect(throws: tooLarge) {
            try await bench.store.commit(
                offset: 101, length: nil, of: unknown.id, until: nil, limits: Limits())
        }
    }

    @Test("stay denied, used or not, and when their batch was deleted", arguments: allStores)
    func denied(kind: StoreKind) async throws {
        let bench = try Bench(kind)
        let batch = try await enter(bench.store, "used").id
        #expect(try await bench.store.denyGrant(secret: "used", of: key.id, at: now + 1) == [batch])
        await #expect(throws: Problem(.dropEnded)) { try await send(1, to: batch, bench.store) }
        #expect(try await bench.store.denyGrant(secret: "unused", of: key.id, at: now).isEmpty)
        let deleted = try await enter(bench.store, "deleted").id
        try await bench.store.deleteBatch(deleted)
        for secret in ["used", "unused", "deleted"] {
            await #expect(throws: Problem(.dropEnded)) {
                try await enter(bench.store, secret, until: now + 90)
            }
        }
        // The batch is there to be read and managed.
        #expect(
            try await bench.store.batch(batch).rights(of: Bearer(app), at: now + 2) == [.manage])
    }

    @Test("of a withdrawn key are denied in slices, and no others", arguments: allStores)
    func withdrawn(kind: StoreKind) async throws {
        let bench = try Bench(kind)
        let other = AppKey(name: "", mayManage: false, origins: [])
        for key in [key, other] { try await bench.store.addKey(key, at: now) }
        var mine: Set<Batch.ID> = []
        for name in ["a", "b", "c"] { mine.insert(try await enter(bench.store, name).id) }
        let others = try await enter(bench.store, "d", key: other).id
        #expect(try await deny(bench.store) == [])
        try await bench.store.withdrawKey(key.id)
        let first = try await deny(bench.store)
        let rest = try await deny(bench.store)
        #expect((first.count, rest.count) == (2, 1) && Set(first + rest) == mine)
        #expect(try await deny(bench.store) == [])
        try await send(1, to: others, bench.store)
        await #expect(throws: Problem(.dropEnded)) {
            try await send(1, to: mine.first!, bench.store)
        }
    }

    // MARK: Parts

    private func deny(_ store: any GrantStore) async throws -> [Batch.ID] {
        try await store.denyGrantsOfWithdrawnKeys(limit: 2, at: now + 1)
    }

    @discardableResult
    private func enter(
        _ store: any Store & GrantStore, _ secret: String, key: AppKey? = nil, files: Int? = nil,
        fileBytes: Int? = nil, until: Date = now + 60
    ) async throws -> Batch {
        let terms = DropLink(
            batch: .random(), title: "Ana's album", asksName: false, files: files, bytes: nil,
            fileBytes: fileBytes, until: until)
        return try await store.enterGrant(
            secret: secret, of: (key ?? self.key).id, on: terms, as: holder, keptBy: app,
            asker: .unknown, recipe: .web, expiresAt: nil, limits: Limits(), at: now)
    }
}
