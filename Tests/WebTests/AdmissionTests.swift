import HTTPTypes
import Testing

@testable import Web

@Suite("Whoever sends a request")
struct AdmissionTests {
    private func request(_ host: String?, _ fields: [String: String] = [:]) -> HTTPRequest {
        var request = HTTPRequest(method: .post, scheme: "http", authority: host, path: "/")
        for (name, value) in fields {
            guard let name = HTTPField.Name(name) else { continue }
            request.headerFields[name] = value
        }
        return request
    }

    @Test(
        "is at this machine where they use one of its own names",
        arguments: [
            "localhost", "localhost:8080", "LOCALHOST", "photos.localhost:1", "127.0.0.1:8080",
            "127.8.9.1",
            "[::1]:8080", "[::1]",
        ])
    func direct(host: String) { #expect(request(host).isDirect) }

    @Test(
        "is a stranger where they use another name",
        arguments: [
            nil, "", "photos.example", "192.168.1.5:8080", "localhost.example", "127.0.0.1.example",
            "127.0.0.1.2", "127.1", "0.0.0.0", "[::2]", "::1:8080", "[::1].example", "128.0.0.1",
            "localhost@photos.example", "127.0.0.1:8080@photos.example", "xlocalhost",
            "localhost:x",
        ])
    func foreign(host: String?) { #expect(!request(host).isDirect) }

    @Test(
        "is a stranger where a proxy has passed the request on",
        arguments: [
            "Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto",
            "X-Forwarded-Port",
            "X-Forwarded-Server", "X-Real-IP", "Via",
        ])
    func proxied(field: String) {
        #expect(!request("127.0.0.1:8080", [field: ""]).isDirect)
    }

    @Test(
        "of all who reach the port is trusted only where nobody else can reach it",
        arguments: [
            ("127.0.0.1", true), ("::1", true), ("localhost", true), ("0.0.0.0", false),
            ("::", false),
            ("192.168.1.5", false), ("photos.example", false), ("", false),
        ])
    func local(host: String, isLocal: Bool) {
        var settings = WebServer.Settings()
        settings.host = host
        #expect(settings.isLocal == isLocal && settings.needsInvitations == !isLocal)
        settings.access = Access(publicOrigin: "https://photos.example")
        #expect(!settings.isLocal)
        settings.access = Access(trustedProxies: ["127.0.0.1"])
        #expect(!settings.isLocal)
        settings.isOpen = true
        #expect(!settings.needsInvitations)
    }
}
