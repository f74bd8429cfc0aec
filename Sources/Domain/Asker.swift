// Who asks for work, as far as can be told of somebody without an account. Whoever sends no secret
// is given a new one with each request, so a secret alone says little about who asks.

/// Photos take turns by who asked first, then by owner, then by batch.
package struct Asker: Hashable, Sendable {
    /// An address, or the part of it that one subscriber has.
    package let id: String

    package init(id: String) { self.id = id }

    /// A connection that has no address.
    package static let unknown = Asker(id: "")
}
