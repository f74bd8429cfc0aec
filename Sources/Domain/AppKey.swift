// Keys with which programs of others sign grants for their users, without asking this server
// (docs/decisions/0044-signed-grants.md).

package import Foundation

package struct AppKey: Identified, Sendable, Hashable {
    package typealias ID = Identifier<AppKey>
    package static let identifierPrefix = "k"

    package let id: ID
    /// What it signs with: 64 characters, 256 random bits (RFC 7518, section 3.2). Kept as it is, since
    /// signatures are checked with it.
    package let secret: String
    /// What the operator calls it.
    package let name: String
    /// Whether its grants may allow to manage batches, and not only to add to them.
    package let mayManage: Bool
    /// Origins whose pages may use its grants, such as `https://albums.example`.
    package let origins: [String]

    package init(
        id: ID = .random(), secret: String = Self.newSecret(), name: String, mayManage: Bool,
        origins: [String]
    ) {
        self.id = id
        self.secret = secret
        self.name = name
        self.mayManage = mayManage
        self.origins = origins
    }

    package static func newSecret() -> String {
        (0..<4).map { _ in
            let digits = String(UInt64.random(in: .min ... .max), radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }.joined()
    }
}

package protocol AppKeyStore: Sendable {
    func addKey(_ key: AppKey, at date: Date) async throws
    /// All that were not withdrawn, the oldest first.
    func keys() async throws -> [AppKey]
    /// - Throws: `no-such-key`.
    func withdrawKey(_ id: AppKey.ID) async throws
}
