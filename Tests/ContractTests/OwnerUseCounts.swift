// The SQLite store counts what each owner has as it changes: held here against a count of all there is.

import Domain
import Foundation
import GRDB
import TestSupport
import Testing

@testable import SQLiteStore

@Suite("The SQLite store's counts of what owners have", .serialized)
struct OwnerUseCounts {
    @Test("are those of all there is, whatever happens, and who has nothing is forgotten")
    func counts() async throws {
        let folder = NSTemporaryDirectory() + "revela-use-\(UUID().uuidString)"
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: false)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let store = try SQLiteStore(path: folder + "/revela.sqlite")
        var course = Course(store: store, dice: Dice(seed: chosenSeed()))
        for round in 0..<chosenRounds(usually: 600) {
            let what = try await course.step()
            let (kept, found) = try await both(store)
            try #require(kept == found, "after round \(round): \(what)")
        }
        try await course.clear()
        #expect(try await both(store).kept.isEmpty)
        try store.close()
    }

    private func both(_ store: SQLiteStore) async throws -> (kept: [[String]], found: [[String]]) {
        try await store.read { database in
            func rows(_ sql: String) throws -> [[String]] {
                try Row.fetchAll(database, sql: sql).map { row in
                    row.map { "\($0.1)" }
                }
            }
            return (
                try rows("SELECT owner, batches, bytes, uploads FROM ownerUse ORDER BY owner"),
                try rows(OwnerUse.recount + " ORDER BY who")
            )
        }
    }
}

/// Whatever three owners and a guest of each may do, in any order.
private struct Course {
    let store: SQLiteStore
    var dice: Dice
    private var batches: [Batch] = []
    private var uploads: [Upload] = []

    init(store: SQLiteStore, dice: Dice) {
        self.store = store
        self.dice = dice
    }

    private mutating func roll(_ bound: Int) -> Int { .random(in: 0..<bound, using: &dice) }

    /// - Returns: what was tried; what the store refuses changes nothing.
    mutating func step() async throws -> String {
        let what = roll(12)
        do {
            return try await take(what)
        } catch let problem as Problem {
            return "\(what): \(problem.code)"
        }
    }

    private mutating func take(_ what: Int) async throws -> String {
        guard what > 0, let batch = batches.randomElement(using: &dice) else {
            try await begin()
            return "a batch"
        }
        let limits = Limits()
        let length = roll(3) == 0 ? nil : roll(99) + 1
        let upload = uploads.randomElement(using: &dice)
        switch what {
        case 1, 2, 3:
            let new = Upload(batch: batch.id, resumable: true, length: length, expiresAt: now + 60)
            _ = try await store.createUpload(
                new, name: "a.jpg", limits: limits, under: nil, at: now)
            uploads.append(new)
            return "an upload"
        case 4:
            let part = Upload(
                batch: batch.id, image: nil, resumable: true, length: length, expiresAt: now + 60)
            _ = try await store.createPart(part, limits: limits, under: nil, at: now)
            uploads.append(part)
            return "a part"
        case 5, 6:
            guard let upload else { return "nothing" }
            let offset = roll((upload.length ?? 99) + 1)
            try await store.commit(
                offset: offset, length: roll(2) == 0 ? nil : offset, of: upload.id, until: nil,
                limits: limits)
            return "bytes"
        case 7, 8:
            guard let image = upload?.image, let batch = upload?.batch else { return "nothing" }
            let changes: [Change] = [
                .uploaded(newPhoto()), .cancelled, .expired, .rejected(Problem(.damaged)), .removed,
            ]
            let change = changes[roll(changes.count)]
            try await store.record(change, of: image, in: batch, at: now)
            return "\(change.type)"
        case 9:
            guard let upload else { return "nothing" }
            if roll(2) == 0 {
                try await store.moveParts([upload.id], to: batch.id)
                return "a move"
            }
            try await store.removeUpload(upload.id)
            return "an upload removed"
        case 10:
            if roll(2) == 0 {
                try await store.deleteUnused(batch.id)
            } else if roll(3) == 0 {
                try await store.deleteBatch(batch.id)
            }
            return "a deletion"
        default: return try await store.purge() ? "a slice" : "nothing"
        }
    }

    private mutating func begin() async throws {
        let owner = Owner(id: "owner \(roll(3))")
        let batch = try await store.createBatch(
            .random(), owner: owner, recipe: .web, under: nil, at: now
        ).thing
        batches.append(batch)
        guard roll(3) == 0 else { return }
        let link = DropLink(
            batch: batch.id, title: "Party", asksName: false, files: nil, bytes: nil,
            until: now + 60)
        try await store.makeDropLink(link, secret: "\(link.id)", at: now)
        batches.append(
            try await store.enterDrop(
                secret: "\(link.id)", as: Owner(id: "guest of \(owner.id)"), asker: .unknown,
                name: nil, expiresAt: nil, limits: Limits(), at: now))
    }

    func clear() async throws {
        for batch in batches {
            do {
                try await store.deleteBatch(batch.id)
            } catch let problem as Problem where problem.code == .batchDeleted {
                // Before.
            }
        }
        while try await store.purge() {}
    }
}
