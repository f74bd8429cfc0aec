// The passwords of drop links. One is looked at at a time, since each costs 16 MiB for a moment; after five
// wrong ones an address waits.

import Domain
import Foundation
import Hashing

actor DropPasswords {
    static let perMinute = 5
    /// Characters of a password.
    static let length = 200

    private let wrong: RateLimit

    init(now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }) {
        wrong = RateLimit("wrong passwords", perMinute: Self.perMinute, now: now)
    }

    /// As a store may keep it.
    /// - Throws: `bad-request` where it is too long.
    func hash(_ password: String) throws(Problem) -> String {
        guard password.count <= Self.length else {
            throw Problem(
                .badRequest, "A password has at most \(Self.length) characters.",
                limit: Self.length, actual: password.count)
        }
        return PasswordHash(of: Self.plain(password)).text
    }

    /// - Parameter kept: the link's; nil where it has none.
    /// - Throws: `wrong-password`, also where there is none; `too-many-requests`.
    func check(_ password: String?, against kept: String?, by asker: Asker) throws(Problem) {
        guard let kept else { return }
        guard let password, password.count <= Self.length else { throw Problem(.wrongPassword) }
        try wrong.requireRoom(for: asker)
        guard PasswordHash(text: kept).matches(Self.plain(password)) else {
            try wrong.count(asker)
            throw Problem(.wrongPassword)
        }
    }

    /// Keyboards write the same letter in several ways (Unicode Standard Annex 15).
    private static func plain(_ password: String) -> String {
        password.precomposedStringWithCanonicalMapping
    }
}
