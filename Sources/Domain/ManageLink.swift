// A manage link lets other browsers manage all that its owner has: a second device, or one whose cookie
// was lost (docs/decisions/0045-manage-links.md).

package import Foundation

/// The secret of a manage link, `m_…`: shown once, to whoever made it; stores keep its SHA-256.
package enum ManageLink: Identified {
    package static let identifierPrefix = "m"
    package typealias Secret = Identifier<ManageLink>

    /// Browsers that may manage by one link.
    package static let devicesPerLink = 20

    /// What its owner is told of it.
    package struct Use: Sendable, Hashable {
        package let madeAt: Date
        /// Browsers that have taken it.
        package let devices: Int

        package init(madeAt: Date, devices: Int) {
            self.madeAt = madeAt
            self.devices = devices
        }
    }
}

/// Who asks. A browser that has taken a manage link is the link's owner in all that it begins, and keeps
/// what it had before.
package struct Bearer: Sendable, Hashable {
    /// By its own secret.
    package let holder: Owner
    /// Whose are the batches that it begins.
    package let owner: Owner

    package init(_ holder: Owner, managing owner: Owner? = nil) {
        self.holder = holder
        self.owner = owner ?? holder
    }

    /// Whether it may do what the owner may.
    package func stands(for owner: Owner) -> Bool { owner == holder || owner == self.owner }

    /// All whom it stands for.
    package var owners: [Owner] { holder == owner ? [owner] : [owner, holder] }
}

/// A browser that may manage what is somebody else's.
package struct Device: Sendable, Hashable {
    package let holder: Owner
    package let owner: Owner

    package init(holder: Owner, owner: Owner) {
        self.holder = holder
        self.owner = owner
    }
}

/// An owner has at most one manage link.
package protocol ManageLinkStore: Sendable {
    /// Keeps a link. That of before opens nothing any more; who took it keeps what they have.
    /// - Parameter secret: its SHA-256, in hexadecimal, as for all of these.
    func makeManageLink(secret: String, of owner: Owner, at date: Date) async throws
    /// Nil where there is none.
    func manageLink(of owner: Owner) async throws -> ManageLink.Use?
    /// Lets a browser manage what is the link's owner's, and by no other link from then on.
    /// - Returns: nil where that changes nothing: for the owner's own browser, one that has taken the link
    ///   already, and one whose own link the owner has taken.
    /// - Throws: `no-such-manage-link`; `too-many-devices`.
    func takeManageLink(secret: String, as holder: Owner, at date: Date) async throws -> Device?
    /// The link opens nothing any more, and nobody manages by it. Without one nothing happens.
    func endManageLink(of owner: Owner) async throws
    /// All who manage by a link, in pages by their holders.
    func devices(after holder: Owner?, limit: Int) async throws -> [Device]
}
