// Rows to values of the domain, and back.

import Domain
import Foundation
import GRDB

extension Batch {
    init(_ row: Row) throws {
        guard let id = Batch.ID(row["id"] as String), let state = State(rawValue: row["state"])
        else { throw Unreadable(table: "batch") }
        self.init(
            id: id, owner: Owner(id: row["owner"]), keeper: Owner(id: row["keeper"]),
            guestsUntil: Date(secondsOf: row["guestsUntil"]), epoch: row["epoch"],
            recipe: try KnownRecipes.recipe(row["recipe"]), name: row["name"],
            expiresAt: Date(secondsOf: row["expiresAt"]), state: state, seq: row["seq"],
            imageCount: row["imageCount"], unfinishedCount: row["unfinishedCount"])
    }
}

extension Image {
    init(_ row: Row) throws {
        guard let id = Image.ID(row["id"] as String), let batch = Batch.ID(row["batch"] as String)
        else { throw Unreadable(table: "image") }
        self.init(id: id, batch: batch, document: try JSON(parsing: row["document"]))
    }
}

extension Event {
    init(_ row: Row) throws {
        guard let type = EventType(rawValue: row["type"]) else { throw Unreadable(table: "event") }
        self.init(
            seq: row["seq"], type: type, image: (row["image"] as String?).flatMap { Image.ID($0) },
            text: row["text"])
    }
}

extension Upload {
    init(_ row: Row) throws {
        let image = row["image"] as String?
        guard let id = Upload.ID(row["id"] as String), let batch = Batch.ID(row["batch"] as String),
            image == nil || image.flatMap({ Image.ID($0) }) != nil
        else { throw Unreadable(table: "upload") }
        self.init(
            id: id, batch: batch, image: image.flatMap { Image.ID($0) },
            resumable: row["resumable"],
            length: row["length"], offset: row["offset"], metadata: row["metadata"],
            expiresAt: .init(timeIntervalSince1970: row["expiresAt"]), isComplete: row["complete"],
            isIdle: row["idle"])
    }
}

extension Rendition {
    init(_ row: Row) throws {
        guard let mediaType = MediaType(rawValue: row["mediaType"]) else {
            throw Unreadable(table: "rendition")
        }
        self.init(
            name: row["name"], width: row["width"], height: row["height"], mediaType: mediaType,
            blob: Blob(sha256: row["sha256"], size: row["bytes"]))
    }
}

extension Date {
    /// Of a column that may hold none.
    init?(secondsOf value: Double?) {
        guard let value else { return nil }
        self.init(timeIntervalSince1970: value)
    }
}

/// A row that this version did not write and cannot read.
struct Unreadable: Error, CustomStringConvertible {
    let table: String
    var description: String { "the store holds a row in \(table) that cannot be read" }
}

// MARK: One row by its name

extension Database {
    func batch(_ id: Batch.ID) throws -> Batch { try Batch(batchRow(id)) }

    func batchRow(_ id: Batch.ID) throws -> Row {
        if let row = try row("SELECT * FROM batch WHERE id = ? AND deleted = 0", [id.rawValue]) {
            return row
        }
        let deleted = try row("SELECT 1 FROM deletedBatch WHERE id = ?", [id.rawValue])
        throw Problem(deleted == nil ? .noSuchBatch : .batchDeleted)
    }

    func image(_ id: Image.ID, in batch: Batch.ID) throws -> Image {
        let sql = """
            SELECT image.* FROM image JOIN batch ON batch.id = image.batch AND batch.deleted = 0
            WHERE image.id = ? AND image.batch = ?
            """
        guard let row = try row(sql, [id.rawValue, batch.rawValue]) else {
            _ = try batchRow(batch)
            throw Problem(.noSuchImage)
        }
        return try Image(row)
    }

    /// The same, without a document where it is gone.
    func presentImage(_ id: Image.ID, in batch: Batch.ID) throws -> Image {
        try row("SELECT * FROM image WHERE id = ?", [id.rawValue]).map(Image.init)
            ?? Image(id: id, batch: batch)
    }

    /// Stores the batch's counters and its new events.
    func save(_ batch: Batch, appending events: [Event]) throws {
        try run(
            "UPDATE batch SET state = ?, seq = ?, imageCount = ?, unfinishedCount = ? WHERE id = ?",
            [
                batch.state.rawValue, batch.seq, batch.imageCount, batch.unfinishedCount,
                batch.id.rawValue,
            ])
        for event in events {
            try run(
                "INSERT INTO event (batch, seq, type, image, text) VALUES (?, ?, ?, ?, ?)",
                [
                    batch.id.rawValue, event.seq, event.type.rawValue, event.image?.rawValue,
                    event.text,
                ])
        }
    }
}
