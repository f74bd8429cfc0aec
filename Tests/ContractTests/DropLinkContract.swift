// What every store owes of drop links.

import Domain
import Foundation
import Testing

@Suite("A store's drop links", .serialized)
struct DropLinkContract {
    private let issuer = Owner(id: "issuer")
    private let guest = Owner(id: "guest")

    @Test("give each guest one batch, which the issuer keeps", arguments: allStores)
    func guests(kind: StoreKind) async throws {
        let bench = try Bench(kind)
        let link = try await makeLink(in: bench.store)
        let first = try await enter(bench.store, as: guest, named: "Ana")
        #expect(first.owner == guest && first.keeper == issuer && first.name == "Party: Ana")
        #expect(try await enter(bench.store, as: guest, named: "Bia").id == first.id)
        let second = try await enter(bench.store, as: Owner(id: "another"), named: nil)
        #expect(second.id != first.id && second.name == "Party")

        let reopened = try bench.reopened()
        let kept = try await reopened.batches(of: issuer, after: nil, limit: 9)
        #expect(Set(kept.map(\.id)) == Set([link.batch, first.id, second.id].map(\.rawValue)))
        #expect(try await reopened.batches(of: guest, after: nil, limit: 9).isEmpty)
        let uses = try await reopened.dropLinks(of: link.batch)
        #expect(uses.map(\.link) == [link])
        #expect(uses.first.map { Set($0.guests.map(\.batch)) } == [first.id, second.id])
        #expect(try await reopened.dropLink(of: first.id) == link)
        #expect(try await reopened.dropLink(of: link.batch) == nil)
    }

    @Test("fold like any other batch's log", arguments: allStores)
    func log(kind: StoreKind) async throws {
        let bench = try Bench(kind)
        _ = try await makeLink(in: bench.store)
        let batch = try await enter(bench.store, as: guest, named: "Ana")
        let page = try await bench.store.log(of: batch.id, after: 0, limit: 9)
        let folded = try page.events.reduce(JSON.object([:])) { $0.merging(try $1.patch()) }
        #expect(folded.text == (try await bench.store.snapshot(of: batch.id)).document)
    }

    @Test("rights are those of guest and keeper alone, while it lasts", arguments: allStores)
    func rights(kind: StoreKind) async throws {
        let bench = try Bench(kind)
        let link = try await makeLink(in: bench.store)
        let own = try await enter(bench.store, as: guest, named: nil)
        let kept = try await bench.store.batch(link.batch)
        #expect(own.rights(of: Bearer(guest), at: now) == [.add])
        #expect(own.rights(of: Bearer(issuer), at: now) == [.add, .manage])
        #expect(own.rights(of: Bearer(guest), at: link.until).isEmpty)
        #expect(own.rights(of: Bearer(issuer), at: link.until) == [.manage])
        #expect(kept.rights(of: Bearer(issuer), at: link.until) == [.add, .manage])
        for (batch, bearer) in [(kept, guest), (own, Owner(id: "another"))] {
            #expect(batch.rights(of: Bearer(bearer), at: now).isEmpty)
        }
        #expect(own.rights(of: nil, at: now).isEmpty)
    }

    @Test("that are unknown, ended or over look the same", arguments: allStores)
    func over(kind: StoreKind) async throws {
        let bench = try Bench(kind)
        let link = try await makeLink(in: bench.store)
        let own = try await enter(bench.store, as: guest, named: nil)
        let refused = Problem(.noSuchDropLink)
        for (secret, time) in [("s", link.until), ("S", now), ("", now)] {
            await #expect(throws: refused) {
                try await bench.store.dropLink(secret: secret, at: time)
            }
            await #expect(throws: refused) {
                try await bench.store.enterDrop(
                    secret: secret, as: guest, asker: .unknown, name: nil, expiresAt: nil,
                    limits: Limits(), at: time)
            }
        }
        await #expect(throws: refused) {
            try await bench.store.endDropLink(.random(), of: link.batch, at: now)
        }
        await #expect(throws: refused) {
            try await bench.store.endDropLink(link.id, of: own.id, at: now)
        }
        #expect(
            try await bench.store.endDropLink(link.id, of: link.batch, at: now + 1) == [own.id])
        await #expect(throws: refused) {
            try await bench.store.dropLink(secret: "s", at: now + 1)
        }
        await #expect(throws: Problem(.dropEnded)) { try await send(1, to: own.id, bench.store) }
        // Once ended it stays so, whenever it is ended again.
        _ = try await bench.store.endDropLink(link.id, of: link.batch, at: link.until)
        #expect(try await bench.store.batch(own.id).guestsUntil == now + 1)
    }

    @Test("count all guests together, and refuse one too many", arguments: allStores)
    func limits(kind: StoreKind) async throws {
        let bench = try Bench(kind)
        let link = try await makeLink(in: bench.store, files: 3, bytes: 100)
        let one = try await enter(bench.store, as: guest, named: nil).id
        let other = try await enter(bench.store, as: Owner(id: "another"), named: nil).id
        try await send(60, to: one, bench.store)
        await #expect(throws: tooMany(.tooManyBytes, 100, 101)) {
            try await send(41, to: other, bench.store)
        }
        try await send(40, to: other, bench.store)
        // A length that nobody announced counts as it comes.
        let unknown = try await send(nil, to: other, bench.store)
        await #expect(throws: tooMany(.tooManyBytes, 100, 101)) {
            try await bench.store.commit(
                offset: 1, length: nil, of: unknown.id, until: nil, limits: Limits())
        }
        await #expect(throws: tooMany(.tooManyFiles, 3, 4)) {
            try await send(nil, to: one, bench.store)
        }
        let uses = try await bench.store.dropLinks(of: link.batch)
        #expect(uses.first?.guests.map(\.images).sorted() == [1, 2])
        #expect(uses.first?.guests.map(\.bytes).sorted() == [40, 60])
        // The issuer's own batch is not limited by it.
        try await send(1_000, to: link.batch, bench.store)
    }

    @Test(
        "take so many guests and no more, until one of their batches is gone", arguments: allStores)
    func guestLimit(kind: StoreKind) async throws {
        let bench = try Bench(kind)
        let store = bench.store
        _ = try await makeLink(in: store)
        let batches = try await withThrowingTaskGroup(of: Batch.ID.self) { group in
            for number in 0..<DropLink.guestsPerLink {
                group.addTask {
                    try await enter(store, as: Owner(id: "guest \(number)"), named: nil).id
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        let limit = DropLink.guestsPerLink
        await #expect(
            throws: Problem(
                .tooManyGuests, "The drop link has \(limit) guests.", limit: limit,
                actual: limit + 1)
        ) { try await enter(store, as: guest, named: nil) }
        // Who has come before is none more.
        #expect(batches.contains(try await enter(store, as: Owner(id: "guest 0"), named: nil).id))
        try await store.deleteBatch(try #require(batches.last))
        #expect(try await enter(store, as: guest, named: nil).owner == guest)
    }

    @Test("go with their batch; what came by them stays", arguments: allStores)
    func deletion(kind: StoreKind) async throws {
        let bench = try Bench(kind)
        let link = try await makeLink(in: bench.store)
        let own = try await enter(bench.store, as: guest, named: nil).id
        try await bench.store.deleteBatch(link.batch)
        await #expect(throws: Problem(.noSuchDropLink)) {
            try await bench.store.dropLink(secret: "s", at: now)
        }
        let left = try await bench.store.batch(own)
        #expect(left.rights(of: Bearer(guest), at: now).isEmpty)
        #expect(left.rights(of: Bearer(issuer), at: now) == [.manage])
    }

    // MARK: Parts

    private func makeLink(
        in store: any Store & GrantStore, files: Int? = nil, bytes: Int? = nil
    ) async throws -> DropLink {
        let batch = try await store.createBatch(
            .random(), owner: issuer, recipe: .web, under: nil, at: now
        ).thing
        let link = DropLink(
            batch: batch.id, title: "Party", asksName: true, password: "kept", files: files,
            bytes: bytes,
            until: now + 60)
        try await store.makeDropLink(link, secret: "s", at: now)
        return link
    }

    private func enter(
        _ store: any Store & GrantStore, as guest: Owner, named name: String?
    ) async throws -> Batch {
        try await store.enterDrop(
            secret: "s", as: guest, asker: .unknown, name: name, expiresAt: nil, limits: Limits(),
            at: now)
    }

    private func tooMany(_ code: Problem.Code, _ limit: Int, _ actual: Int) -> Problem {
        let detail =
            code == .tooManyFiles
            ? "The drop link takes \(limit) photos in all."
            : "The drop link takes \(limit) bytes in all; there would be \(actual)."
        return Problem(code, detail, limit: limit, actual: actual)
    }
}

/// Announces a photo of so many bytes; nil for a length that is told later.
@discardableResult
func send(
    _ length: Int?, to batch: Batch.ID, _ store: any Store & GrantStore
) async throws -> Upload {
    try await store.createUpload(
        Upload(batch: batch, resumable: true, length: length, expiresAt: now + 60),
        name: "a.jpg", limits: Limits(), under: nil, at: now + 2
    ).thing
}
