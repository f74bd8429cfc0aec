import Testing

@testable import Hashing

@Suite("A password's hash")
struct PasswordHashTests {
    @Test(
        "is that of RFC 7914, section 12",
        arguments: [
            (
                "", "", 16, 1, 1,
                "77d6576238657b203b19ca42c18a0497f16b4844e3074ae8dfdffa3fede21442"
                    + "fcd0069ded0948f8326a753a0fc81f17e8d3e0fb2e0d3628cf35e20c38d18906"
            ),
            (
                "password", "NaCl", 1024, 8, 16,
                "fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162"
                    + "2eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640"
            ),
            (
                "pleaseletmein", "SodiumChloride", 16_384, 8, 1,
                "7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2"
                    + "d5432955613f0fcf62d49705242a9af9e61e85dc0d651e40dfcf017b45575887"
            ),
        ] as [(String, String, UInt64, UInt64, UInt64, String)])
    func vectors(
        password: String, salt: String, cost: UInt64, blockSize: UInt64, parallelism: UInt64,
        hash: String
    ) {
        let made = PasswordHash.scrypt(
            Array(password.utf8), salt: Array(salt.utf8), cost: cost, blockSize: blockSize,
            parallelism: parallelism, count: 64)
        #expect(made.hexadecimal == hash)
    }

    @Test("knows its password and no other, and is another one each time")
    func matches() {
        let hash = PasswordHash(of: "sesame")
        let kept = PasswordHash(text: hash.text)
        #expect(kept.matches("sesame"))
        for other in ["", "Sesame", "sesame ", "sesam"] { #expect(!kept.matches(other)) }
        #expect(PasswordHash(of: "sesame") != hash)
        #expect(!hash.text.contains("sesame"))
    }

    @Test(
        "that cannot be read is of no password",
        arguments: ["", "scrypt", "scrypt$$", "md5$a$b"])
    func unreadable(text: String) { #expect(!PasswordHash(text: text).matches("")) }
}
