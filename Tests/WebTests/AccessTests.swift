import Domain
import HTTPTypes
import Testing

@testable import Web

@Suite("Access")
struct AccessTests {
    private func head(_ headers: HTTPFields, authority: String = "revela.lan:8080") -> HTTPRequest {
        HTTPRequest(
            method: .delete, scheme: "http", authority: authority, path: "/", headerFields: headers)
    }

    private let secret = Access.newSecret()
    private var cookie: HTTPFields { [.cookie: "other=1; revela_owner=\(secret); more=2"] }

    @Test("knows an owner by cookie or token, and takes the token first")
    func owners() throws {
        let access = Access()
        #expect(try access.reader(head(cookie))?.owner == Access.owner(of: secret))
        let mine = Access.newSecret()
        #expect(
            try access.reader(head(cookie + [.authorization: "Bearer \(mine)"]))?.owner
                == Access.owner(of: mine))
        #expect(try access.reader(head([:])) == nil)
        #expect(try access.reader(head([.authorization: "Basic bWU6bWU="])) == nil)
        #expect(Access.owner(of: secret).id.count == 64)
    }

    @Test(
        "refuses a token that nobody was given, and overlooks such a cookie",
        arguments: [
            "", "mine", "o_", "b_0123456789abcdefghjkmnpqrs", "o_0123 456789abcdefghjkmnpq",
        ])
    func malformed(secret: String) throws {
        let access = Access()
        for value in ["Bearer \(secret)", "bearer  \(secret)"] {
            let bearer = head(cookie + [.authorization: value])
            #expect(throws: Problem.self) { try access.reader(bearer) }
            #expect(throws: Problem.self) { try access.writer(bearer, from: nil) }
        }
        let other: HTTPFields = [
            .cookie: "revela_owner=\(secret)", .origin: "http://revela.lan:8080",
        ]
        #expect(try access.reader(head(other)) == nil)
        #expect(try access.writer(head(other), from: nil) == nil)
        // A browser keeps the beginning of one that was cut, and sends it before the whole one.
        let both: HTTPFields = [
            .cookie: "revela_owner=\(secret); revela_owner=\(self.secret)",
            .origin: "http://revela.lan:8080",
        ]
        #expect(try access.writer(head(both), from: nil)?.owner == Access.owner(of: self.secret))
    }

    @Test("lets a token change things without an Origin, as native clients send none")
    func token() throws {
        let bearer = try Access().writer(head([.authorization: "bearer \(secret)"]), from: nil)
        #expect(bearer?.owner == Access.owner(of: secret))
    }

    @Test("lets a cookie change things only from our own pages")
    func ownOrigin() throws {
        let access = Access()
        let ours: HTTPFields = [.origin: "http://revela.lan:8080"]
        #expect(
            try access.writer(head(cookie + ours), from: nil)?.owner == Access.owner(of: secret))
        for origin in [
            "http://revela.lan", "https://revela.lan:8080", "http://evil.lan:8080", "null",
        ] {
            #expect(throws: Problem.self, "\(origin)") {
                try access.writer(head(cookie + [.origin: origin]), from: nil)
            }
        }
        #expect(throws: Problem.self) { try access.writer(head(cookie), from: nil) }
        #expect(throws: Problem.self) {
            try access.writer(head(cookie + ours + [.secFetchSite: "cross-site"]), from: nil)
        }
    }

    @Test("believes forwarded headers only from a trusted proxy")
    func proxies() {
        let access = Access(trustedProxies: ["10.0.0.1"])
        let forwarded = head(
            [.forwardedProto: "https", .forwardedHost: "photos.example"],
            authority: "127.0.0.1:8080")
        #expect(access.ownOrigin(of: forwarded, from: "10.0.0.1") == "https://photos.example")
        #expect(access.ownOrigin(of: forwarded, from: "10.0.0.2") == "http://127.0.0.1:8080")
        #expect(access.ownOrigin(of: forwarded, from: nil) == "http://127.0.0.1:8080")
    }

    @Test("tells who asks by address: of IPv6 by the half that a subscriber cannot choose")
    func askers() {
        let access = Access(trustedProxies: ["10.0.0.1", "10.0.0.2"])
        func asker(_ peer: String?, _ chain: String? = nil) -> Asker {
            access.asker(of: head(chain.map { [.forwardedFor: $0] } ?? [:]), from: peer)
        }
        #expect(asker("192.0.2.1") != asker("192.0.2.2"))
        #expect(asker("2001:db8:1:2:3:4:5:6") == asker("2001:db8:1:2:ffff::1"))
        #expect(asker("2001:db8:1:2::1") != asker("2001:db8:1:3::1"))
        #expect(asker("::ffff:192.0.2.1") == asker("192.0.2.1"))
        // A proxy's word counts where it is trusted, and of its list what the client cannot write.
        #expect(asker("10.0.0.1", "198.51.100.7, 192.0.2.1") == asker("192.0.2.1"))
        #expect(asker("10.0.0.1", "192.0.2.1, 10.0.0.2") == asker("192.0.2.1"))
        #expect(asker("192.0.2.9", "192.0.2.1") == asker("192.0.2.9"))
        #expect(asker("10.0.0.1") == asker("10.0.0.1", "10.0.0.2"))
        #expect(asker(nil) == .unknown && asker("10.0.0.1", "unknown") == .unknown)
    }

    @Test("with a public URL has that origin and a Secure cookie, whatever the Host says")
    func publicOrigin() {
        let access = Access(publicOrigin: "https://photos.example")
        #expect(access.ownOrigin(of: head([:]), from: nil) == "https://photos.example")
        #expect(access.cookie(for: "s", on: head([:]), from: nil).hasSuffix("; Secure"))
        #expect(!Access().cookie(for: "s", on: head([:]), from: nil).contains("Secure"))
    }
}

private func + (left: HTTPFields, right: HTTPFields) -> HTTPFields {
    var sum = left
    for field in right { sum.append(field) }
    return sum
}
