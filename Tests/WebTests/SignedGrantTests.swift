import Domain
import Foundation
import HTTPTypes
import Hashing
import Hummingbird
import TestSupport
import Testing

@testable import Web

@Suite("A signed grant")
struct SignedGrantTests {
    private let now = Date(timeIntervalSince1970: 1_800_000_000)
    private let key = AppKey(
        name: "Albums", mayManage: true, origins: ["https://a.example", "https://b.example"])
    private let adding = AppKey(name: "Forms", mayManage: false, origins: [])

    private var keys: KeyRing {
        let now = now
        let keys = KeyRing { now }
        keys.replace(with: [key, adding])
        return keys
    }

    @Test("says what its bearer may do, where and how long")
    func claims() throws {
        let grant = try read([
            "jti": "album-7", "exp": 1_800_000_600, "title": "Ana", "files": 3, "bytes": 1000,
            "fileBytes": 500, "recipe": "web", "origins": ["https://a.example"], "sub": "user 7",
        ])
        #expect((grant.name, grant.title, grant.right) == ("album-7", "Ana", .add))
        #expect((grant.files, grant.bytes, grant.fileBytes) == (3, 1000, 500))
        #expect(grant.origins == ["https://a.example"] && grant.recipe == .web)
        #expect(grant.until == now + 900)  // exp, and what clocks may differ by
        #expect(try read(["jti": "a", "exp": 1_800_000_600]).origins == key.origins)
        // One batch for all grants of one name and key; another key's are others.
        let same = try read(["jti": "album-7", "exp": 1_800_000_001])
        #expect(same.bearer == grant.bearer && same.secret == grant.secret)
        let foreign = try read(["jti": "album-7", "exp": 1_800_000_600], by: adding)
        #expect(foreign.bearer != grant.bearer && foreign.keeper != grant.keeper)
    }

    @Test("that may manage acts as its key")
    func manage() throws {
        let grant = try read(["jti": "a", "exp": 1_800_000_600, "may": "manage"])
        #expect(grant.bearer == grant.keeper)
    }

    @Test(
        "bears clocks that differ by five minutes, and not by an hour",
        arguments: [
            (["exp": -300], nil), (["exp": -301], .grantExpired), (["exp": -3600], .grantExpired),
            (["exp": 600, "iat": 300], nil), (["exp": 600, "iat": 301], .grantExpired),
            (["exp": 600, "nbf": 3600], .grantExpired), (["exp": 600, "nbf": -9], nil),
            (["exp": 86_400], nil), (["exp": 86_700], nil), (["exp": 86_701], .grantTooWide),
            (["exp": 1 << 40], .grantTooWide),
        ] as [([String: Int], Problem.Code?)])
    func clocks(offsets: [String: Int], code: Problem.Code?) throws {
        var claims: [String: JSON] = ["jti": "a"]
        for (name, offset) in offsets { claims[name] = .int(1_800_000_000 + offset) }
        #expect(problem(of: claims) == code)
    }

    @Test("never allows more than its key")
    func tooWide() throws {
        let base: [String: JSON] = ["jti": "a", "exp": 1_800_000_600]
        #expect(
            problem(of: base.merging(["origins": ["https://c.example"]]) { $1 }) == .grantTooWide)
        #expect(problem(of: base.merging(["may": "manage"]) { $1 }, by: adding) == .grantTooWide)
        #expect(problem(of: base.merging(["origins": []]) { $1 }) == nil)
    }

    @Test(
        "with a claim that cannot be read is refused, and one with a typing error, too",
        arguments: [
            ["exp": 1_800_000_600], ["jti": "", "exp": 1_800_000_600],
            ["jti": "a b", "exp": 1_800_000_600], ["jti": 7, "exp": 1_800_000_600], ["jti": "a"],
            ["jti": "a", "exp": "soon"], ["jti": "a", "exp": .number(1_800_000_600.5)],
            ["jti": "a", "exp": 1_800_000_600, "files": 0],
            ["jti": "a", "exp": 1_800_000_600, "bytes": -1],
            ["jti": "a", "exp": 1_800_000_600, "file": 3],
            ["jti": "a", "exp": 1_800_000_600, "may": "read"],
            ["jti": "a", "exp": 1_800_000_600, "may": ["add"]],
            ["jti": "a", "exp": 1_800_000_600, "origins": "https://a.example"],
            ["jti": "a", "exp": 1_800_000_600, "origins": [1]],
            ["jti": "a", "exp": 1_800_000_600, "title": 1],
        ] as [[String: JSON]])
    func unreadable(claims: [String: JSON]) {
        #expect(problem(of: claims) == .badRequest)
    }

    @Test("of which any character was changed is none")
    func changed() throws {
        let token = sign(["jti": "album", "exp": 1_800_000_600], by: key)
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.=")
        var dice = Dice(seed: chosenSeed())
        for place in token.indices {
            var other = token
            let letter = alphabet.filter { $0 != token[place] }.randomElement(using: &dice)!
            other.replaceSubrange(place...place, with: String(letter))
            #expect(refused(other), "\(other)")
        }
        for cut in 0..<token.count { #expect(refused(String(token.prefix(cut)))) }
        #expect(refused(token + ".") && refused("." + token) && refused(token + "A"))
    }

    @Test("by an unknown or withdrawn key, or by another algorithm, is none")
    func signatures() {
        let claims: [String: JSON] = ["jti": "a", "exp": 1_800_000_600]
        #expect(refused(sign(claims, by: AppKey(name: "", mayManage: true, origins: []))))
        let withdrawn = keys
        let token = sign(claims, by: key)
        #expect(throws: Never.self) { try SignedGrant(token[...], withdrawn) }
        withdrawn.replace(with: [adding])
        #expect(throws: Problem(.noSuchGrant)) { try SignedGrant(token[...], withdrawn) }
        for header: [String: JSON] in [
            ["alg": "none", "kid": .string(key.id.rawValue)], ["alg": "HS256"], [:],
            ["alg": "HS512", "kid": .string(key.id.rawValue)],
            ["alg": "HS256", "kid": .string(key.id.rawValue), "crit": ["exp"]],
            ["alg": "HS256", "kid": .string(adding.id.rawValue)],
        ] {
            #expect(refused(sign(claims, by: key, header: header)), "\(header)")
        }
        let unsigned = sign(claims, by: key).split(separator: ".").prefix(2).joined(separator: ".")
        #expect(refused(unsigned + "."))
    }

    @Test("is for pages of its origins, for ours, and for what is no page")
    func origins() throws {
        let grant = try read(["jti": "a", "exp": 1_800_000_600, "origins": ["https://a.example"]])
        for origin in [nil, "https://a.example", "HTTPS://A.EXAMPLE", "http://own:8080"] {
            #expect(throws: Never.self) { try grant.requireOrigin(origin, own: "http://own:8080") }
        }
        for origin in [
            "https://b.example", "https://a.example:8443", "http://a.example", "null",
            "https://a.example.evil.example",
        ] {
            #expect(throws: Problem.self, "\(origin)") {
                try grant.requireOrigin(origin, own: "http://own:8080")
            }
        }
    }

    @Test("comes in a field, or in the metadata of a creation by tus, where it is taken out")
    func metadata() throws {
        func request(_ fields: HTTPFields) -> Request {
            let head = HTTPRequest(
                method: .post, scheme: nil, authority: nil, path: "/files", headerFields: fields)
            return Request(head: head, body: .init(buffer: .init()))
        }
        let named = "filename YS5qcGc="
        let moved = try request([.uploadMetadata: "\(named),grant YS5iLmM="])
            .withGrantFromMetadata()
        #expect(moved.headers[.uploadMetadata] == named)
        #expect(moved.headers[.authorization] == "Bearer a.b.c")
        let alone = try request([.uploadMetadata: "grant YS5iLmM="]).withGrantFromMetadata()
        #expect(alone.headers[.uploadMetadata] == nil)
        let both = try request([
            .uploadMetadata: "grant YS5iLmM=,\(named)", .authorization: "Bearer o",
        ]).withGrantFromMetadata()
        #expect(
            both.headers[.authorization] == "Bearer o" && both.headers[.uploadMetadata] == named)
        let other = try request([.uploadMetadata: "grants YS5iLmM="]).withGrantFromMetadata()
        #expect(other.headers[.uploadMetadata] == "grants YS5iLmM=")
        #expect(other.headers[.authorization] == nil)
    }

    // MARK: Parts

    private func read(_ claims: [String: JSON], by key: AppKey? = nil) throws -> SignedGrant {
        try SignedGrant(sign(claims, by: key ?? self.key)[...], keys)
    }

    private func problem(of claims: [String: JSON], by key: AppKey? = nil) -> Problem.Code? {
        do {
            _ = try read(claims, by: key)
            return nil
        } catch { return (error as? Problem)?.code }
    }

    private func refused(_ token: String) -> Bool {
        do {
            _ = try SignedGrant(token[...], keys)
            return false
        } catch { return error.code == .noSuchGrant }
    }

    private func sign(
        _ claims: [String: JSON], by key: AppKey, header: [String: JSON]? = nil
    ) -> String {
        let header = header ?? ["alg": "HS256", "typ": "JWT", "kid": .string(key.id.rawValue)]
        let signed = [header, claims].map { encoded(JSON.object($0).text.utf8) }.joined(
            separator: ".")
        let code = hmacSHA256(of: Array(signed.utf8), key: Array(key.secret.utf8))
        return "\(signed).\(encoded(code))"
    }

    private func encoded(_ bytes: some Sequence<UInt8>) -> String {
        Data(bytes).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_")
            .replacing("=", with: "")
    }
}

@Suite("A ticket")
struct TicketTests {
    private let now = Date(timeIntervalSince1970: 1_800_000_000)
    private let batch = Batch.ID.random()
    private let owner = Owner(id: "owner")

    @Test("opens once, its batch, from its origin, within a minute")
    func once() throws {
        let tickets = Tickets()
        func issued(on origin: String? = "https://a.example") throws -> String {
            try tickets.issue(for: batch, to: owner, on: origin, at: now).rawValue
        }
        let ticket = try issued()
        #expect(
            try tickets.take(ticket, for: batch, from: "https://a.example", at: now + 59) == owner)
        func isRefused(
            _ ticket: String, _ batch: Batch.ID, _ origin: String?, _ time: Date
        ) -> Bool {
            do {
                _ = try tickets.take(ticket, for: batch, from: origin, at: time)
                return false
            } catch { return error == Problem(.noSuchTicket) }
        }
        #expect(isRefused(ticket, batch, "https://a.example", now))
        #expect(isRefused(try issued(), batch, "https://a.example", now + 60))
        #expect(isRefused(try issued(), .random(), "https://a.example", now))
        #expect(isRefused(try issued(), batch, "https://b.example", now))
        #expect(isRefused(try issued(), batch, nil, now))
        #expect(isRefused("t_" + String(repeating: "0", count: 26), batch, nil, now))
        #expect(isRefused("", batch, nil, now))
        #expect(!isRefused(try issued(on: nil), batch, nil, now))
    }

    @Test("is one of a bounded number that wait")
    func bounded() throws {
        let tickets = Tickets()
        for _ in 0..<10_000 { _ = try tickets.issue(for: batch, to: owner, on: nil, at: now) }
        #expect(throws: Problem.self) {
            try tickets.issue(for: batch, to: owner, on: nil, at: now + 59)
        }
        _ = try tickets.issue(for: batch, to: owner, on: nil, at: now + 60)
    }
}
