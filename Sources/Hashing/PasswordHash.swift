// A password as it may be kept: by scrypt (RFC 7914), so that whoever gets hold of it has to pay for each
// guess.

internal import CCrypto

package struct PasswordHash: Sendable, Hashable {
    /// `scrypt$` with salt and hash in hexadecimal, 16 and 32 bytes.
    package let text: String

    /// N, r and p of the RFC's section 2: 16 MiB, and some 50 ms of a core.
    private static let (cost, blockSize, parallelism) = (UInt64(1) << 14, UInt64(8), UInt64(1))

    /// Of a new password, with a salt of its own.
    package init(of password: String) {
        let salt = (0..<16).map { _ in UInt8.random(in: .min ... .max) }
        self.init(of: password, salt: salt.hexadecimal)
    }

    /// As it was kept.
    package init(text: String) { self.text = text }

    private init(of password: String, salt: String) {
        let hash = Self.scrypt(Array(password.utf8), salt: Array(salt.utf8))
        text = "scrypt$\(salt)$\(hash.hexadecimal)"
    }

    /// Whether it is of this password. Takes as long for a wrong one as for the right one.
    package func matches(_ password: String) -> Bool {
        let parts = text.split(separator: "$")
        guard parts.count == 3, parts[0] == "scrypt" else { return false }
        let other = PasswordHash(of: password, salt: String(parts[1]))
        return isEqualInConstantTime(Array(text.utf8), Array(other.text.utf8))
    }

    static func scrypt(
        _ password: [UInt8], salt: [UInt8], cost: UInt64 = cost, blockSize: UInt64 = blockSize,
        parallelism: UInt64 = parallelism, count: Int = 32
    ) -> [UInt8] {
        var hash = [UInt8](repeating: 0, count: count)
        let isDone = password.withUnsafeBytes { password in
            EVP_PBE_scrypt(
                password.baseAddress?.assumingMemoryBound(to: CChar.self), password.count, salt,
                salt.count, cost, blockSize, parallelism, 0, &hash, count)
        }
        precondition(isDone == 1, "scrypt has no memory")
        return hash
    }
}
