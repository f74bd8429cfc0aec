// What each owner has, counted as it changes, so that no limit of theirs looks at all they have: batches
// that they keep and the bytes in these, and uploads of theirs that have not come to their end. Triggers
// count, so that no statement can forget to.

import Domain
import GRDB

extension Database {
    /// - Throws: `too-many-batches`.
    func requireRoom(forBatchOf keeper: Owner, _ limits: Limits) throws {
        try limits.requireRoom(forBatchesBeside: try use(by: keeper)?["batches"] ?? 0)
    }

    /// - Parameter bytes: that it has announced.
    /// - Throws: `owner-full`, `too-many-requests`.
    func requireRoom(forUploadIn batch: Batch, bytes: Int, _ limits: Limits) throws {
        let own = try use(by: batch.owner)
        let kept = batch.keeper == batch.owner ? own : try use(by: batch.keeper)
        try limits.requireRoom(forUploadsBeside: own?["uploads"] ?? 0)
        try limits.requireOwnerRoom(forBytes: (kept?["bytes"] ?? 0) + bytes)
    }

    /// - Parameter bytes: more than there are.
    /// - Throws: `owner-full`.
    func requireRoom(forBytes bytes: Int, of keeper: Owner, _ limits: Limits) throws {
        try limits.requireOwnerRoom(forBytes: (try use(by: keeper)?["bytes"] ?? 0) + bytes)
    }

    private func use(by owner: Owner) throws -> Row? {
        try row("SELECT batches, bytes, uploads FROM ownerUse WHERE owner = ?", [owner.id])
    }
}

enum OwnerUse {
    private static func add(_ column: String, _ amount: String, to owner: String) -> String {
        """
        INSERT INTO ownerUse (owner, \(column)) SELECT \(owner), \(amount) WHERE TRUE
            ON CONFLICT (owner) DO UPDATE SET \(column) = \(column) + excluded.\(column);
        """
    }

    /// Whoever has nothing left is forgotten: most come once.
    private static func take(_ column: String, _ amount: String, from owner: String) -> String {
        """
        UPDATE ownerUse SET \(column) = \(column) - \(amount) WHERE owner = \(owner);
        DELETE FROM ownerUse WHERE owner = \(owner) AND batches = 0 AND bytes = 0 AND uploads = 0;
        """
    }

    private static func keeper(of upload: String) -> String {
        "(SELECT keeper FROM batch WHERE id = \(upload).batch)"
    }

    private static func owner(of upload: String) -> String {
        "(SELECT owner FROM batch WHERE id = \(upload).batch)"
    }

    private static func held(_ part: String) -> String {
        "coalesce(\(part).length, \(part).offset)"
    }

    /// The same by looking at all there is.
    static let recount = """
        SELECT who, sum(batches), sum(bytes), sum(uploads) FROM (
            SELECT keeper AS who, 1 AS batches, bytes, 0 AS uploads FROM batch WHERE deleted = 0
            UNION ALL
            SELECT keeper, 0, \(held("upload")), 0
                FROM upload JOIN batch ON batch.id = upload.batch WHERE image IS NULL
            UNION ALL
            SELECT owner, 0, 0, 1
                FROM upload JOIN batch ON batch.id = upload.batch WHERE complete = 0
        ) GROUP BY who
        """

    /// A batch counts until it is deleted, though what it held is removed later. A part is in no batch's
    /// sum, and counts by itself.
    static let schema = """
        CREATE TABLE ownerUse (
            owner TEXT PRIMARY KEY,
            batches INTEGER NOT NULL DEFAULT 0,
            bytes INTEGER NOT NULL DEFAULT 0,
            uploads INTEGER NOT NULL DEFAULT 0
        ) WITHOUT ROWID;
        INSERT INTO ownerUse (owner, batches, bytes, uploads) \(recount);

        CREATE TRIGGER useOfBatchAdded AFTER INSERT ON batch BEGIN
            \(add("batches", "1", to: "NEW.keeper"))
        END;
        CREATE TRIGGER useOfBatchGrown AFTER UPDATE OF bytes ON batch
            WHEN NEW.bytes <> OLD.bytes AND NEW.deleted = 0 BEGIN
            UPDATE ownerUse SET bytes = bytes + NEW.bytes - OLD.bytes WHERE owner = NEW.keeper;
        END;
        CREATE TRIGGER useOfBatchDeleted AFTER UPDATE OF deleted ON batch
            WHEN NEW.deleted <> OLD.deleted BEGIN
            UPDATE ownerUse SET bytes = bytes - OLD.bytes WHERE owner = OLD.keeper;
            \(take("batches", "1", from: "OLD.keeper"))
        END;
        CREATE TRIGGER useOfBatchRemoved AFTER DELETE ON batch WHEN OLD.deleted = 0 BEGIN
            UPDATE ownerUse SET bytes = bytes - OLD.bytes WHERE owner = OLD.keeper;
            \(take("batches", "1", from: "OLD.keeper"))
        END;

        CREATE TRIGGER useOfUploadAdded AFTER INSERT ON upload WHEN NEW.complete = 0 BEGIN
            \(add("uploads", "1", to: owner(of: "NEW")))
        END;
        CREATE TRIGGER useOfUploadEnded AFTER UPDATE OF complete ON upload
            WHEN NEW.complete <> OLD.complete BEGIN
            \(take("uploads", "1", from: owner(of: "OLD")))
        END;
        CREATE TRIGGER useOfUploadRemoved AFTER DELETE ON upload WHEN OLD.complete = 0 BEGIN
            \(take("uploads", "1", from: owner(of: "OLD")))
        END;

        CREATE TRIGGER useOfPartAdded AFTER INSERT ON upload WHEN NEW.image IS NULL BEGIN
            \(add("bytes", held("NEW"), to: keeper(of: "NEW")))
        END;
        CREATE TRIGGER useOfPartGrown AFTER UPDATE OF offset, length ON upload
            WHEN NEW.image IS NULL AND \(held("NEW")) <> \(held("OLD")) BEGIN
            UPDATE ownerUse SET bytes = bytes + \(held("NEW")) - \(held("OLD"))
                WHERE owner = \(keeper(of: "NEW"));
        END;
        CREATE TRIGGER useOfPartRemoved AFTER DELETE ON upload WHEN OLD.image IS NULL BEGIN
            \(take("bytes", held("OLD"), from: keeper(of: "OLD")))
        END;
        CREATE TRIGGER useOfPartMoved AFTER UPDATE OF batch ON upload
            WHEN NEW.batch <> OLD.batch BEGIN
            \(add("uploads", "1 - NEW.complete", to: owner(of: "NEW")))
            \(add("bytes", held("NEW"), to: keeper(of: "NEW")))
            \(take("uploads", "(1 - OLD.complete)", from: owner(of: "OLD")))
            \(take("bytes", held("OLD"), from: keeper(of: "OLD")))
        END;
        """
}
