// The header fields of tus 1.0.0 that are more than a number (https://tus.io/protocols/resumable-upload).

import Domain
import Foundation
import HTTPTypes

/// `Upload-Metadata`: pairs of a key and a value in base64, separated by commas.
struct TusMetadata: Sendable, Equatable {
    private(set) var values: [String: [UInt8]] = [:]

    /// Bytes of the field, which is kept with the upload for as long as that is open.
    static let limit = 4 << 10

    /// - Throws: `bad-request` for too long a text, an empty or repeated key, or a value that is not
    ///   base64.
    init(_ text: String) throws(Problem) {
        guard text.utf8.count <= Self.limit else {
            throw Problem(
                .badRequest,
                "Upload-Metadata has \(text.utf8.count) bytes; at most \(Self.limit) are accepted.",
                limit: Self.limit, actual: text.utf8.count)
        }
        guard text.contains(where: { $0 != " " }) else { return }
        for pair in text.split(separator: ",", omittingEmptySubsequences: false) {
            let words = pair.split(separator: " ")
            guard let key = words.first, words.count <= 2, key.utf8.allSatisfy({ $0 > 0x20 }),
                values[String(key)] == nil
            else { throw Problem(.badRequest, "Upload-Metadata is malformed at “\(pair)”.") }
            guard let value = Data(base64Encoded: words.count == 2 ? String(words[1]) : "") else {
                throw Problem(.badRequest, "Upload-Metadata: the value of \(key) is not base64.")
            }
            values[String(key)] = Array(value)
        }
    }

    /// The file's name by the keys that clients use for it, with its folders where they are told
    /// beside it.
    var fileName: String? {
        let name = text("filename") ?? text("name")
        if let name, let path = text("relativePath"), path.hasSuffix("/\(name)") { return path }
        return name
    }

    private func text(_ key: String) -> String? {
        guard let bytes = values[key], !bytes.isEmpty else { return nil }
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// `Upload-Concat`.
enum TusConcat: Sendable, Equatable {
    case partial
    case final([Upload.ID])

    /// - Throws: `bad-request`.
    init(_ text: String) throws(Problem) {
        if text == "partial" {
            self = .partial
            return
        }
        let words = text.split(whereSeparator: { $0 == ";" || $0 == " " })
        guard words.first == "final", words.count > 1 else {
            throw Problem(.badRequest, "Upload-Concat must be partial or final;URL URL….")
        }
        var parts: [Upload.ID] = []
        var named: Set<Upload.ID> = []
        for url in words.dropFirst() {
            // Absolute or relative: the name is the last component either way.
            guard let id = url.split(separator: "/").last.flatMap({ Upload.ID($0) }) else {
                throw Problem(.badRequest, "Upload-Concat: \(url) is no upload of this server.")
            }
            // Bytes that came once are written once: a short header could ask for any number.
            guard named.insert(id).inserted else {
                throw Problem(.badRequest, "Upload-Concat names \(id) twice.")
            }
            parts.append(id)
        }
        self = .final(parts)
    }
}

/// `Upload-Checksum: algorithm base64`.
enum TusChecksum {
    static let algorithms = RequestDigest.Algorithm.allCases.map(\.rawValue).joined(separator: ",")

    /// Nil where the request announces none.
    /// - Throws: `bad-request`.
    static func digest(of headers: HTTPFields) throws(Problem) -> RequestDigest? {
        let expected = try parse(headers)
        let comesLater =
            headers[.trailer]?.lowercased().contains("upload-checksum") == true
        guard !expected.isEmpty || comesLater else { return nil }
        return RequestDigest(expected) { fields throws(Problem) in try parse(fields) }
    }

    private static func parse(
        _ fields: HTTPFields
    ) throws(Problem) -> [RequestDigest.Algorithm: [UInt8]] {
        guard let text = fields[.uploadChecksum] else { return [:] }
        let words = text.split(separator: " ")
        guard words.count == 2, let algorithm = RequestDigest.Algorithm(rawValue: String(words[0]))
        else {
            throw Problem(
                .badRequest, "Upload-Checksum must be one of \(algorithms) and a digest.")
        }
        guard let digest = Data(base64Encoded: String(words[1])) else {
            throw Problem(.badRequest, "Upload-Checksum: the digest is not base64.")
        }
        return [algorithm: Array(digest)]
    }
}
