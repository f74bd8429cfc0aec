// A right that somebody was given. An invitation is one that waits for whoever brings its secret.

package import Foundation

/// What a grant allows.
package enum Right: String, Sendable, Hashable, CaseIterable {
    /// To begin batches.
    case begin
}

extension Batch {
    /// What somebody may do with a batch. Who knows its name may read it, and needs none of these.
    package enum Right: String, Sendable, Hashable, CaseIterable {
        /// To send photos, to cancel or retry them, and to take them back.
        case add
        /// To see originals, to name and to delete the batch, to make drop links.
        case manage
    }

    /// The one question of what `bearer` may do with it (docs/access.md).
    /// - Throws: `not-owner`; `drop-ended` where it came by a drop link that is over, for all who would
    ///   add something.
    package func require(_ right: Right, by bearer: Bearer?, at date: Date) throws(Problem) {
        switch right {
        case .manage:
            guard let bearer, bearer.stands(for: keeper) else { throw Problem(.notOwner) }
        case .add:
            guard let bearer, bearer.stands(for: keeper) || bearer.stands(for: owner) else {
                throw Problem(.notOwner)
            }
            if let guestsUntil, date >= guestsUntil { throw Problem(.dropEnded) }
        }
    }

    /// The same, as an answer.
    package func rights(of bearer: Bearer?, at date: Date) -> [Right] {
        Right.allCases.filter { right in
            do {
                try require(right, by: bearer, at: date)
                return true
            } catch { return false }
        }
    }
}

/// The secret of an invitation, `v_…`: shown once, to whom it is meant for; stores keep its SHA-256.
package enum Invitation: Identified {
    package static let identifierPrefix = "v"
    package typealias Secret = Identifier<Invitation>
}

/// Who has been given which right.
package protocol GrantStore: SignedGrantStore, ManageLinkStore {
    /// Keeps an invitation that whoever brings its secret first may take, until `end`.
    /// - Parameter secret: its SHA-256, in hexadecimal.
    func invite(to right: Right, secret: String, until end: Date, at date: Date) async throws
    /// Gives what the invitation promises to `holder`, who has it from then on, and takes the
    /// invitation away.
    /// - Throws: `no-such-invitation` for one that never was, is used or is over: these look the same.
    func accept(invitation secret: String, as holder: Owner, at date: Date) async throws
    func holds(_ right: Right, _ holder: Owner) async throws -> Bool
    /// Whether there is anybody who does.
    func isHeld(_ right: Right) async throws -> Bool
}
