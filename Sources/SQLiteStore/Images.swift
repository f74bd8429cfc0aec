// Images and the uploads that fill them. `record` is the heart: whatever happens to an image goes
// through it, and everything that follows from it is stored in the same transaction.

package import Domain
package import Foundation
import GRDB

extension SQLiteStore {
    package func createUpload(
        _ upload: Upload, name: String, limits: Limits, under key: RequestKey?, at date: Date
    ) async throws -> Made<Upload> {
        guard let id = upload.image else { throw Problem(.internal, "A part has no image.") }
        return try await writer.write { database in
            if let key, let known = try database.upload(under: key, in: upload.batch, at: date) {
                return (Made(known, isNew: false), [])
            }
            let row = try database.batchRow(upload.batch)
            try limits.requireRoom(forImagesBeside: row["imageCount"])
            try limits.requireRoom(forBytes: row["bytes"] as Int + (upload.length ?? 0))
            try database.requireDropRoom(
                in: upload.batch, files: 1, bytes: upload.length ?? 0, of: upload.length ?? 0,
                at: date)
            var batch = try Batch(row)
            try database.requireRoom(forUploadIn: batch, bytes: upload.length ?? 0, limits)
            var image = Image(id: id, batch: upload.batch)
            let position: Int = row["nextPosition"]
            let events = try batch.record(
                .created(position: position, name: name, size: upload.length), of: &image, at: date)
            let bytes = upload.length ?? 0
            try database.run(
                "UPDATE batch SET nextPosition = ?, bytes = bytes + ? WHERE id = ?",
                [position + 1, bytes, batch.id.rawValue])
            try database.run(
                "INSERT INTO image (id, batch, owner, document, bytes) VALUES (?, ?, ?, ?, ?)",
                [
                    image.id.rawValue, batch.id.rawValue, batch.owner.id, image.document.text,
                    bytes,
                ])
            try database.insert(upload, under: key, at: date)
            try database.save(batch, appending: events)
            return (Made(upload, isNew: true), [.recorded(batch, events)])
        }
    }

    package func image(_ id: Image.ID, in batch: Batch.ID) async throws -> Image {
        try await read { try $0.image(id, in: batch) }
    }

    package func rendition(_ name: String, of image: Image.ID) async throws -> Rendition {
        try await read { database in
            guard
                let row = try database.row(
                    """
                    SELECT rendition.* FROM rendition JOIN image ON image.id = rendition.image
                    JOIN batch ON batch.id = image.batch AND batch.deleted = 0
                    WHERE rendition.image = ? AND rendition.name = ?
                    """, [image.rawValue, name])
            else { throw Problem(.noSuchRendition) }
            return try Rendition(row)
        }
    }

    package func original(of image: Image.ID) async throws -> Blob? {
        try await read { try $0.original(of: image) }
    }

    @discardableResult
    package func record(
        _ change: Change, of image: Image.ID, in batch: Batch.ID, under key: RequestKey?,
        at date: Date
    ) async throws -> Image {
        try await writer.write { database in
            if let key, try database.request(under: key, in: batch.rawValue, at: date) != nil {
                return (try database.presentImage(image, in: batch), [])
            }
            let (recorded, commits) = try database.recordAndCopy(
                change, of: image, in: batch, at: date)
            try database.keep(key, in: batch.rawValue, batch: batch, at: date)
            return (recorded, commits + self.claim(after: recorded, at: date, in: database))
        }
    }

    @discardableResult
    package func record(
        _ changes: [Change], of image: Image.ID, in batch: Batch.ID, at date: Date
    ) async throws -> Image {
        try await writer.write { database in
            let recorded = try database.record(changes, of: image, in: batch, at: date)
            return (recorded.image, recorded.commits)
        }
    }

    package func recordKnown(
        _ blob: Blob, of image: Image.ID, in batch: Batch.ID, at date: Date
    ) async throws -> Image? {
        try await writer.write { database in
            guard try database.hasOriginal(of: blob, for: batch) else { return (nil, []) }
            let (recorded, commits) = try database.recordAndCopy(
                .uploaded(blob), of: image, in: batch, at: date)
            return (recorded, commits + self.claim(after: recorded, at: date, in: database))
        }
    }

    /// What was recorded last may have queued a job.
    private func claim(after image: Image, at date: Date, in database: Database) -> [Commit] {
        image.state == .waiting ? claimForStandby(database, at: date) : []
    }
}

extension Database {
    /// `record`, and what makes an uploaded photo ready at once.
    fileprivate func recordAndCopy(
        _ change: Change, of id: Image.ID, in batch: Batch.ID, at date: Date
    ) throws -> (Image, [Commit]) {
        let (image, commit) = try record(change, of: id, in: batch, at: date)
        guard case .uploaded = change, let copy = try copyTwin(of: image, at: date) else {
            return (image, [commit])
        }
        return (copy.image, [commit, copy.commit])
    }

    func record(
        _ changes: [Change], of id: Image.ID, in batch: Batch.ID, at date: Date
    ) throws -> (image: Image, commits: [Commit]) {
        var image = try image(id, in: batch)
        var commits: [Commit] = []
        for change in changes {
            let (changed, further) = try recordAndCopy(change, of: id, in: batch, at: date)
            image = changed
            commits += further
        }
        return (image, commits)
    }

    /// Moves the image, appends the events, and does what follows; all in the caller's transaction.
    func record(
        _ change: Change, of id: Image.ID, in batchID: Batch.ID, at date: Date
    ) throws -> (image: Image, commit: Commit) {
        var batch = try batch(batchID)
        var image = try image(id, in: batchID)
        let events = try batch.record(change, of: &image, at: date)
        try run(
            "UPDATE image SET document = ? WHERE id = ?", [image.document.text, id.rawValue])
        for consequence in change.consequences(for: image) {
            try carryOut(consequence, for: image, at: date)
        }
        try save(batch, appending: events)
        return (image, .recorded(batch, events))
    }

    private func carryOut(
        _ consequence: Consequence, for image: Image, at date: Date
    ) throws {
        let id = image.id.rawValue
        switch consequence {
        case .keepOriginal(let blob):
            try setBytes(blob.size, of: image)
            try run("UPDATE image SET sha256 = ? WHERE id = ?", [blob.sha256, id])
            try run(
                "UPDATE upload SET offset = ?1, length = ?1 WHERE image = ?2", [blob.size, id])
        case .keepRendition(let rendition): try insert(rendition, of: image)
        case .releaseBytes: try setBytes(0, of: image)
        case .queueJob(let lane):
            try run(
                "INSERT INTO job (image, batch, lane) VALUES (?, ?, ?)",
                [id, image.batch.rawValue, lane.rawValue])
        case .endJob: try run("DELETE FROM job WHERE image = ?", [id])
        case .setIdle(let isIdle):
            try run("UPDATE upload SET idle = ? WHERE image = ?", [isIdle, id])
        case .completeUpload: try run("UPDATE upload SET complete = 1 WHERE image = ?", [id])
        case .endKeys: try endKeys(of: image, at: date)
        case .forgetKeys: try forgetKeys(of: image)
        case .removeImage:
            try setBytes(0, of: image)
            try run("DELETE FROM image WHERE id = ?", [id])
        }
    }

    private func setBytes(_ bytes: Int, of image: Image) throws {
        try setBytes(bytes, of: image.id.rawValue, in: image.batch.rawValue)
    }

    func setBytes(_ bytes: Int, of image: String, in batch: String) throws {
        try run(
            """
            UPDATE batch SET bytes = bytes - (SELECT bytes FROM image WHERE id = ?1) + ?2
            WHERE id = ?3
            """, [image, bytes, batch])
        try run("UPDATE image SET bytes = ? WHERE id = ?", [bytes, image])
    }

    func original(of image: Image.ID) throws -> Blob? {
        try row(
            """
            SELECT image.sha256, image.bytes FROM image
            JOIN batch ON batch.id = image.batch AND batch.deleted = 0
            WHERE image.id = ? AND image.sha256 IS NOT NULL
            """, [image.rawValue]
        ).map { Blob(sha256: $0["sha256"], size: $0["bytes"]) }
    }

    func insert(_ upload: Upload, under key: RequestKey?, at date: Date) throws {
        try run(
            """
            INSERT INTO upload
                (id, batch, image, resumable, length, offset, metadata, expiresAt, complete)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                upload.id.rawValue, upload.batch.rawValue, upload.image?.rawValue, upload.resumable,
                upload.length, upload.offset, upload.metadata,
                upload.expiresAt.timeIntervalSince1970, upload.isComplete,
            ])
        try keep(
            key, in: upload.batch.rawValue, batch: upload.batch, upload: upload.id, at: date)
    }

    private func insert(_ rendition: Rendition, of image: Image) throws {
        try run(
            """
            INSERT INTO rendition (image, name, width, height, mediaType, sha256, bytes)
            VALUES (?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (image, name) DO UPDATE SET width = excluded.width,
                height = excluded.height, mediaType = excluded.mediaType,
                sha256 = excluded.sha256, bytes = excluded.bytes
            """,
            [
                image.id.rawValue, rendition.name, rendition.width, rendition.height,
                rendition.mediaType.rawValue, rendition.blob.sha256, rendition.blob.size,
            ])
    }
}
