// A right that somebody was given. An invitation is one that waits for whoever brings its secret.

package import Foundation

/// What a grant allows.
package enum Right: String, Sendable, Hashable, CaseIterable {
    /// To begin batches.
    case begin
}

/// The secret of an invitation, `v_…`: shown once, to whom it is meant for; stores keep its SHA-256.
package enum Invitation: Identified {
    package static let identifierPrefix = "v"
    package typealias Secret = Identifier<Invitation>
}

/// Who has been given which right.
package protocol GrantStore: Sendable {
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
