// What is reserved of the disk, to whom, and for how long.

import Domain
import Foundation
import Synchronization
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
        let other = upload(6_300)
        let refused = #expect(throws: Problem.self) { try active.reserve(6_400, for: other) }
        #expect(refused?.code == .diskFull && refused?.limit == 0 && refused?.actual == 6_300)

        clock.withLock { $0 += .seconds(11) }
        #expect(!active.isReserved(idle.id))
        try active.reserve(6_400, for: other)
        // Who comes back finds the room taken, and asks again later.
        #expect(throws: Problem.self) { try active.reserve(6_400, for: idle) }
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
