// What whoever runs the server sees of it and tells it by the command line, in a process beside the
// server's own.

package import Foundation

/// What the server is to do with what its own process alone may change, since it writes the logs and knows
/// who reads and who sends. It waits in the store until the server carries it out, within seconds or at
/// its next start.
package enum Instruction: Sendable, Hashable {
    /// As by hand.
    case deleteBatch(Batch.ID)
    /// Nil is never. Where that has passed, the batch is deleted.
    case rescheduleBatch(Batch.ID, to: Date?)
    /// Nothing more is added by a drop link, or by a signed grant that was used.
    case endLink(DropLink.ID)

    /// One that waits.
    package struct Waiting: Sendable, Hashable {
        /// Those that were given later have higher ones.
        package let number: Int
        package let instruction: Instruction

        package init(number: Int, instruction: Instruction) {
            self.number = number
            self.instruction = instruction
        }
    }
}

/// A batch as the operator sees it.
package struct BatchOverview: Sendable, Hashable {
    package enum Order: String, Sendable, CaseIterable {
        /// The largest first.
        case size
        /// The oldest first.
        case age
        /// Those that end, the first to end first.
        case expiry
    }

    /// How it came.
    package enum Origin: Sendable, Hashable {
        case owner
        case dropLink(DropLink.ID)
        case grant(DropLink.ID, of: AppKey.ID)
    }

    package let id: Batch.ID
    package let name: String?
    package let keeper: Owner
    package let images: Int
    /// Of originals, those that were announced among them.
    package let bytes: Int
    package let createdAt: Date
    /// When its last event was.
    package let changedAt: Date?
    package let expiresAt: Date?
    package let origin: Origin
    /// What the server was told to do with it, and has not done yet.
    package let waiting: Instruction?

    package init(
        id: Batch.ID, name: String?, keeper: Owner, images: Int, bytes: Int, createdAt: Date,
        changedAt: Date?, expiresAt: Date?, origin: Origin, waiting: Instruction?
    ) {
        self.id = id
        self.name = name
        self.keeper = keeper
        self.images = images
        self.bytes = bytes
        self.createdAt = createdAt
        self.changedAt = changedAt
        self.expiresAt = expiresAt
        self.origin = origin
        self.waiting = waiting
    }
}

/// A drop link, or a signed grant that was used or denied, as the operator sees it.
package struct LinkOverview: Sendable, Hashable {
    package let link: DropLink
    /// That signed it; nil for a drop link.
    package let key: AppKey.ID?
    package let isDenied: Bool
    /// Whether the server was told to end it, and has not done so yet.
    package let isEnding: Bool
    /// Whether the batch that it was made on, or has made, is there.
    package let hasBatch: Bool
    package let guests: Int
    /// Photos of all guests together.
    package let images: Int
    /// Bytes of all guests together.
    package let bytes: Int

    package init(
        link: DropLink, key: AppKey.ID?, isDenied: Bool, isEnding: Bool, hasBatch: Bool,
        guests: Int, images: Int, bytes: Int
    ) {
        self.link = link
        self.key = key
        self.isDenied = isDenied
        self.isEnding = isEnding
        self.hasBatch = hasBatch
        self.guests = guests
        self.images = images
        self.bytes = bytes
    }

    package func isOver(at date: Date) -> Bool { isDenied || link.until <= date }
}

/// An invitation that nobody has taken.
package struct WaitingInvitation: Sendable, Hashable {
    /// The SHA-256 of its secret, in hexadecimal.
    package let name: String
    package let right: Right
    package let until: Date

    package init(name: String, right: Right, until: Date) {
        self.name = name
        self.right = right
        self.until = until
    }
}

/// A right that somebody was given.
package struct HeldRight: Sendable, Hashable {
    package let holder: Owner
    package let right: Right
    package let since: Date

    package init(holder: Owner, right: Right, since: Date) {
        self.holder = holder
        self.right = right
        self.since = since
    }
}

package protocol OperatorStore: Sendable {
    /// At most `limit` batches that nobody has deleted.
    func batches(by order: BatchOverview.Order, limit: Int) async throws -> [BatchOverview]
    /// At most `limit` drop links and signed grants, those that last the longest first: so those that are
    /// over come last.
    func links(limit: Int) async throws -> [LinkOverview]
    /// At most `limit` that can be taken at `date`.
    func invitations(at date: Date, limit: Int) async throws -> [WaitingInvitation]
    /// At most `limit` rights that were given.
    func heldRights(limit: Int) async throws -> [HeldRight]
    /// Takes back an invitation that nobody has taken.
    /// - Parameter beginning: of its name.
    /// - Throws: `no-such-invitation`.
    func withdrawInvitation(_ beginning: String) async throws
    /// Takes from a holder all rights that they were given. What they have begun stays theirs.
    /// - Parameter beginning: of the holder's name.
    /// - Throws: `no-such-grant` for who has none.
    func withdrawRights(ofHolder beginning: String) async throws

    /// Keeps an instruction, in the place of an earlier one for the same batch or link.
    /// - Throws: `no-such-batch`, `batch-deleted`, `no-such-drop-link`.
    func give(_ instruction: Instruction) async throws
    /// At most `limit` that wait, in the order in which they were given, those behind `number`.
    func instructions(after number: Int, limit: Int) async throws -> [Instruction.Waiting]
    /// It was carried out. One that came in its place meanwhile still waits.
    func forgetInstruction(_ number: Int) async throws
}
