// What a client says of a file before it sends it, kept with the upload until it ends.

import Domain
import Foundation

struct UploadMetadata: Codable, Sendable, Hashable {
    /// As the client says it; cleaned from when it is kept.
    var name: String
    /// `Upload-Metadata` (tus), to be echoed.
    var metadata: String?
    /// `Upload-Concat` (tus), to be echoed.
    var concat: String?
    /// Whether the batch was made for this part alone, and is to go with it.
    var ownsBatch: Bool?
    /// The SHA-256 the whole file must have, in lower-case hexadecimal (`Repr-Digest`, RFC 9530).
    var sha256: String?

    init(
        name: String, metadata: String? = nil, concat: String? = nil, ownsBatch: Bool? = nil,
        sha256: String? = nil
    ) {
        self.name = name
        self.metadata = metadata
        self.concat = concat
        self.ownsBatch = ownsBatch
        self.sha256 = sha256
    }

    /// A part becomes a photo only by a concatenation.
    var isPart: Bool { concat == "partial" }

    init(of upload: Upload) throws {
        guard let text = upload.metadata else { throw Problem(.internal) }
        self = try JSONDecoder().decode(UploadMetadata.self, from: Data(text.utf8))
    }

    var text: String {
        get throws { String(decoding: try JSONEncoder().encode(self), as: UTF8.self) }
    }
}
