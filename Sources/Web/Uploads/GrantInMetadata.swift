// A client of tus that lets nobody set a field of its requests can bring a grant as `grant` in its metadata.
// It is moved to where all others bring theirs, so that it is neither stored nor told again.

import Domain
import HTTPTypes
import Hummingbird

extension Request {
    /// - Throws: `bad-request` for a malformed `Upload-Metadata` of a creation.
    func withGrantFromMetadata() throws(Problem) -> Request {
        // By bytes, and none of a field that is too long and will be refused.
        guard method == .post, let field = headers[.uploadMetadata],
            field.utf8.count <= TusMetadata.limit, field.utf8.contains(UInt8(ascii: "g"))
        else { return self }
        let pairs = field.split(separator: ",")
        let isGrant = { (pair: Substring) in pair.split(separator: " ").first == "grant" }
        guard pairs.contains(where: isGrant),
            let grant = try TusMetadata(field).values["grant"]
        else { return self }
        var head = head
        if head.headerFields[.authorization] == nil {
            head.headerFields[.authorization] = "Bearer " + String(decoding: grant, as: UTF8.self)
        }
        let rest = pairs.filter { !isGrant($0) }.joined(separator: ",")
        head.headerFields[.uploadMetadata] = rest.isEmpty ? nil : rest
        return Request(head: head, body: body)
    }
}
