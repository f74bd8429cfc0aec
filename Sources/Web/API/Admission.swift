// Who may begin batches here. Whoever is at this machine may, and whoever was invited; everybody only
// where `--open` says so (docs/decisions/0032-open-or-invited.md).

package import Domain
package import Foundation
import HTTPTypes
import Hashing
import Hummingbird

struct Admission: Sendable {
    let settings: WebServer.Settings
    let grants: any GrantStore
    let uploads: UploadService
    let beginnings: RateLimit
    let untrusted: UntrustedProxies
    let passwords = DropPasswords()

    private var access: Access { settings.access }

    /// - Parameter caller: nil for who is nobody yet.
    /// - Returns: days for which their batch is kept; nil for ever.
    /// - Throws: `not-invited`; `too-many-requests` where many batches came from the address.
    func requireRight(
        toBegin caller: Bearer?, _ head: HTTPRequest, from peer: String?
    ) async throws -> Int? {
        if try access.grant(in: head)?.right == .manage { return settings.keepDays }
        let isStranger = try await !isInvited(caller, head)
        guard settings.isOpen || !isStranger else { throw Problem(.notInvited) }
        try count(head, from: peer)
        return settings.keepDays(ofStranger: isStranger)
    }

    /// Counts a batch that is to be begun.
    private func count(_ head: HTTPRequest, from peer: String?) throws(Problem) {
        let asker = access.limitedAsker(of: head, from: peer)
        if asker == nil, head.namesProxy, let peer { untrusted.note(peer) }
        try beginnings.count(asker)
    }

    /// Whether the caller may begin a batch.
    func admits(_ caller: Bearer?, _ head: HTTPRequest) async throws -> Bool {
        if settings.isOpen { return true }
        return try await isInvited(caller, head)
    }

    /// Days for which a batch of theirs may be kept; nil for ever.
    func keepDays(for keeper: Owner, _ head: HTTPRequest) async throws -> Int? {
        guard settings.isOpen else { return settings.keepDays }
        return settings.keepDays(ofStranger: try await !isInvited(Bearer(keeper), head))
    }

    /// Whether the caller might begin a batch, too, if not everybody could.
    private func isInvited(_ caller: Bearer?, _ head: HTTPRequest) async throws -> Bool {
        if settings.isLocal && head.isDirect { return true }
        for owner in caller?.owners ?? [] where try await grants.holds(.begin, owner) {
            return true
        }
        return false
    }

    /// The batch of the grant that the request brings; nil where it brings none that is for one batch.
    /// - Parameter recipe: for a new batch, where the grant names none.
    func granted(
        _ request: Request, _ context: WebContext, recipe: Recipe = .web
    ) async throws -> Batch? {
        guard let grant = try access.grant(in: request.head), grant.right == .add else {
            return nil
        }
        return try await uploads.ownerRefusals.counting {
            try await grants.enterGrant(
                secret: grant.secret, of: grant.key.id, on: grant.terms(on: .random()),
                as: grant.bearer, keptBy: grant.keeper,
                asker: access.asker(of: request.head, from: context.peer),
                recipe: grant.recipe ?? recipe,
                expiresAt: uploads.now().after(days: settings.keepDays), limits: uploads.limits,
                at: uploads.now())
        }
    }

    /// `DELETE /api/grants/{name}` → 204, by a grant that may manage: from now on nothing is added by
    /// the grants of this name that the same key has signed.
    @Sendable func deny(_ request: Request, context: WebContext) async throws -> Response {
        guard let grant = try access.grant(in: request.head), grant.right == .manage,
            let name = context.parameters.get("name")
        else {
            throw Problem(.notOwner, "Only a grant of the same key that may manage may do this.")
        }
        let batches = try await grants.denyGrant(
            secret: SignedGrant.secret(of: name, grant.key.id), of: grant.key.id,
            at: uploads.now())
        try await uploads.giveUpAll(in: Set(batches))
        return Response(status: .noContent)
    }

    /// `POST /api/grants` `{"invitation":"v_…"}`, `{"drop":"d_…","name":"Ana"}` or `{"manage":"m_…"}` → 201:
    /// the caller holds what the invitation or the link promised.
    /// Gives one without a secret a secret, as a cookie and a token.
    @Sendable func accept(_ request: Request, context: WebContext) async throws -> Response {
        let (bearer, secret) = try access.caller(request.head, from: context.peer)
        let members = try await JSONBody(uploads: uploads).members(of: request, context)
        var answer = try await take(members, as: bearer, request, context)
        answer["ownerToken"] = secret.map { .string($0) }
        var response = Response(json: JSON.object(answer).text, status: .created)
        if let secret {
            response.headers[.setCookie] = access.cookie(
                for: secret, on: request.head, from: context.peer)
        }
        return response
    }

    private func take(
        _ members: [String: JSON], as bearer: Bearer, _ request: Request, _ context: WebContext
    ) async throws -> [String: JSON] {
        if let text = members["drop"]?.stringValue {
            return try await enter(
                text, as: bearer.owner, named: members["name"]?.stringValue,
                password: members["password"]?.stringValue, request, context)
        }
        if let text = members["manage"]?.stringValue {
            return try await manage(by: text, as: bearer.holder, request, context)
        }
        guard let text = members["invitation"]?.stringValue else {
            throw Problem(
                .badRequest, "The body must be a JSON object such as {\"invitation\":\"v_…\"}.")
        }
        guard let invitation = Invitation.Secret(text) else { throw Problem(.noSuchInvitation) }
        try await grants.accept(
            invitation: Self.hash(invitation), as: bearer.owner, at: uploads.now())
        return ["may": .array([.string(Right.begin.rawValue)])]
    }

    /// The caller's browser manages what is the link's owner's.
    private func manage(
        by text: String, as holder: Owner, _ request: Request, _ context: WebContext
    ) async throws -> [String: JSON] {
        guard let secret = ManageLink.Secret(text), try access.grant(in: request.head) == nil else {
            throw Problem(.noSuchManageLink)
        }
        try count(request.head, from: context.peer)
        let device = try await grants.takeManageLink(
            secret: Self.hash(secret), as: holder, at: uploads.now())
        if let device { access.devices.add(device) }
        return ["may": .array([.string(Batch.Right.manage.rawValue)])]
    }

    /// The caller becomes a guest, who may add to a batch of their own.
    private func enter(
        _ text: String, as guest: Owner, named name: String?, password: String?,
        _ request: Request, _ context: WebContext
    ) async throws -> [String: JSON] {
        let label = try name.flatMap { text throws(Problem) in
            try DropLink.label(text, of: "A guest's name")
        }
        guard let secret = DropLink.Secret(text) else { throw Problem(.noSuchDropLink) }
        try count(request.head, from: context.peer)
        let hash = Self.hash(secret)
        let asker = access.asker(of: request.head, from: context.peer)
        let link = try await grants.dropLink(secret: hash, at: uploads.now())
        try await passwords.check(password, against: link.password, by: asker)
        let days = try await keepDays(ofGuestsBy: link)
        let batch = try await uploads.ownerRefusals.counting {
            try await grants.enterDrop(
                secret: hash, as: guest,
                asker: asker, name: label, expiresAt: uploads.now().after(days: days),
                limits: uploads.limits,
                at: uploads.now())
        }
        let rights = batch.rights(of: Bearer(guest), at: uploads.now())
        return [
            "may": .array(rights.map { .string($0.rawValue) }),
            "batch": .string(batch.id.rawValue),
        ]
    }

    /// A guest's batch is kept as one of who made the link would be.
    private func keepDays(ofGuestsBy link: DropLink) async throws -> Int? {
        guard settings.isOpen else { return settings.keepDays }
        let issuer = try await uploads.store.batch(link.batch).keeper
        return settings.keepDays(ofStranger: try await !grants.holds(.begin, issuer))
    }

    static func hash<Entity>(_ secret: Identifier<Entity>) -> String {
        SHA256.hash(secret.rawValue.utf8).hexadecimal
    }
}

extension WebServer.Settings {
    /// Whether only programs of this machine reach the port, and no proxy was told of.
    package var isLocal: Bool {
        isLoopback(host: host) && access.publicOrigin == nil && access.trustedProxies.isEmpty
    }

    /// Days for which a batch is kept; nil for ever.
    /// - Parameter isStranger: whether who begins it may do so only since everybody may.
    func keepDays(ofStranger isStranger: Bool) -> Int? {
        guard isStranger, let strangerKeepDays else { return keepDays }
        return min(strangerKeepDays, keepDays ?? .max)
    }

    /// Who may begin batches, in words.
    package var whoMayBegin: String {
        if isOpen { return "anyone who reaches the port may begin batches (open)" }
        let invited = "whoever took an invitation may begin batches (revela invite)"
        return isLocal ? "whoever is at this machine, and \(invited)" : invited
    }

    /// What keeps limits by address from working, in words; nil where nothing is known to.
    package var trouble: String? {
        guard access.publicOrigin != nil, access.trustedProxies.isEmpty,
            batchesPerMinute > 0
        else { return nil }
        return "no proxy is trusted, so nothing is limited by address: give --trusted-proxy"
    }

    /// Whether some need an invitation, so that somebody must have one to begin with.
    package var needsInvitations: Bool { !isOpen && !isLocal }

    /// Makes an invitation.
    /// - Returns: the address that takes it, in whichever browser opens it first. Its secret stands behind
    ///   `#`, which no browser sends.
    package func invite(
        _ grants: any GrantStore, port: Int, until end: Date, at date: Date
    ) async throws -> String {
        let secret = Invitation.Secret.random()
        try await grants.invite(to: .begin, secret: Admission.hash(secret), until: end, at: date)
        return "\(address(port: port))/invitation.html#\(secret)"
    }

    /// Where a browser finds the pages: the public address, or, as far as it is known, this machine's.
    private func address(port: Int) -> String {
        if let origin = access.publicOrigin { return origin }
        return Self.url(host: ["0.0.0.0", "::"].contains(host) ? "localhost" : host, port: port)
    }

    /// Of a host by its name or address.
    package static func url(host: String, port: Int) -> String {
        "http://\(host.contains(":") ? "[\(host)]" : host):\(port)"
    }
}

extension Date {
    /// Nil for ever.
    func after(days: Int?) -> Date? { days.map { addingTimeInterval(Double($0) * .day) } }
}

extension HTTPRequest {
    /// Whether it was sent to this machine by its own name and through no proxy, as far as it says.
    var isDirect: Bool {
        guard let authority = authority ?? headerFields[.host], isLoopback(authority: authority)
        else { return false }
        return !namesProxy
    }

    /// Whether it says that a proxy sent it on.
    var namesProxy: Bool { HTTPField.Name.ofProxies.contains { headerFields.contains($0) } }
}

extension HTTPField.Name {
    /// What proxies add: RFC 7239, RFC 9110 section 7.6.3, and what is customary.
    fileprivate static let ofProxies: [Self] = [
        forwardedFor, forwardedProto, forwardedHost, known("Forwarded"), known("Via"),
        known("X-Real-IP"), known("X-Forwarded-Port"), known("X-Forwarded-Server"),
    ]
}

/// Whether a host with or without a port is one of this machine alone.
private func isLoopback(authority: String) -> Bool {
    let host: Substring
    var port: Substring
    if authority.hasPrefix("["), let end = authority.firstIndex(of: "]") {
        host = authority[..<end].dropFirst()
        port = authority[end...].dropFirst()
    } else {
        host = authority.prefix { $0 != ":" }
        port = authority[host.endIndex...]
    }
    if port.hasPrefix(":") { port.removeFirst() } else if !port.isEmpty { return false }
    return isLoopback(host: host) && port.allSatisfy { "0"..."9" ~= $0 }
}

/// `localhost` and its subdomains (RFC 6761, 6.3), 127.0.0.0/8, `::1`.
func isLoopback(host: some StringProtocol) -> Bool {
    let host = host.lowercased()
    if host == "localhost" || host.hasSuffix(".localhost") || host == "::1" { return true }
    let parts = host.split(separator: ".", omittingEmptySubsequences: false)
    return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
}

/// Whether an address is of this machine or of a private network: RFC 1918, RFC 4193, RFC 4291 section
/// 2.5.6.
func isNearby(address: String) -> Bool {
    if isLoopback(host: address) { return true }
    let parts = address.split(separator: ".").compactMap { UInt8($0) }
    if parts.count == 4 {
        return parts[0] == 10 || (parts[0] == 172 && (16...31).contains(parts[1]))
            || (parts[0] == 192 && parts[1] == 168)
    }
    let first = address.prefix { $0 != ":" }.lowercased()
    return first.hasPrefix("fc") || first.hasPrefix("fd") || first.hasPrefix("fe8")
}
