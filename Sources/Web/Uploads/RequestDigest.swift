// Digests of one request's body, announced before it or in the trailer behind it.

import Domain
import HTTPTypes
import Hashing
import NIOCore

struct RequestDigest: Sendable {
    enum Algorithm: String, Sendable, CaseIterable {
        case sha1, sha256
    }

    /// What the body must have, by algorithm; empty while the trailer is yet to tell.
    private(set) var expected: [Algorithm: [UInt8]]
    /// Reads what is expected from a trailer.
    private let parse: @Sendable (HTTPFields) throws(Problem) -> [Algorithm: [UInt8]]
    private var sha1: SHA1?
    private var sha256: SHA256?

    /// - Parameter expected: empty where only a trailer will tell; then every algorithm is kept up.
    init(
        _ expected: [Algorithm: [UInt8]],
        parse: @escaping @Sendable (HTTPFields) throws(Problem) -> [Algorithm: [UInt8]]
    ) {
        self.expected = expected
        self.parse = parse
        if expected.isEmpty || expected[.sha1] != nil { sha1 = SHA1() }
        if expected.isEmpty || expected[.sha256] != nil { sha256 = SHA256() }
    }

    mutating func update(_ buffer: ByteBuffer) {
        buffer.withUnsafeReadableBytes { bytes in
            sha1?.update(bytes)
            sha256?.update(bytes)
        }
    }

    /// - Throws: `digest-mismatch`; `bad-request` where no digest came.
    mutating func check(trailer: HTTPFields?) throws(Problem) {
        if expected.isEmpty { expected = try parse(trailer ?? [:]) }
        guard !expected.isEmpty else {
            throw Problem(.badRequest, "The digest that the request announced did not come.")
        }
        let actual: [Algorithm: [UInt8]?] = [
            .sha1: sha1.map { $0.finalize() }, .sha256: sha256.map { $0.finalize() },
        ]
        for (algorithm, digest) in expected where actual[algorithm] != digest {
            throw Problem(
                .digestMismatch, "The bytes do not have the \(algorithm.rawValue) digest announced."
            )
        }
    }
}
