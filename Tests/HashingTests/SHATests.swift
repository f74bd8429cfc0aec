import Hashing
import Testing

@Suite("Hashes")
struct SHATests {
    /// NIST's examples for FIPS 180-4, and the empty input.
    @Test(
        "have the values of the standard",
        arguments: [
            (
                "", "da39a3ee5e6b4b0d3255bfef95601890afd80709",
                "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
            ),
            (
                "abc", "a9993e364706816aba3e25717850c26c9cd0d89d",
                "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
            ),
            (
                "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
                "84983e441c3bd26ebaae4aa1f95129e5e54670f1",
                "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
            ),
            (
                String(repeating: "a", count: 1_000_000),
                "34aa973cd4c4daa4f61eeb2bdbad27316534016f",
                "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
            ),
        ])
    func vectors(input: String, sha1: String, sha256: String) {
        #expect(SHA1.hash(input.utf8).hexadecimal == sha1)
        #expect(SHA256.hash(input.utf8).hexadecimal == sha256)
    }

    @Test(
        "do not depend on how the input is cut, and go on after they were asked", arguments: 0..<200
    )
    func pieces(cut: Int) {
        let input = (0..<200).map { UInt8(truncatingIfNeeded: $0 &* 37) }
        var hash = SHA256()
        input[..<cut].withUnsafeBytes { hash.update($0) }
        let copy = hash
        #expect(hash.finalize() == SHA256.hash(input[..<cut]))
        input[cut...].withUnsafeBytes { hash.update($0) }
        #expect(hash.finalize() == SHA256.hash(input))
        #expect(copy.finalize() == SHA256.hash(input[..<cut]))
    }

    @Test("are compared whole")
    func comparison() {
        let secret = SHA256.hash("secret".utf8)
        #expect(isEqualInConstantTime(secret, SHA256.hash("secret".utf8)))
        for index in secret.indices {
            var other = secret
            other[index] ^= 1
            #expect(!isEqualInConstantTime(secret, other))
        }
        #expect(!isEqualInConstantTime(secret, Array(secret.dropLast())))
        #expect(isEqualInConstantTime([], []))
    }
}
