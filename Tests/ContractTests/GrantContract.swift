// What every store owes of rights and invitations.

import Domain
import Foundation
import Testing

@Suite("A store's invitations", .serialized)
struct GrantContract {
    private let holder = Owner(id: "holder")

    @Test("give a right once, to whoever comes first, for good", arguments: allStores)
    func once(kind: StoreKind) async throws {
        let bench = try Bench(kind)
        try await bench.store.invite(to: .begin, secret: "s", until: now + 60, at: now)
        #expect(try await !bench.store.isHeld(.begin))
        try await bench.store.accept(invitation: "s", as: holder, at: now + 59)
        await #expect(throws: Problem(.noSuchInvitation)) {
            try await bench.store.accept(invitation: "s", as: Owner(id: "late"), at: now + 59)
        }
        let reopened = try bench.reopened()
        #expect(try await reopened.holds(.begin, holder))
        #expect(try await !reopened.holds(.begin, Owner(id: "late")))
        #expect(try await reopened.isHeld(.begin))
    }

    @Test("are over at their time, and unknown ones look the same", arguments: allStores)
    func over(kind: StoreKind) async throws {
        let bench = try Bench(kind)
        try await bench.store.invite(to: .begin, secret: "s", until: now + 60, at: now)
        for (secret, time) in [("s", now + 60), ("S", now), ("", now)] {
            await #expect(throws: Problem(.noSuchInvitation)) {
                try await bench.store.accept(invitation: secret, as: holder, at: time)
            }
        }
        #expect(try await !bench.store.isHeld(.begin))
    }

    @Test("may be taken twice by one who has the right already", arguments: allStores)
    func again(kind: StoreKind) async throws {
        let bench = try Bench(kind)
        for secret in ["one", "two"] {
            try await bench.store.invite(to: .begin, secret: secret, until: now + 60, at: now)
            try await bench.store.accept(invitation: secret, as: holder, at: now)
        }
        #expect(try await bench.store.holds(.begin, holder))
    }
}
