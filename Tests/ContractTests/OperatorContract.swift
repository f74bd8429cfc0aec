// What every store owes of what the operator sees, and of what they have told the server to do.

import Domain
import Foundation
import Testing

@Suite("A store's lists for the operator", .serialized)
struct OverviewContract {
    private let holder = Owner(id: "0a0a0a0a0a0a1111")
    private let key = AppKey(name: "Albums", mayManage: false, origins: [])

    @Test("show batches by size, age and end, and only so many", arguments: allStores)
    func order(kind: StoreKind) async throws {
        let bench = try Bench(kind)
        let oldest = try await batch(bench, bytes: [5], at: now, until: now + 300)
        let largest = try await batch(bench, bytes: [4, 6, nil], at: now + 1, until: nil)
        let first = try await batch(bench, bytes: [], at: now + 2, until: now + 200)
        let deleted = try await batch(bench, bytes: [90], at: now - 1, until: now + 100)
        try await bench.store.deleteBatch(deleted)
        let store = try bench.reopened()
        func list(_ order: BatchOverview.Order, _ limit: Int = 9) async throws -> [Batch.ID] {
            try await store.batches(by: order, limit: limit).map(\.id)
        }
        #expect(try await list(.size) == [largest, oldest, first])
        #expect(try await list(.age) == [oldest, largest, first])
        #expect(try await list(.expiry) == [first, oldest])
        for order in BatchOverview.Order.allCases {
            let whole = try await list(order)
            #expect(try await list(order, 1) == Array(whole.prefix(1)))
        }
        let told = try #require(try await store.batches(by: .size, limit: 1).first)
        #expect((told.images, told.bytes, told.createdAt) == (3, 10, now + 1))
        #expect(told.keeper == owner && told.name == nil && told.expiresAt == nil)
        // The last photo was announced then.
        #expect(told.changedAt == now + 2 && told.origin == .owner)
    }

    @Test("tell how a batch came", arguments: allStores)
    func origin(kind: StoreKind) async throws {
        let bench = try Bench(kind)
        let link = try await link(bench, "s")
        let guest = try await enter(bench, "s").id
        let terms = DropLink(
            batch: .random(), title: "Album", asksName: false, files: nil, bytes: nil,
            until: now + 60)
        let granted = try await grant(bench, "g", terms)
        let found = try await bench.store.batches(by: .age, limit: 9)
        let origins = Dictionary(uniqueKeysWithValues: found.map { ($0.id, $0.origin) })
        #expect(
            origins == [
                link.batch: .owner, guest: .dropLink(link.id),
                granted: .grant(terms.id, of: key.id),
            ])
        #expect(found.first { $0.id == guest }?.name == "Party: Ana")
        // Whoever made the link keeps what came by it, also when the link is gone with its batch.
        try await bench.store.deleteBatch(link.batch)
        let left = try await bench.store.batches(by: .age, limit: 9).first { $0.id == guest }
        #expect(left?.origin == .dropLink(link.id) && left?.keeper == owner)
    }

    @Test("show links and grants, what was used of them, and those over last", arguments: allStores)
    func links(kind: StoreKind) async throws {
        let bench = try Bench(kind)
        let over = try await link(bench, "over", until: now + 1)
        let link = try await link(bench, "s", files: 5)
        let guest = try await enter(bench, "s")
        for bytes in [2, 3] { try await send(bytes, to: guest.id, bench.store) }
        let terms = DropLink(
            batch: .random(), title: "Album", asksName: false, files: nil, bytes: 9, fileBytes: 4,
            until: now + 90)
        let granted = try await grant(bench, "g", terms)
        _ = try await bench.store.denyGrant(secret: "unused", of: key.id, at: now)

        let found = try await bench.reopened().links(limit: 9)
        #expect(found.prefix(3).map(\.link) == [terms, link, over])
        #expect(found.map { $0.isOver(at: now + 2) } == [false, false, true, true])
        #expect(found.map(\.key) == [key.id, nil, nil, key.id])
        #expect(found.map(\.hasBatch) == [true, true, true, false])
        #expect(found.map(\.guests) == [1, 1, 0, 0] && found.map(\.images) == [0, 2, 0, 0])
        #expect(found.map(\.bytes) == [0, 5, 0, 0])
        #expect(try await bench.store.links(limit: 2) == Array(found.prefix(2)))
        // One whose batch was deleted is over, however long it would have lasted.
        try await bench.store.deleteBatch(granted)
        let denied = try #require(try await bench.store.links(limit: 1).first)
        #expect(denied.link == terms && denied.isOver(at: now) && !denied.hasBatch)
    }

    @Test(
        "show invitations that wait and who has a right, who both may lose it", arguments: allStores
    )
    func rights(kind: StoreKind) async throws {
        let bench = try Bench(kind)
        let names = ["abababababab1111", "abababababac2222"]
        for name in names {
            try await bench.store.invite(to: .begin, secret: name, until: now + 60, at: now)
        }
        let waiting = try await bench.store.invitations(at: now, limit: 9)
        #expect(
            waiting == names.map { WaitingInvitation(name: $0, right: .begin, until: now + 60) })
        #expect(try await bench.store.invitations(at: now, limit: 1).count == 1)
        #expect(try await bench.store.invitations(at: now + 60, limit: 9).isEmpty)
        try await bench.store.withdrawInvitation("abababababab")
        await #expect(throws: Problem(.noSuchInvitation)) {
            try await bench.store.withdrawInvitation("abababababab")
        }
        await #expect(throws: Problem(.noSuchInvitation)) {
            try await bench.store.accept(invitation: names[0], as: holder, at: now)
        }
        try await bench.store.accept(invitation: names[1], as: holder, at: now)
        let store = try bench.reopened()
        let held = HeldRight(holder: holder, right: .begin, since: now)
        #expect(try await store.heldRights(limit: 9) == [held])
        await #expect(throws: Problem(.noSuchGrant)) {
            try await store.withdrawRights(ofHolder: "0a0a0a0a0a0b")
        }
        try await store.withdrawRights(ofHolder: "0a0a0a0a0a0a")
        #expect(try await store.heldRights(limit: 9).isEmpty)
        #expect(try await !store.holds(.begin, holder))
    }

    // MARK: Parts

    private func batch(
        _ bench: Bench, bytes: [Int?], at date: Date, until end: Date?
    ) async throws -> Batch.ID {
        let batch = try await bench.store.createBatch(
            NewBatch(owner: owner, recipe: .web, expiresAt: end), limits: Limits(), under: nil,
            at: date
        ).thing.id
        for length in bytes { try await send(length, to: batch, bench.store) }
        return batch
    }

    private func link(
        _ bench: Bench, _ secret: String, files: Int? = nil, until: Date = now + 60
    ) async throws -> DropLink {
        let link = DropLink(
            batch: try await bench.batch().id, title: "Party", asksName: true, files: files,
            bytes: nil, until: until)
        try await bench.store.makeDropLink(link, secret: secret, at: now)
        return link
    }

    private func enter(_ bench: Bench, _ secret: String) async throws -> Batch {
        try await bench.store.enterDrop(
            secret: secret, as: holder, asker: .unknown, name: "Ana", expiresAt: nil,
            limits: Limits(), at: now)
    }

    private func grant(
        _ bench: Bench, _ secret: String, _ terms: DropLink
    ) async throws -> Batch.ID {
        try await bench.store.enterGrant(
            secret: secret, of: key.id, on: terms, as: holder, keptBy: owner, asker: .unknown,
            recipe: .web, expiresAt: nil, limits: Limits(), at: now
        ).id
    }
}

@Suite("A store's instructions", .serialized)
struct InstructionContract {
    @Test("wait until they were carried out, the last one for a batch counts", arguments: allStores)
    func waiting(kind: StoreKind) async throws {
        let bench = try Bench(kind)
        let (one, other) = (try await bench.batch().id, try await bench.batch().id)
        let link = DropLink(
            batch: one, title: "Party", asksName: false, files: nil, bytes: nil, until: now + 60)
        try await bench.store.makeDropLink(link, secret: "s", at: now)
        let first = Instruction.deleteBatch(one)
        let rest: [Instruction] = [
            .endLink(link.id), .rescheduleBatch(other, to: now + 60),
            .rescheduleBatch(one, to: nil),
        ]
        try await bench.store.give(first)
        let old = try #require(
            try await bench.store.instructions(after: 0, limit: 9).first)
        #expect(old.instruction == first)
        for instruction in rest { try await bench.store.give(instruction) }
        // What was given meanwhile in its place is not forgotten with it.
        try await bench.store.forgetInstruction(old.number)

        let store = try bench.reopened()
        let found = try await store.instructions(after: 0, limit: 9)
        #expect(found.map(\.instruction) == rest)
        let page = try await store.instructions(after: found[0].number, limit: 1)
        #expect(page == [found[1]])
        let batches = try await store.batches(by: .age, limit: 9)
        #expect(Set(batches.map(\.waiting)) == [rest[1], rest[2]])
        #expect(try await store.links(limit: 9).map(\.isEnding) == [true])
        for waiting in found { try await store.forgetInstruction(waiting.number) }
        #expect(try await store.instructions(after: 0, limit: 9).isEmpty)
        #expect(try await store.batches(by: .age, limit: 9).allSatisfy { $0.waiting == nil })
    }

    @Test("are for what is there", arguments: allStores)
    func missing(kind: StoreKind) async throws {
        let bench = try Bench(kind)
        let deleted = try await bench.batch().id
        try await bench.store.deleteBatch(deleted)
        let refused: [(Instruction, Problem.Code)] = [
            (.deleteBatch(deleted), .batchDeleted), (.deleteBatch(.random()), .noSuchBatch),
            (.rescheduleBatch(.random(), to: nil), .noSuchBatch),
            (.endLink(.random()), .noSuchDropLink),
        ]
        for (instruction, code) in refused {
            await #expect(throws: Problem(code)) { try await bench.store.give(instruction) }
        }
        #expect(try await bench.store.instructions(after: 0, limit: 9).isEmpty)
    }

    @Test("may end any link: nothing more is added by it", arguments: allStores)
    func ended(kind: StoreKind) async throws {
        let bench = try Bench(kind)
        let link = DropLink(
            batch: try await bench.batch().id, title: "Party", asksName: false, files: nil,
            bytes: nil, until: now + 60)
        try await bench.store.makeDropLink(link, secret: "s", at: now)
        let guest = try await bench.store.enterDrop(
            secret: "s", as: Owner(id: "guest"), asker: .unknown, name: nil, expiresAt: nil,
            limits: Limits(), at: now
        ).id
        let terms = DropLink(
            batch: .random(), title: "Album", asksName: false, files: nil, bytes: nil,
            until: now + 60)
        func enter(until: Date) async throws -> Batch.ID {
            let terms = DropLink(
                id: terms.id, batch: terms.batch, title: terms.title, asksName: false, files: nil,
                bytes: nil, until: until)
            return try await bench.store.enterGrant(
                secret: "g", of: .random(), on: terms, as: Owner(id: "app"), keptBy: owner,
                asker: .unknown, recipe: .web, expiresAt: nil, limits: Limits(), at: now
            ).id
        }
        let granted = try await enter(until: now + 60)
        #expect(try await bench.store.endLink(link.id, at: now + 1) == [guest])
        #expect(try await bench.store.endLink(terms.id, at: now + 1) == [granted])
        for batch in [guest, granted] {
            await #expect(throws: Problem(.dropEnded)) {
                try await send(1, to: batch, bench.store)
            }
        }
        await #expect(throws: Problem(.noSuchDropLink)) {
            try await bench.store.dropLink(secret: "s", at: now + 1)
        }
        await #expect(throws: Problem(.dropEnded)) { _ = try await enter(until: now + 90) }
        await #expect(throws: Problem(.noSuchDropLink)) {
            try await bench.store.endLink(.random(), at: now)
        }
    }
}
