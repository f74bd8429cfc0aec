// `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header): the client's name for a request that
// makes something or cannot be done twice, so that it can ask again when the answer got lost. A client
// that gives none is served as ever.

package import Domain
import HTTPTypes
import Hashing
import Synchronization

package struct IdempotencyKey: Hashable, Sendable {
    /// Characters a key has at most.
    static let limit = 128

    let word: String

    /// - Throws: `bad-request` unless it is 1 to 128 characters of printable ASCII, which is all that
    ///   a string of a structured field may hold.
    init(_ word: String) throws(Problem) {
        guard (1...Self.limit).contains(word.utf8.count),
            word.utf8.allSatisfy({ (0x20...0x7e).contains($0) })
        else {
            throw Problem(
                .badRequest, "A key has 1 to \(Self.limit) characters of printable ASCII.",
                limit: Self.limit, actual: word.count)
        }
        self.word = word
    }

    /// Nil where the request has none.
    /// - Throws: `bad-request` for one that is no string of a structured field (RFC 9651), or too long.
    static func of(_ headers: HTTPFields) throws(Problem) -> IdempotencyKey? {
        guard let text = headers[.idempotencyKey] else { return nil }
        guard let word = StructuredField.string(text) else {
            throw Problem(.badRequest, "Idempotency-Key must be one string in double quotes.")
        }
        return try IdempotencyKey(word)
    }

    /// The key together with what is asked under it.
    /// - Parameter place: which of the things it makes.
    package func request(_ asked: String?..., place: Int = 0) -> RequestKey {
        let text = JSON.array(asked.map { $0.map(JSON.string) ?? .null }).text
        return RequestKey(
            word: word, place: place, request: SHA256.hash(text.utf8).hexadecimal)
    }
}

/// The requests under keys that are being carried out at this moment. One that comes again meanwhile
/// cannot be answered yet: what the first will make is not known.
final class KeysUnderWay: Sendable {
    private struct Name: Hashable {
        let key: IdempotencyKey
        let batch: Batch.ID
    }

    private let names = Mutex<Set<Name>>([])

    /// Runs `body` as the only request under the key, if there is one.
    /// - Throws: `request-under-way`.
    func hold<Value>(
        _ key: IdempotencyKey?, in batch: Batch.ID, _ body: () async throws -> Value
    ) async throws -> Value {
        guard let key else { return try await body() }
        let name = Name(key: key, batch: batch)
        guard names.withLock({ $0.insert(name).inserted }) else {
            throw Problem(.requestUnderWay)
        }
        defer { _ = names.withLock { $0.remove(name) } }
        return try await body()
    }
}
