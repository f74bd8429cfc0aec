// Photos that were here before: the same bytes, by the same recipe, of the same owner. Never
// somebody else's, or an upload would tell what others have.

package import Domain
import Foundation
import GRDB

extension SQLiteStore {
    package func hasOriginal(ofSize bytes: Int, for batch: Batch.ID) async throws -> Bool {
        try await read {
            try $0.hasOriginal("INDEXED BY imageBySize", "image.bytes = ?", [bytes], for: batch)
        }
    }
}

extension Database {
    /// Whether the batch's owner has uploaded these bytes before.
    func hasOriginal(of blob: Blob, for batch: Batch.ID) throws -> Bool {
        try hasOriginal(
            "INDEXED BY imageByBlob", "image.sha256 = ? AND image.bytes = ?",
            [blob.sha256, blob.size], for: batch)
    }

    /// Whether the batch's owner has an image that is uploaded and for which `condition` holds.
    fileprivate func hasOriginal(
        _ index: String, _ condition: String, _ values: StatementArguments, for batch: Batch.ID
    ) throws -> Bool {
        let found = try row(
            """
            SELECT 1 FROM image \(index) JOIN batch ON batch.id = image.batch
            WHERE image.sha256 IS NOT NULL AND \(condition) AND batch.deleted = 0
                AND image.owner = (SELECT owner FROM batch WHERE id = ?) LIMIT 1
            """, values + [batch.rawValue])
        return found != nil
    }

    /// Takes over what was made of an equal image, if there is one that is ready.
    func copyTwin(of image: Image, at date: Date) throws -> (image: Image, commit: Commit)? {
        guard let twin = try twin(of: image) else { return nil }
        let renditions = try Row.fetchAll(
            cachedStatement(sql: "SELECT * FROM rendition WHERE image = ?"),
            arguments: [twin.id.rawValue]
        ).map(Rendition.init)
        return try record(
            .copied(from: twin, renditions), of: image.id, in: image.batch, at: date)
    }

    /// One that was developed itself, rather than a copy of it.
    private func twin(of image: Image) throws -> Image? {
        try row(
            """
            SELECT twin.* FROM image AS own
            JOIN batch AS ownBatch ON ownBatch.id = own.batch
            JOIN image AS twin INDEXED BY readyByBlob
                ON twin.sha256 = own.sha256 AND twin.owner = own.owner AND twin.id <> own.id
            JOIN batch AS twinBatch ON twinBatch.id = twin.batch
            WHERE own.id = ? AND twinBatch.recipe = ownBatch.recipe AND twinBatch.deleted = 0
                AND twin.document ->> '$.state' = 'ready'
            ORDER BY twin.document ->> '$.sameAs' IS NOT NULL, twin.id
            LIMIT 1
            """, [image.id.rawValue]
        ).map(Image.init)
    }
}

enum Twins {
    /// What an owner has, whatever others have. Ready ones in the order in which `twin` takes them, so
    /// that it looks at one, however many there are.
    static let schema = """
        ALTER TABLE image ADD COLUMN owner TEXT NOT NULL DEFAULT '';
        UPDATE image SET owner = (SELECT owner FROM batch WHERE id = image.batch);
        DROP INDEX imageByBlob;
        CREATE INDEX imageByBlob ON image (sha256, owner);
        DROP INDEX imageBySize;
        CREATE INDEX imageBySize ON image (owner, bytes) WHERE sha256 IS NOT NULL;
        DROP INDEX readyByBlob;
        CREATE INDEX readyByBlob
            ON image (sha256, owner, document ->> '$.sameAs' IS NOT NULL, id)
            WHERE document ->> '$.state' = 'ready';
        """
}
