// The body of `POST /api/batches`: short, shallow and soon there, or refused before it is read.

import Domain
import Testing

@testable import Web

@Suite("The body that asks for a batch", .timeLimit(.minutes(5)))
struct BatchBodyTests {
    private let json = ["Content-Type": "application/json"]

    @Test("is given up where it trickles, and told so")
    func trickle() async throws {
        var settings = UploadSettings.roomy
        settings.patience = .milliseconds(100)
        try await UploadServer.run(settings: settings) { server in
            try await server.connect { connection in
                try await connection.send(
                    "POST /api/batches HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{")
                let answer = try await connection.answer()
                #expect(answer.status == 408 && answer.code == "upload-incomplete")
                #expect(answer["Connection"] == "close")
                try await connection.untilClosed()
            }
        }
    }

    @Test(
        "is refused where it is long, deep or has many members",
        arguments: [
            (#"{"recipe":"web","x":"\#(String(repeating: "y", count: 16 << 10))"}"#, 16 << 10),
            (#"{"recipe":\#(String(repeating: "[", count: 16_000))"#, 4),
            (#"{"recipe":\#(String(repeating: "{\"a\":", count: 2_000))"#, 4),
            (#"{"recipe":[\#(String(repeating: "1,", count: 8_000))1]}"#, 512),
        ])
    func bounds(body: String, limit: Int) async throws {
        try await UploadServer.run { server in
            let answer = try await server.send("POST", "/api/batches", json, body: body)
            #expect(answer.status == 400 && answer.code == "bad-request")
            #expect(try answer.json["limit"] == .int(limit))
        }
    }

    @Test("may be a whole recipe, a name, or nothing")
    func recipes() async throws {
        try await UploadServer.run { server in
            let specs = (0..<16).map {
                #"""
                {"name":"r\#($0)","width":16,"height":16,"fit":"cover","format":"jpeg","quality":80,
                 "metadata":"strip","background":"#ffffff","enlarge":false,"animated":true}
                """#
            }
            let list = specs.joined(separator: ",")
            let whole = #"{"recipe":{"name":"all","renditions":[\#(list)]}}"#
            for body in [whole, #"{"recipe":"avif"}"#, "{}", #"{"recipe":null}"#, ""] {
                let answer = try await server.send("POST", "/api/batches", json, body: body)
                #expect(answer.status == 201, "\(answer.body)")
            }
            for body in ["[]", "7", "{", #"{"recipe":7}"#] {
                let answer = try await server.send("POST", "/api/batches", json, body: body)
                #expect(answer.status == 400, "\(answer.body)")
            }
        }
    }
}
