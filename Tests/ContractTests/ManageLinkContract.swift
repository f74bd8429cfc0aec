// What every store owes of manage links.

import Domain
import Foundation
import Testing

@Suite("A store's manage links", .serialized)
struct ManageLinkContract {
    private let owner = Owner(id: "owner")
    private let phone = Owner(id: "phone")

    @Test("let every browser that takes one manage, until it is ended", arguments: allStores)
    func taken(kind: StoreKind) async throws {
        let bench = try Bench(kind)
        try await bench.store.makeManageLink(secret: "s", of: owner, at: now)
        #expect(
            try await bench.store.manageLink(of: owner)
                == ManageLink.Use(madeAt: now, devices: 0))
        for holder in [phone, Owner(id: "tablet")] {
            #expect(
                try await bench.store.takeManageLink(secret: "s", as: holder, at: now)
                    == Device(holder: holder, owner: owner))
        }
        let reopened = try bench.reopened()
        #expect(try await reopened.manageLink(of: owner)?.devices == 2)
        #expect(try await reopened.devices(after: nil, limit: 1).map(\.holder) == [phone])
        #expect(try await reopened.devices(after: phone, limit: 9).map(\.holder.id) == ["tablet"])

        try await reopened.endManageLink(of: owner)
        #expect(try await reopened.devices(after: nil, limit: 9).isEmpty)
        #expect(try await reopened.manageLink(of: owner) == nil)
        await #expect(throws: Problem(.noSuchManageLink)) {
            try await reopened.takeManageLink(secret: "s", as: phone, at: now)
        }
        try await reopened.endManageLink(of: owner)
    }

    @Test(
        "open nothing once there is a new one, whose browsers are those of before",
        arguments: allStores)
    func renewed(kind: StoreKind) async throws {
        let bench = try Bench(kind)
        try await bench.store.makeManageLink(secret: "old", of: owner, at: now)
        _ = try await bench.store.takeManageLink(secret: "old", as: phone, at: now)
        try await bench.store.makeManageLink(secret: "new", of: owner, at: now + 9)
        #expect(
            try await bench.store.manageLink(of: owner)
                == ManageLink.Use(madeAt: now + 9, devices: 1))
        for secret in ["old", "", "NEW"] {
            await #expect(throws: Problem(.noSuchManageLink)) {
                try await bench.store.takeManageLink(secret: secret, as: phone, at: now)
            }
        }
    }

    @Test(
        "change nothing for who stands for the owner already, or the other way",
        arguments: allStores)
    func known(kind: StoreKind) async throws {
        let bench = try Bench(kind)
        try await bench.store.makeManageLink(secret: "owner's", of: owner, at: now)
        try await bench.store.makeManageLink(secret: "phone's", of: phone, at: now)
        #expect(try await bench.store.takeManageLink(secret: "owner's", as: owner, at: now) == nil)
        _ = try await bench.store.takeManageLink(secret: "owner's", as: phone, at: now)
        #expect(try await bench.store.takeManageLink(secret: "owner's", as: phone, at: now) == nil)
        #expect(try await bench.store.takeManageLink(secret: "phone's", as: owner, at: now) == nil)
        #expect(
            try await bench.store.devices(after: nil, limit: 9)
                == [Device(holder: phone, owner: owner)])
    }

    @Test("bring a browser from one owner to another", arguments: allStores)
    func moved(kind: StoreKind) async throws {
        let bench = try Bench(kind)
        for name in ["one", "other"] {
            let owner = Owner(id: name)
            try await bench.store.makeManageLink(secret: name, of: owner, at: now)
            _ = try await bench.store.takeManageLink(secret: name, as: phone, at: now)
        }
        #expect(
            try await bench.store.devices(after: nil, limit: 9)
                == [Device(holder: phone, owner: Owner(id: "other"))])
    }

    @Test("take so many browsers and no more", arguments: allStores)
    func full(kind: StoreKind) async throws {
        let bench = try Bench(kind)
        try await bench.store.makeManageLink(secret: "s", of: owner, at: now)
        for number in 0..<ManageLink.devicesPerLink {
            let holder = Owner(id: "\(number)")
            _ = try await bench.store.takeManageLink(secret: "s", as: holder, at: now)
        }
        let problem = await #expect(throws: Problem.self) {
            try await bench.store.takeManageLink(secret: "s", as: phone, at: now)
        }
        #expect(problem?.code == .tooManyDevices)
        #expect(problem?.limit == ManageLink.devicesPerLink)
        // One of them comes again.
        #expect(
            try await bench.store.takeManageLink(secret: "s", as: Owner(id: "0"), at: now) == nil)
    }
}
