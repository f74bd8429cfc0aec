// A drop link lets guests without an account add photos to what its issuer keeps
// (docs/decisions/0040-drop-links.md). Each guest has a batch of their own, which the issuer manages:
// so nothing of it has to be hidden from other guests.

package import Foundation

package struct DropLink: Identified, Sendable, Hashable {
    package typealias ID = Identifier<DropLink>
    package static let identifierPrefix = "l"
    /// `d_…`: shown once, to its issuer; stores keep its SHA-256.
    package typealias Secret = Identifier<DropSecret>

    package let id: ID
    /// The batch that it was made on, and whose recipe the guests' batches have.
    package let batch: Batch.ID
    /// What guests read of who asks, and for what.
    package let title: String
    /// Whether the page asks guests for their name.
    package let asksName: Bool
    /// What guests must know beside the link, by scrypt (`PasswordHash`); nil for nothing.
    package let password: String?
    /// Photos of all guests together; nil for any number.
    package let files: Int?
    /// Bytes of all guests together; nil for any number.
    package let bytes: Int?
    /// Bytes of one photo; nil for as many as the server takes.
    package let fileBytes: Int?
    /// From then on nothing is added: its time is over, or it was ended.
    package let until: Date

    package init(
        id: ID = .random(), batch: Batch.ID, title: String, asksName: Bool, password: String? = nil,
        files: Int?, bytes: Int?, fileBytes: Int? = nil, until: Date
    ) {
        self.id = id
        self.batch = batch
        self.title = title
        self.asksName = asksName
        self.password = password
        self.files = files
        self.bytes = bytes
        self.fileBytes = fileBytes
        self.until = until
    }

    /// A guest, by the batch that they have.
    package struct Guest: Sendable, Hashable {
        package let batch: Batch.ID
        /// The batch's.
        package let name: String?
        package let images: Int
        package let bytes: Int

        package init(batch: Batch.ID, name: String?, images: Int, bytes: Int) {
            self.batch = batch
            self.name = name
            self.images = images
            self.bytes = bytes
        }
    }

    /// A link, and what came by it.
    package struct Use: Sendable, Hashable {
        package let link: DropLink
        /// In the order in which they came.
        package let guests: [Guest]

        package init(link: DropLink, guests: [Guest]) {
            self.link = link
            self.guests = guests
        }
    }

    /// Characters of a title, and of a guest's name: a batch is called by both.
    package static let labelLength = 80
    /// Links that a batch may have, those that are over among them.
    package static let perBatch = 100
    /// Guests that a link may have: what is left of it is summed over their batches.
    package static let guestsPerLink = 1_000

    /// A title or a guest's name out of what somebody wrote; nil where nothing is left.
    /// - Throws: `bad-request` where it is too long.
    package static func label(_ raw: String, of what: String) throws(Problem) -> String? {
        guard raw.count <= labelLength else {
            throw Problem(
                .badRequest, "\(what) has at most \(labelLength) characters.",
                limit: labelLength, actual: raw.count)
        }
        return try Batch.name(raw)
    }

    /// What the batch of a guest is called at first.
    package func batchName(of guest: String?) -> String {
        guest.map { "\(title): \($0)" } ?? title
    }

    /// Whether its guests may send so much more beside what they have sent.
    /// - Parameter size: bytes of the whole file that this is of.
    /// - Throws: `too-many-files`, `too-many-bytes`, `file-too-large`.
    package func requireRoom(
        forFiles newFiles: Int, bytes newBytes: Int, of size: Int,
        beside used: (files: Int, bytes: Int)
    ) throws(Problem) {
        if let fileBytes, size > fileBytes {
            throw Problem(
                .fileTooLarge, "A photo may have \(fileBytes) bytes here; this one has \(size).",
                limit: fileBytes, actual: size)
        }
        if let files, used.files + newFiles > files {
            throw Problem(
                .tooManyFiles, "The drop link takes \(files) photos in all.", limit: files,
                actual: used.files + newFiles)
        }
        if let bytes, used.bytes + newBytes > bytes {
            throw Problem(
                .tooManyBytes,
                "The drop link takes \(bytes) bytes in all; there would be \(used.bytes + newBytes).",
                limit: bytes, actual: used.bytes + newBytes)
        }
    }
}

/// What the secret of a drop link is called.
package enum DropSecret: Identified {
    package static let identifierPrefix = "d"
}

/// Drop links, and the batches of their guests.
package protocol DropLinkStore: Sendable {
    /// Keeps a link; who keeps its batch keeps the guests' batches, too.
    /// - Parameter secret: its SHA-256, in hexadecimal, as for all of these.
    /// - Throws: `no-such-batch`, `batch-deleted`; `batch-full` for a batch with too many links.
    func makeDropLink(_ link: DropLink, secret: String, at date: Date) async throws
    /// - Throws: `no-such-drop-link` for one that never was, was ended or is over: these look the same.
    func dropLink(secret: String, at date: Date) async throws -> DropLink
    /// The guest's batch: a new one, or the one that they have by this link.
    /// - Parameter name: what the guest calls themselves.
    /// - Parameter expiresAt: of a new one; nil where it is kept for ever.
    /// - Throws: as `dropLink`; `too-many-guests` and, of who made the link, `too-many-batches`.
    func enterDrop(
        secret: String, as guest: Owner, asker: Asker, name: String?, expiresAt: Date?,
        limits: Limits, at date: Date
    ) async throws -> Batch
    /// The link that a guest's batch came by, also when it is over; nil for any other batch.
    func dropLink(of batch: Batch.ID) async throws -> DropLink?
    /// Of a batch, the newest first, those that are over among them.
    func dropLinks(of batch: Batch.ID) async throws -> [DropLink.Use]
    /// From `date` on nothing can be added by the link. One that is over stays as it is.
    /// - Returns: the batches of its guests, whose unfinished uploads the caller ends.
    /// - Throws: `no-such-drop-link` where the batch has no such link.
    func endDropLink(
        _ id: DropLink.ID, of batch: Batch.ID, at date: Date
    ) async throws -> [Batch.ID]
}

/// Grants that a key has signed, as far as they were used. Each is a drop link of one guest, its holder,
/// on the batch that it made when it was used first.
package protocol SignedGrantStore: AppKeyStore, DropLinkStore {
    /// The batch of the grant that has this secret: a new one, whose name is that of the link's title, or
    /// the one that it has. Of two grants with the same secret the one that lasts longer says what is
    /// allowed.
    /// - Parameters:
    ///   - terms: `batch` is what a new one is called.
    ///   - keeper: the key's.
    ///   - expiresAt: of a new batch; nil where it is kept for ever.
    /// - Throws: `drop-ended` for one that was denied, or whose batch was deleted; of the key,
    ///   `too-many-batches`.
    func enterGrant(
        secret: String, of key: AppKey.ID, on terms: DropLink, as holder: Owner,
        keptBy keeper: Owner,
        asker: Asker, recipe: Recipe, expiresAt: Date?, limits: Limits,
        at date: Date
    ) async throws -> Batch
    /// From now on nothing is added by a grant of this secret, whether or not it was used.
    /// - Returns: its batch, whose unfinished uploads the caller ends.
    func denyGrant(secret: String, of key: AppKey.ID, at date: Date) async throws -> [Batch.ID]
    /// From `date` on nothing is added by a drop link, or by a grant that was used; that one is denied.
    /// - Returns: the batches of its guests, as `denyGrant`.
    /// - Throws: `no-such-drop-link`.
    func endLink(_ id: DropLink.ID, at date: Date) async throws -> [Batch.ID]
    /// Denies at most `limit` grants of keys that were withdrawn.
    /// - Returns: their batches, as `denyGrant`; none where all are denied.
    func denyGrantsOfWithdrawnKeys(limit: Int, at date: Date) async throws -> [Batch.ID]
}
