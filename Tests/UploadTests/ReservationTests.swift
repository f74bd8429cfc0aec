// What is reserved of the disk, to whom, and for how long.

import Domain
import Foundation
import Synchronization
import TestSupport
import Testing

@testable import Web

@Suite("Bytes reserved on the disk")
struct ReservationTests {
    private func upload(_ length: Int?, offset: Int = 0) -> Upload {
        Upload(
            batch: .random(), resumable: true, length: length, offset: offset,
            expiresAt: .distantFuture)
    }

    @Test("are reserved once: of forty that come at once two get it where two fit")
    func atOnce() async throws {
        let active = ActiveUploads()
        let accepted = await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<40 {
                group.addTask { (try? active.reserve(500, for: upload(200))) != nil }
            }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(accepted == 2)
    }

    @Test("count little where no byte comes, and in full again once bytes do")
    func fallsQuickly() throws {
        let clock = Mutex(ContinuousClock.now)
        let active = ActiveUploads(now: { clock.withLock { $0 } })
        let idle = upload(6_400)
        try active.reserve(6_400, for: idle)
        #expect(active.isReserved(idle.id))
        let other = upload(6_400)
        let refused = #expect(throws: Problem.self) { try active.reserve(6_400, for: other) }
        #expect(refused?.code == .diskFull && refused?.limit == 0 && refused?.actual == 6_400)

        clock.withLock { $0 += .seconds(11) }
        #expect(!active.isReserved(idle.id))
        try active.reserve(6_500, for: other)
        // Who comes back finds the room taken, and asks again later.
        #expect(throws: Problem.self) { try active.reserve(6_500, for: idle) }
        active.note(6_000, of: other)
        try active.reserve(6_400 - 6_000 + 6_400, for: idle)
    }

    @Test("are not asked for where they have come, however little there is")
    func whole() throws {
        let active = ActiveUploads()
        try active.reserve(-1, for: upload(8, offset: 8))
        #expect(throws: Problem.self) { try active.reserve(-1, for: upload(8, offset: 7)) }
        #expect(throws: Problem.self) { try active.reserve(-1, for: upload(nil)) }
    }

    @Test("no sum of them is too large for a number")
    func huge() throws {
        let active = ActiveUploads()
        for _ in 0..<3 { active.restoreReservation(of: upload(.max)) }
        #expect(throws: Problem.self) { try active.reserve(.min, for: upload(1)) }
        try active.reserve(.max, for: upload(1))
    }

    private let ana = Asker(id: "ana")
    private let rui = Asker(id: "rui")

    @Test(
        "of who has more than the one that comes would have are given up, what sent nothing first")
    func shares() throws {
        let clock = Mutex(ContinuousClock.now)
        let active = ActiveUploads(now: { clock.withLock { $0 } })
        let idle = (0..<4).map { _ in upload(2_000) }
        for one in idle { try active.reserve(10_000, for: one, by: ana) }
        let sending = upload(2_000)
        try active.reserve(10_000, for: sending, by: ana)
        active.note(64, of: sending)
        // Nothing is left, and who has the most gives up what the other needs, and no more.
        let wanted = upload(1_000)
        try active.reserve(10_000, for: wanted, by: rui)
        #expect(active.isReserved(wanted.id) && active.isReserved(sending.id))
        #expect(idle.filter { active.isReserved($0.id) }.count == 3)
        #expect(active.lostReservations == 1)
        // Who has as much as others has no claim on theirs, however little is left.
        for one in [upload(2_900), upload(2_900)] {
            _ = try? active.reserve(10_000, for: one, by: rui)
        }
        let before = active.lostReservations
        #expect(throws: Problem.self) { try active.reserve(10_000, for: upload(9_000), by: rui) }
        #expect(active.lostReservations == before)
        // What was given up is asked for again.
        let lost = try #require(idle.first { !active.isReserved($0.id) })
        #expect(throws: Problem.self) { try active.reserve(10_000, for: lost, by: ana) }
        for one in idle + [sending] where one.id != lost.id { active.forget(one.id) }
        try active.reserve(10_000, for: lost, by: ana)
        #expect(active.isReserved(lost.id))
    }

    @Test("of fifty addresses that only announce, none keeps out one more that sends")
    func announcers() throws {
        let active = ActiveUploads()
        for round in 0..<20 {
            for number in 0..<50 {
                let one = upload(200 << 20)
                _ = try? active.reserve(50 << 30, for: one, by: Asker(id: "\(number) \(round % 2)"))
            }
        }
        for _ in 0..<10 { try active.reserve(50 << 30, for: upload(20 << 20), by: ana) }
    }

    @Test("without addresses each batch is somebody, and a single one may use all there is")
    func batches() throws {
        let active = ActiveUploads()
        let own = Batch.ID.random()
        func upload(_ length: Int, in batch: Batch.ID) -> Upload {
            Upload(batch: batch, resumable: true, length: length, expiresAt: .distantFuture)
        }
        for _ in 0..<5 { try active.reserve(1_000, for: upload(200, in: own)) }
        #expect(throws: Problem.self) { try active.reserve(1_000, for: upload(200, in: own)) }
        try active.reserve(1_000, for: upload(200, in: .random()))
        #expect(active.lostReservations == 2)
        #expect(active.reservedBytes == 1_200)
    }

    @Test("the sums stay right whatever happens, against a plain count")
    func sums() throws {
        var dice = Dice(seed: chosenSeed())
        func roll(_ bound: Int) -> Int { .random(in: 0..<bound, using: &dice) }
        let clock = Mutex(ContinuousClock.now)
        let active = ActiveUploads(now: { clock.withLock { $0 } })
        var known: [Upload] = []
        for _ in 0..<2_000 {
            switch roll(6) {
            case 0, 1:
                let one = upload(roll(64_000) + 64)
                if (try? active.reserve(.max, for: one)) != nil { known.append(one) }
            case 2: active.restoreReservation(of: upload(640))
            case 3:
                if let one = known.randomElement() { active.note(roll(64), of: one) }
            case 4:
                if !known.isEmpty { active.forget(known.removeFirst().id) }
            default: clock.withLock { $0 += .seconds(roll(9)) }
            }
        }
        for one in known { active.forget(one.id) }
        let left = active.reservedBytes
        // Restored ones alone are left: what they count, and not a byte more, cannot be had.
        try active.reserve(left / 64 + 1, for: upload(1))
        #expect(throws: Problem.self) { try active.reserve(left / 64 + 1, for: upload(1)) }
    }

    @Test("creations that are refused for it leave no image and no file")
    func nothingLeft() async throws {
        var settings = UploadSettings.roomy
        settings.diskFloor = 1 << 60
        try await UploadServer.run(settings: settings) { server in
            let answer = try await server.send(
                "POST", server.creation, tus.merging(["Upload-Length": "8"]) { $1 })
            #expect(answer.status == 507 && answer.code == "disk-full")
            #expect(try await server.images().isEmpty)
            #expect(try await server.blobs.staged().isEmpty)
        }
    }
}
