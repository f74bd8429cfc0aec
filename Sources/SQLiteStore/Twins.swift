// Photos that were developed before: the same bytes, by the same recipe, of the same owner. Never
// somebody else's, or an upload would tell what others have.

import Domain
import Foundation
import GRDB

extension Database {
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
            JOIN image AS twin ON twin.sha256 = own.sha256 AND twin.id <> own.id
            JOIN batch AS twinBatch ON twinBatch.id = twin.batch
            WHERE own.id = ? AND twinBatch.owner = ownBatch.owner
                AND twinBatch.recipe = ownBatch.recipe
                AND twin.document ->> '$.state' = 'ready'
            ORDER BY twin.document ->> '$.sameAs' IS NOT NULL, twin.id
            LIMIT 1
            """, [image.id.rawValue]
        ).map(Image.init)
    }
}
