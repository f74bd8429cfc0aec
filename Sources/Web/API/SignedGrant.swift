// A right that an app gives to one of its users, signed with a key of this server and without asking it: a
// JSON Web Token (RFC 7519) with HMAC-SHA-256 (`HS256`, RFC 7515 and RFC 7518), whose header names the key.

import Domain
import Foundation
import HTTPTypes
import Hashing

struct SignedGrant: Sendable {
    enum Right: String {
        /// To add to the one batch that is this grant's.
        case add
        /// To manage all batches that came by grants of the key, and to begin others.
        case manage
    }

    let key: AppKey
    /// `jti`, the app's own name for it, 1 to 64 letters, digits and `-._~:@`. Grants of one key with the
    /// same name have the same batch.
    let name: String
    let right: Right
    /// `exp`, and what clocks may differ by.
    let until: Date
    /// What the batch is called.
    let title: String?
    let files: Int?
    let bytes: Int?
    let fileBytes: Int?
    let recipe: Recipe?
    /// Whose pages may use it.
    let origins: [String]

    /// The longest a grant may last, in seconds.
    static let lifetime = 86_400
    /// What clocks may differ by, in seconds.
    static let tolerance = 300
    /// Characters of a token.
    static let limit = 4 << 10

    /// Who holds it, as an owner: of one batch, or of all that the key's grants have brought.
    var bearer: Owner { right == .manage ? keeper : Access.owner(of: secret) }
    var keeper: Owner { Access.owner(of: key.id.rawValue) }
    /// What the store knows it by. No token and no secret of a link has this form.
    var secret: String { Self.secret(of: name, key.id) }

    static func secret(of name: String, _ key: AppKey.ID) -> String {
        SHA256.hash("\(key) \(name)".utf8).hexadecimal
    }

    /// What is allowed, on a batch of the given name.
    func terms(on batch: Batch.ID) -> DropLink {
        DropLink(
            batch: batch, title: title ?? name, asksName: false, files: files, bytes: bytes,
            fileBytes: fileBytes, until: until)
    }

    /// - Throws: `no-such-grant` for one that no key of ours has signed; `grant-expired` for one whose time
    ///   is over, or has not come; `grant-too-wide` for one that allows more than its key, or for longer
    ///   than a grant may; `bad-request` where a claim cannot be read.
    init(_ token: Substring, _ keys: KeyRing) throws(Problem) {
        let parts = token.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, token.utf8.count <= Self.limit,
            let header = Self.object(parts[0]), header["alg"] == "HS256", header["crit"] == nil,
            let named = header["kid"]?.stringValue.flatMap({ AppKey.ID($0) })
        else { throw Problem(.noSuchGrant) }
        // An unknown key takes the time of a wrong signature.
        let known = keys[named]
        let right = hmacSHA256(
            of: Array("\(parts[0]).\(parts[1])".utf8),
            key: Array((known?.secret ?? AppKey.newSecret()).utf8))
        // As texts, since some texts stand for the same bytes.
        guard isEqualInConstantTime(Array(Self.encoded(right).utf8), Array(parts[2].utf8)),
            let key = known
        else { throw Problem(.noSuchGrant) }
        guard let members = Self.object(parts[1]) else {
            throw Problem(.badRequest, "The grant's claims must be a JSON object.")
        }
        try self.init(Claims(members), by: key, at: keys.now())
    }

    private init(_ claims: Claims, by key: AppKey, at now: Date) throws(Problem) {
        try claims.requireKnown()
        self.key = key
        name = try claims.name()
        switch try claims.text("may") {
        case nil, Right.add.rawValue: right = .add
        case Right.manage.rawValue: right = .manage
        default: throw Problem(.badRequest, "The grant's may must be add or manage.")
        }
        title = try claims.text("title").flatMap { text throws(Problem) in
            try DropLink.label(text, of: "A title")
        }
        files = try claims.number("files")
        bytes = try claims.number("bytes")
        fileBytes = try claims.number("fileBytes")
        recipe = try claims.recipe()
        let wanted = try claims.origins()
        origins = wanted ?? key.origins
        until = try Self.end(claims, now)
        guard right == .add || key.mayManage else {
            throw Problem(.grantTooWide, "The grant's key may only add.")
        }
        if let wider = wanted?.first(where: { !key.origins.contains($0) }) {
            throw Problem(.grantTooWide, "The grant's key does not name the origin \(wider).")
        }
    }

    private static func end(_ claims: Claims, _ now: Date) throws(Problem) -> Date {
        let now = Int(now.timeIntervalSince1970)
        guard let end = try claims.number("exp") else {
            throw Problem(.badRequest, "The grant's exp must be seconds since 1970.")
        }
        for start in [try claims.number("nbf"), try claims.number("iat")].compactMap(\.self)
        where start > now + tolerance {
            throw Problem(
                .grantExpired, "The grant's time has not come: compare the clocks.", limit: now,
                actual: start)
        }
        guard now <= end + tolerance else {
            throw Problem(.grantExpired, limit: end, actual: now)
        }
        guard end <= now + lifetime + tolerance else {
            throw Problem(
                .grantTooWide, "A grant lasts for \(lifetime) seconds at most.", limit: lifetime,
                actual: end - now)
        }
        return Date(timeIntervalSince1970: Double(end + tolerance))
    }

    /// - Throws: `foreign-origin` for a page of an origin that is not among the grant's.
    func requireOrigin(_ origin: String?, own: String?) throws(Problem) {
        guard let origin = origin?.lowercased(), origin != own, !origins.contains(origin) else {
            return
        }
        throw Problem(.foreignOrigin, "The grant is for pages of other origins than \(origin).")
    }

    private static let bounds = JSON.Bounds(depth: 6, values: 512)

    private static func object(_ part: Substring) -> [String: JSON]? {
        guard let bytes = decoded(part), let text = String(validating: bytes, as: UTF8.self),
            case .object(let members)? = try? JSON(parsing: text, within: bounds)
        else { return nil }
        return members
    }

    /// Base64 for URLs without padding (RFC 7515, section 2).
    private static func encoded(_ bytes: [UInt8]) -> String {
        Data(bytes).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_")
            .replacing("=", with: "")
    }

    private static func decoded(_ part: Substring) -> [UInt8]? {
        var text = String(part).replacing("-", with: "+").replacing("_", with: "/")
        text += String(repeating: "=", count: (4 - text.utf8.count % 4) % 4)
        return Data(base64Encoded: text).map(Array.init)
    }
}

/// What a grant's claims say, one at a time.
private struct Claims {
    private let members: [String: JSON]

    init(_ members: [String: JSON]) { self.members = members }

    /// What others mean by a claim (RFC 7519, section 4.1) is let be; a limit with a typing error would
    /// be none.
    func requireKnown() throws(Problem) {
        let known: Set = [
            "may", "title", "files", "bytes", "fileBytes", "recipe", "origins", "jti", "exp", "nbf",
            "iat", "iss", "sub", "aud",
        ]
        if let other = members.keys.filter({ !known.contains($0) }).min() {
            throw Problem(.badRequest, "The grant has a claim that is unknown here: \(other).")
        }
    }

    func text(_ claim: String) throws(Problem) -> String? {
        switch members[claim] {
        case nil: return nil
        case .string(let text): return text
        default: throw Problem(.badRequest, "The grant's \(claim) must be a string.")
        }
    }

    func number(_ claim: String) throws(Problem) -> Int? {
        switch members[claim] {
        case nil: return nil
        case .int(let number) where (1...1 << 50).contains(number): return number
        default:
            throw Problem(
                .badRequest, "The grant's \(claim) must be a whole number above 0.", limit: 1 << 50)
        }
    }

    func name() throws(Problem) -> String {
        guard let name = try text("jti"), (1...64).contains(name.utf8.count),
            name.utf8.allSatisfy(Self.isPlain)
        else {
            throw Problem(
                .badRequest,
                "The grant's jti must be a name of 1 to 64 letters, digits and -._~:@.", limit: 64)
        }
        return name
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: "-._~:@".utf8.contains(byte)
        }
    }

    func recipe() throws(Problem) -> Recipe? {
        guard let recipe = members["recipe"] else { return nil }
        return try Recipe(reading: recipe)
    }

    func origins() throws(Problem) -> [String]? {
        guard let claim = members["origins"] else { return nil }
        guard case .array(let items) = claim else {
            throw Problem(.badRequest, "The grant's origins must be a list of strings.")
        }
        let origins = items.compactMap { $0.stringValue?.lowercased() }
        guard origins.count == items.count else {
            throw Problem(.badRequest, "The grant's origins must be a list of strings.")
        }
        return origins
    }
}
