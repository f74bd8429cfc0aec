// "Resumable Uploads for HTTP" (draft-ietf-httpbis-resumable-upload): the versions of the draft
// that clients in the field speak, as a table. What differs between them is here and only here.

import Domain
import Foundation
import HTTPTypes
import Hashing

struct Draft: Sendable, Equatable {
    /// `Upload-Draft-Interop-Version`.
    let interop: Int
    /// Version 3 says `Upload-Incomplete` where later ones say `Upload-Complete`.
    let saysIncomplete: Bool
    /// Whether an append must be `application/partial-upload`.
    let requiresPartialType: Bool
    /// How `Upload-Limit` names the seconds left; nil where there is no such field.
    let ageKey: String?
    /// Whether 104 responses tell the progress too.
    let tellsProgress: Bool

    static let table = [
        // -01: URLSession of iOS 17 and macOS 14.
        Draft(
            3, saysIncomplete: true, requiresPartialType: false, ageKey: nil, tellsProgress: false),
        // -02.
        Draft(
            4, saysIncomplete: false, requiresPartialType: false, ageKey: nil, tellsProgress: false),
        // -03: iOS 18.0.
        Draft(
            5, saysIncomplete: false, requiresPartialType: false, ageKey: nil, tellsProgress: true),
        // -04 and -05: iOS 18.1.
        Draft(
            6, saysIncomplete: false, requiresPartialType: true, ageKey: "expires",
            tellsProgress: true),
        // -06 to -08.
        Draft(
            7, saysIncomplete: false, requiresPartialType: true, ageKey: "max-age",
            tellsProgress: true),
        newest,
    ]
    /// From -09: iOS 26.
    static let newest = Draft(
        8, saysIncomplete: false, requiresPartialType: true, ageKey: "max-age", tellsProgress: true)

    private init(
        _ interop: Int, saysIncomplete: Bool, requiresPartialType: Bool, ageKey: String?,
        tellsProgress: Bool
    ) {
        self.interop = interop
        self.saysIncomplete = saysIncomplete
        self.requiresPartialType = requiresPartialType
        self.ageKey = ageKey
        self.tellsProgress = tellsProgress
    }

    /// How a request speaks the draft; nil where it does not, or in a version we do not know: then
    /// it is a plain request, as the draft has it.
    static func spoken(in headers: HTTPFields) -> (draft: Draft, isAnnounced: Bool)? {
        if let text = headers[.uploadDraftInteropVersion] {
            let number = StructuredField.integer(text)
            return table.first { $0.interop == number }.map { ($0, true) }
        }
        guard
            StructuredField.boolean(headers[.uploadComplete]) != nil
                || headers[.contentType] == partialType
        else {
            let isOld = StructuredField.boolean(headers[.uploadIncomplete]) != nil
            return isOld ? (table[0], false) : nil
        }
        return (newest, false)
    }

    static let partialType = "application/partial-upload"

    // MARK: Fields

    /// Whether the request brings the last bytes; nil where it does not say.
    func isLast(_ headers: HTTPFields) -> Bool? {
        saysIncomplete
            ? StructuredField.boolean(headers[.uploadIncomplete]).map { !$0 }
            : StructuredField.boolean(headers[.uploadComplete])
    }

    func say(complete: Bool, in headers: inout HTTPFields) {
        if saysIncomplete {
            headers[.uploadIncomplete] = StructuredField.write(!complete)
        } else {
            headers[.uploadComplete] = StructuredField.write(complete)
        }
    }

    /// `Upload-Limit`, or nil in versions without it.
    func limit(_ limits: Limits, expiresAt: Date?, now: Date) -> String? {
        guard let ageKey else { return nil }
        var members = ["max-size=\(limits.fileBytes)", "min-size=1"]
        if let expiresAt {
            members.append("\(ageKey)=\(max(0, Int(expiresAt.timeIntervalSince(now))))")
        }
        return members.joined(separator: ", ")
    }
}

/// The digests of RFC 9530, of which SHA-256 is the one everybody has.
enum Digests {
    /// The SHA-256 of the whole file that the client announces, in lower-case hexadecimal.
    static func ofFile(_ headers: HTTPFields) -> String? {
        sha256(headers[.reprDigest])?.hexadecimal
    }

    /// The digest of this request's content, before it or in its trailer.
    static func ofContent(_ headers: HTTPFields) -> RequestDigest? {
        let expected = sha256(headers[.contentDigest])
        let comesLater = headers[.trailer]?.lowercased().contains("content-digest") == true
        guard expected != nil || comesLater else { return nil }
        return RequestDigest(expected.map { [.sha256: $0] } ?? [:]) { fields in
            sha256(fields[.contentDigest]).map { [.sha256: $0] } ?? [:]
        }
    }

    /// `Repr-Digest` of a whole file, for who asked with `Want-Repr-Digest`.
    static func answer(_ sha256: String, to headers: HTTPFields) -> String? {
        guard headers[.wantReprDigest]?.contains("sha-256") == true else { return nil }
        let digits = Array(sha256)
        let bytes = stride(from: 0, to: digits.count - 1, by: 2).compactMap {
            UInt8(String(digits[$0...$0 + 1]), radix: 16)
        }
        return "sha-256=:\(Data(bytes).base64EncodedString()):"
    }

    private static func sha256(_ text: String?) -> [UInt8]? {
        StructuredField.bytes("sha-256", in: text).flatMap { Data(base64Encoded: $0) }.map(
            Array.init)
    }
}
