// SHA-256 and SHA-1 (FIPS 180-4) by the system's OpenSSL. A hash in progress is a value: copying it goes
// on from there twice.

internal import CCrypto

/// A hash function that takes its input piece by piece.
package protocol HashFunction: Sendable {
    init()
    mutating func update(_ bytes: UnsafeRawBufferPointer)
    /// The digest of all bytes so far. More may follow.
    func finalize() -> [UInt8]
}

extension HashFunction {
    /// The digest of `bytes`, which are all there is.
    package static func hash(_ bytes: some Sequence<UInt8>) -> [UInt8] {
        var hash = Self()
        let isDone: Void? = bytes.withContiguousStorageIfAvailable { hash.update(.init($0)) }
        if isDone == nil { Array(bytes).withUnsafeBytes { hash.update($0) } }
        return hash.finalize()
    }
}

/// 32 bytes.
package struct SHA256: HashFunction {
    private var state = SHA256_CTX()

    package init() { SHA256_Init(&state) }

    package mutating func update(_ bytes: UnsafeRawBufferPointer) {
        SHA256_Update(&state, bytes.baseAddress, bytes.count)
    }

    package func finalize() -> [UInt8] {
        var copy = state
        var digest = [UInt8](repeating: 0, count: Int(SHA256_DIGEST_LENGTH))
        SHA256_Final(&digest, &copy)
        return digest
    }
}

/// 20 bytes. For checksums that a client announces by this name (tus 1.0.0), not for secrets.
package struct SHA1: HashFunction {
    private var state = SHA_CTX()

    package init() { SHA1_Init(&state) }

    package mutating func update(_ bytes: UnsafeRawBufferPointer) {
        SHA1_Update(&state, bytes.baseAddress, bytes.count)
    }

    package func finalize() -> [UInt8] {
        var copy = state
        var digest = [UInt8](repeating: 0, count: Int(SHA_DIGEST_LENGTH))
        SHA1_Final(&digest, &copy)
        return digest
    }
}

/// Whether both hold the same bytes. Takes the same time wherever they differ; their length is no secret.
package func isEqualInConstantTime(_ one: [UInt8], _ other: [UInt8]) -> Bool {
    one.count == other.count && CRYPTO_memcmp(one, other, one.count) == 0
}

/// HMAC with SHA-256 (RFC 2104): 32 bytes.
package func hmacSHA256(of message: [UInt8], key: [UInt8]) -> [UInt8] {
    var code = [UInt8](repeating: 0, count: Int(SHA256_DIGEST_LENGTH))
    HMAC(EVP_sha256(), key, Int32(key.count), message, message.count, &code, nil)
    return code
}
