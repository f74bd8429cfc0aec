// Who may do what. Knowing a batch's name is the right to read it; changing it needs the secret its
// owner was given, in a cookie or a token, or a grant that an app has signed. A cookie travels by itself,
// so a change it authorises must also come from our own pages.

import Domain
import Foundation
import HTTPTypes
import Hashing
import Hummingbird
import NIOCore

package struct Access: Sendable {
    /// The origin pages are served from, where the server cannot know it: behind a proxy.
    /// For example `https://photos.example`.
    let publicOrigin: String?
    /// Addresses whose `X-Forwarded-*` headers are believed.
    let trustedProxies: Set<String>
    /// The keys of apps, which sign grants.
    let keys: KeyRing
    /// Who has taken a manage link.
    let devices: Devices

    package init(
        publicOrigin: String? = nil, trustedProxies: Set<String> = [], keys: KeyRing = KeyRing(),
        devices: Devices = Devices()
    ) {
        self.publicOrigin = publicOrigin
        self.trustedProxies = trustedProxies
        self.keys = keys
        self.devices = devices
    }

    static let cookieName = "revela_owner"

    // MARK: Origins

    /// Our own origin as this request's browser must see it.
    func ownOrigin(of head: HTTPRequest, from peer: String?) -> String? {
        if let publicOrigin { return publicOrigin }
        var scheme = "http"
        var authority = head.authority ?? head.headerFields[.host]
        if let peer, trustedProxies.contains(peer) {
            scheme = head.headerFields[.forwardedProto] ?? scheme
            authority = head.headerFields[.forwardedHost] ?? authority
        }
        return authority.map { "\(scheme)://\($0)".lowercased() }
    }

    /// A path of ours as a URL that says all: some clients take no other `Location`. As it is where
    /// the request does not name the host it was sent to, as one of HTTP/1.0 need not.
    func url(of path: String, for head: HTTPRequest, from peer: String?) -> String {
        (ownOrigin(of: head, from: peer) ?? "") + path
    }

    /// Whether the request comes from another site's page. A client that is no browser sends no
    /// Origin and is not foreign.
    func isForeign(_ head: HTTPRequest, from peer: String?) -> Bool {
        if let site = head.headerFields[.secFetchSite], site != "same-origin", site != "none" {
            return true
        }
        guard let origin = head.headerFields[.origin] else { return false }
        return origin.lowercased() != ownOrigin(of: head, from: peer)
    }

    // MARK: Askers

    /// Who asks, by address. A proxy that is trusted says whom it asks for: the last one in its list
    /// that is no such proxy itself.
    func asker(of head: HTTPRequest, from peer: String?) -> Asker {
        address(of: head, from: peer).map { Asker(address: $0) } ?? .unknown
    }

    /// The same, as it came.
    func address(of head: HTTPRequest, from peer: String?) -> String? {
        guard let peer, trustedProxies.contains(peer) else { return peer }
        let chain = head.headerFields[values: .forwardedFor].joined(separator: ",")
            .split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
        return chain.last { !trustedProxies.contains($0) } ?? peer
    }

    /// Who asks, where that can be limited by address: not this machine's own programs, nor those for
    /// whom a proxy asks that is not trusted, since it would be all of them together.
    func limitedAsker(of head: HTTPRequest, from peer: String?) -> Asker? {
        isLimited(head, from: peer) ? asker(of: head, from: peer) : nil
    }

    /// A proxy of another network that nobody told us of may as well be a client that calls itself one.
    func isLimited(_ head: HTTPRequest, from peer: String?) -> Bool {
        guard let peer else { return false }
        if trustedProxies.contains(peer) { return true }
        return !isLoopback(host: peer) && !(head.namesProxy && isNearby(address: peer))
    }

    // MARK: Owners

    /// A new secret: 128 random bits.
    static func newSecret() -> String { Identifier<Secret>.random().rawValue }

    static func owner(of secret: String) -> Owner {
        Owner(id: SHA256.hash(secret.utf8).hexadecimal)
    }

    /// - Throws: `bad-request` for a token that was never given to anybody, whether or not the
    ///   request needs one; as `SignedGrant.init` for a grant, and `foreign-origin` from the page of an
    ///   origin that it is not for.
    func requireTokenOfOurs(_ head: HTTPRequest, from peer: String?) throws(Problem) {
        guard let grant = try grant(in: head) else { return }
        try grant.requireOrigin(head.headerFields[.origin], own: ownOrigin(of: head, from: peer))
    }

    /// The grant that the request brings; nil where it brings another token, or none.
    /// - Throws: as `requireTokenOfOurs`, but for the origin.
    func grant(in head: HTTPRequest) throws(Problem) -> SignedGrant? {
        guard case .grant(let grant) = try token(in: head) else { return nil }
        return grant
    }

    /// Who reads: by token or by cookie.
    /// - Throws: as `requireTokenOfOurs`, but for the origin.
    func reader(_ head: HTTPRequest) throws(Problem) -> Bearer? {
        try (token(in: head)?.holder ?? cookie(in: head).map(Access.owner)).map(devices.bearer)
    }

    /// Who changes something, or nil where the request names nobody.
    /// - Throws: `foreign-origin` for a change from another site's page; as `requireTokenOfOurs`, but
    ///   for a grant's origins.
    func writer(_ head: HTTPRequest, from peer: String?) throws(Problem) -> Bearer? {
        if let token = try token(in: head) { return devices.bearer(token.holder) }
        guard !isForeign(head, from: peer) else { throw Problem(.foreignOrigin) }
        guard let cookie = cookie(in: head) else { return nil }
        guard head.headerFields[.origin] != nil else {
            throw Problem(.foreignOrigin, "A change with the cookie needs an Origin header.")
        }
        return devices.bearer(Access.owner(of: cookie))
    }

    /// The caller; one who is nobody yet becomes somebody with a new secret.
    /// - Throws: as `writer`.
    func caller(
        _ head: HTTPRequest, from peer: String?
    ) throws(Problem) -> (bearer: Bearer, newSecret: String?) {
        if let bearer = try writer(head, from: peer) { return (bearer, nil) }
        let secret = Access.newSecret()
        return (Bearer(Access.owner(of: secret)), secret)
    }

    /// - Throws: `not-owner`, `drop-ended`, `foreign-origin`.
    func require(
        _ right: Batch.Right, in batch: Batch, _ head: HTTPRequest, from peer: String?,
        at date: Date
    ) throws(Problem) {
        try batch.require(right, by: try writer(head, from: peer), at: date)
    }

    private enum Token {
        case secret(String)
        case grant(SignedGrant)

        var holder: Owner {
            switch self {
            case .secret(let secret): Access.owner(of: secret)
            case .grant(let grant): grant.bearer
            }
        }
    }

    /// Nothing but what `newSecret` makes or one of our keys signs: whoever could name themselves with a
    /// word of their own, or with none, would share their photos with all who think of the same.
    private func token(in head: HTTPRequest) throws(Problem) -> Token? {
        guard let value = head.headerFields[.authorization] else { return nil }
        let parts = value.split(separator: " ", maxSplits: 1)
        guard parts.first?.lowercased() == "bearer" else { return nil }
        let word = parts.dropFirst().first ?? ""
        if word.contains(".") { return .grant(try SignedGrant(word, keys)) }
        guard let secret = Identifier<Secret>(word) else {
            throw Problem(
                .badRequest, "The Authorization is no owner's token: POST /api/batches gives one.")
        }
        return .secret(secret.rawValue)
    }

    /// One that we cannot have given counts for nothing: a page could do nothing about it, and a
    /// browser keeps the beginning of one from an answer that was cut short.
    func cookie(in head: HTTPRequest) -> String? {
        head.headerFields[values: .cookie].lazy
            .flatMap { $0.split(separator: ";") }
            .map { $0.drop(while: \.isWhitespace) }
            .filter { $0.hasPrefix(Access.cookieName + "=") }
            .compactMap { Identifier<Secret>($0.dropFirst(Access.cookieName.count + 1))?.rawValue }
            .first
    }

    /// A `Set-Cookie` value: a year, out of reach of scripts, and only over TLS where we have it.
    func cookie(for secret: String, on head: HTTPRequest, from peer: String?) -> String {
        let isSecure = ownOrigin(of: head, from: peer)?.hasPrefix("https:") == true
        return "\(Access.cookieName)=\(secret); Path=/; Max-Age=31536000; HttpOnly; SameSite=Lax"
            + (isSecure ? "; Secure" : "")
    }
}

extension Asker {
    /// By an address in text. Of IPv6 the first 64 bits: the others are the subscriber's to choose.
    /// What is no address is nobody in particular.
    init(address: String) {
        guard let address = try? SocketAddress(ipAddress: address, port: 0) else {
            self = .unknown
            return
        }
        switch address {
        case .v4(let address):
            self.init(id: withUnsafeBytes(of: address.address.sin_addr) { $0.hexadecimal })
        case .v6(let address):
            let id = withUnsafeBytes(of: address.address.sin6_addr) { bytes in
                // An IPv4 address in an IPv6 socket (RFC 4291, 2.5.5.2).
                let isMapped =
                    bytes.prefix(10).allSatisfy { $0 == 0 }
                    && bytes[10..<12].allSatisfy { $0 == 255 }
                return (isMapped ? bytes[12...] : bytes.prefix(8)).hexadecimal
            }
            self.init(id: id)
        case .unixDomainSocket: self = .unknown
        }
    }
}

private enum Secret: Identified {
    static let identifierPrefix = "o"
}
