// The header fields of the upload protocols.

import Domain
import HTTPTypes

extension HTTPField.Name {
    static let contentDigest = known("Content-Digest")
    static let methodOverride = known("X-HTTP-Method-Override")
    static let reprDigest = known("Repr-Digest")
    static let tusChecksumAlgorithm = known("Tus-Checksum-Algorithm")
    static let tusExtension = known("Tus-Extension")
    static let tusMaxSize = known("Tus-Max-Size")
    static let tusResumable = known("Tus-Resumable")
    static let tusVersion = known("Tus-Version")
    static let uploadChecksum = known("Upload-Checksum")
    static let uploadComplete = known("Upload-Complete")
    static let uploadConcat = known("Upload-Concat")
    static let uploadDeferLength = known("Upload-Defer-Length")
    static let uploadDraftInteropVersion = known("Upload-Draft-Interop-Version")
    static let uploadExpires = known("Upload-Expires")
    static let uploadIncomplete = known("Upload-Incomplete")
    static let uploadLength = known("Upload-Length")
    static let uploadLimit = known("Upload-Limit")
    static let uploadMetadata = known("Upload-Metadata")
    static let uploadOffset = known("Upload-Offset")
    static let wantReprDigest = known("Want-Repr-Digest")
}

extension HTTPFields {
    /// The media type of the content, without its parameters and in lower case, as types are compared
    /// (RFC 9110, section 8.3.1); nil where none is told.
    var mediaType: String? {
        guard let type = self[.contentType].map({ ParameterizedValue($0).value.lowercased() }),
            !type.isEmpty
        else { return nil }
        return type
    }

    /// Nothing is decoded here, and what is encoded is no photo.
    /// - Throws: `unsupported-media-type`, with what is taken instead (RFC 9110, section 15.5.16).
    func requireNoContentCoding() throws(Refusal) {
        let codings = (self[.contentEncoding] ?? "").split(separator: ",")
            .map { $0.filter { !$0.isWhitespace }.lowercased() }
        guard let coding = codings.first(where: { $0 != "identity" && !$0.isEmpty }) else { return }
        throw Refusal(
            Problem(.unsupportedMediaType, "Send the content as it is, not in \(coding)."),
            headers: [.acceptEncoding: "identity"])
    }
}

extension Upload {
    var path: String { "/api/uploads/\(id)" }

    /// A concatenation and what comes in one request take their bytes from there alone.
    func requireResumable() throws(Refusal) {
        guard resumable else {
            throw Refusal(
                Problem(.wrongState, "This upload takes no bytes of a PATCH."), status: .forbidden)
        }
    }

    /// Where the outcome is told: never by the upload itself, which may be long gone by then.
    var statusLink: String? {
        image.map { "</api/batches/\(batch)/images/\($0)>; rel=\"status\"" }
    }
}

extension Image {
    var path: String { "/api/batches/\(batch)/images/\(id)" }

    /// What an upload's answer says of the image: its member of the document, its id and its URL.
    var answer: JSON {
        .object(
            document.members.merging([
                "id": .string(id.rawValue), "url": .string(path),
            ]) { $1 })
    }
}

/// Decimal digits and nothing else, as the protocols write numbers: no sign, no space.
func count(in text: String) -> Int? {
    guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
    return Int(text)
}
