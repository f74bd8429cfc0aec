import Domain
import NIOCore
import Testing
import Web

@Suite("A connection", .timeLimit(.minutes(5)))
struct ConnectionTests {
    @Test("refuses other methods on the events of a batch, and goes on")
    func methods() async throws {
        try await withDarkroom { fixture in
            try await withWire(fixture) { wire in
                try await wire.request("POST", fixture.path, ["Content-Length": "3"])
                try await wire.send("abc")
                let post = try await wire.answer()
                #expect(post.status == 405)
                #expect(post.headers["allow"] == "GET, HEAD")
                #expect(try post.json()["code"]?.stringValue == "method-not-allowed")
                #expect(try await wire.get("/hello").body == "hello\n")
            }
        }
    }

    @Test("answers HEAD on events as GET, without what GET would read, and waits for nothing")
    func headOfEvents() async throws {
        try await withDarkroom { fixture in
            let path = "\(fixture.path)?after=\(fixture.cursor(1))"
            try await withWire(fixture) { wire in
                let got = try await wire.get(path)
                for query in ["", "&wait=50"] {
                    try await wire.request("HEAD", path + query)
                    let head = try await wire.answer(withoutBody: true)
                    #expect(head.status == 200)
                    #expect(head.headers["etag"] == got.headers["etag"])
                    #expect(head.headers["content-type"] == "application/json")
                }
                try await wire.request("HEAD", "/api/batches/b_nothing/events")
                #expect(try await wire.answer(withoutBody: true).status == 404)
                try await wire.request("HEAD", path, ["Accept": "text/event-stream"])
                let stream = try await wire.answer(withoutBody: true)
                #expect(stream.status == 200)
                #expect(stream.headers["content-type"] == "text/event-stream")
                #expect(stream.headers["content-length"] == nil)
            }
            try await fixture.untilNobodyIsSubscribed()
        }
    }

    @Test("dates every answer, whoever gives it")
    func dates() async throws {
        try await withDarkroom { fixture in
            for (path, accept) in [
                ("/hello", "*/*"), ("/nothing", "*/*"), (fixture.path, "*/*"),
                ("/api/batches/b_nothing/events", "*/*"), (fixture.path, "text/event-stream"),
            ] {
                try await withWire(fixture) { wire in
                    try await wire.request("GET", path, ["Accept": accept])
                    #expect(try await wire.head().headers["date"]?.hasSuffix(" GMT") == true)
                }
            }
            try await withWire(fixture) { wire in
                try await wire.send("no request\r\n\r\n")
                #expect(try await wire.head().headers["date"]?.hasSuffix(" GMT") == true)
            }
        }
    }

    @Test("refuses a token that nobody was given, over each transport")
    func tokens() async throws {
        try await withDarkroom({
            $0.checkToken = { _, _ throws(Problem) in throw Problem(.badRequest) }
        }) { fixture in
            for more in [[:], ["Accept": "text/event-stream"]] {
                let headers = more.merging(["Authorization": "Bearer nobody"]) { $1 }
                let answer = try await withWire(fixture) {
                    try await $0.get(fixture.path, headers)
                }
                #expect(answer.status == 400)
            }
            let answer = try await withWire(fixture) {
                try await $0.upgrade(fixture.path, ["Authorization": "Bearer nobody"])
            }
            #expect(answer.status == 400)
            #expect(try await withWire(fixture) { try await $0.get(fixture.path) }.status == 200)
        }
    }

    @Test(
        "refuses a request of HTTP/1.1 that names no host, or more than one, and then closes",
        arguments: ["", "Host: a\r\nHost: a\r\n"], ["/hello", "events"])
    func host(fields: String, path: String) async throws {
        try await withDarkroom { fixture in
            let target = path == "events" ? fixture.path : path
            try await withWire(fixture) { wire in
                try await wire.send("GET \(target) HTTP/1.1\r\n\(fields)\r\n")
                let answer = try await wire.answer()
                #expect(answer.status == 400)
                #expect(try answer.json()["code"]?.stringValue == "bad-request")
                _ = try await wire.readToEnd()
            }
            try await withWire(fixture) { wire in
                try await wire.send("GET \(target) HTTP/1.0\r\n\r\n")
                #expect(try await wire.answer().status == 200)
            }
        }
    }

    @Test("answers what is pipelined in its order")
    func pipelining() async throws {
        try await withDarkroom { fixture in
            try await withWire(fixture) { wire in
                let paths = [
                    "/hello", fixture.path, fixture.path, "/hello", "/nothing",
                    "\(fixture.path)?wait=50", "/hello",
                ]
                try await wire.send(
                    paths.map { "GET \($0) HTTP/1.1\r\nHost: x\r\n\r\n" }.joined())
                for path in paths {
                    let answer = try await wire.answer()
                    #expect(answer.status == (path == "/nothing" ? 404 : 200))
                    #expect((answer.body == "hello\n") == (path == "/hello"))
                }
            }
        }
    }

    @Test("says nothing after the head of an answer to HEAD, whatever the application writes")
    func headOnly() async throws {
        try await withDarkroom { fixture in
            try await withWire(fixture) { wire in
                for (path, status) in [("/size", 200), ("/nothing", 404)] {
                    try await wire.request("HEAD", path)
                    let answer = try await wire.answer(withoutBody: true)
                    #expect(answer.status == status)
                    if status == 200 { #expect(answer.headers["content-length"] == "4") }
                    #expect(try await wire.get("/hello").body == "hello\n")
                }
            }
        }
    }

    @Test("passes bodies on whole, between polls on the same connection")
    func bodies() async throws {
        try await withDarkroom { fixture in
            try await withWire(fixture) { wire in
                for size in [0, 1, 100_000, 3_000_000] {
                    try await wire.request("POST", "/count", ["Content-Length": "\(size)"])
                    try await wire.send(ByteBuffer(repeating: 7, count: size))
                    #expect(try await wire.answer().body == "\(size)\n")
                    #expect(try await wire.get(fixture.path).status == 200)
                }
            }
        }
    }

    @Test("asks for a body that is only offered")
    func expectation() async throws {
        try await withDarkroom { fixture in
            try await withWire(fixture) { wire in
                let offer = ["Content-Length": "5", "Expect": "100-continue"]
                try await wire.request("POST", "/count", offer)
                #expect(try await wire.head().status == 100)
                try await wire.send("12345")
                #expect(try await wire.answer().body == "5\n")
                try await wire.request("POST", fixture.path, offer)
                let refused = try await wire.answer()
                #expect(refused.status == 405)
                #expect(refused.headers["connection"] == "close")
                #expect(try await wire.readToEnd() == "")
            }
        }
    }

    @Test("refuses by the head alone where the application does")
    func refusedOffer() async throws {
        try await withDarkroom({ $0.timing.continueAfter = .hours(1) }) { fixture in
            try await withWire(fixture) { wire in
                try await wire.request(
                    "POST", "/refuse", ["Content-Length": "5", "Expect": "100-continue"])
                #expect(try await wire.head().status == 413)
            }
        }
    }

    @Test("closes after its answer for a client that will not go on", arguments: ["1.0", "1.1"])
    func closing(version: String) async throws {
        try await withDarkroom { fixture in
            for path in [fixture.path, "/hello"] {
                try await withWire(fixture) { wire in
                    let headers = version == "1.1" ? ["Connection": "close"] : [:]
                    try await wire.request("GET", path, headers, version: version)
                    let answer = try await wire.answer()
                    #expect(answer.status == 200)
                    #expect(answer.headers["connection"] == "close")
                    #expect(answer.headers["transfer-encoding"] == nil)
                    #expect(try await wire.readToEnd() == "")
                }
            }
        }
    }

    @Test("answers a client that closes its own side after asking")
    func halfClosed() async throws {
        try await withDarkroom { fixture in
            let wait = "\(fixture.path)?after=\(fixture.cursor(1))&wait=50"
            for path in ["/hello", fixture.path, wait] {
                try await withWire(fixture) { wire in
                    #expect(try await wire.get("/hello").status == 200)
                    try await wire.request("GET", path)
                    wire.finish()
                    #expect(try await wire.answer().status == 200)
                    #expect(try await wire.readToEnd() == "")
                }
            }
        }
    }

    @Test("answers an upgrade it does not know as if it were none, then closes")
    func unknownUpgrade() async throws {
        try await withDarkroom { fixture in
            for path in ["/hello", fixture.path] {
                try await withWire(fixture) { wire in
                    try await wire.request(
                        "GET", path, ["Connection": "Upgrade", "Upgrade": "h2c"])
                    let answer = try await wire.answer()
                    #expect(answer.status == 200)
                    #expect(answer.headers["connection"] == "close")
                }
            }
        }
    }

    @Test("answers what is no HTTP")
    func malformed() async throws {
        try await withDarkroom { fixture in
            for (bytes, status) in [
                ("GARBAGE\r\n\r\n", 400), ("GET / HTTP/1.1\r\nBad Header: 1\r\n\r\n", 400),
                ("GET / HTTP/1.1\r\nX: \(String(repeating: "x", count: 100_000))\r\n\r\n", 431),
            ] {
                try await withWire(fixture) { wire in
                    try await wire.send(bytes)
                    #expect(try await wire.head().status == status)
                }
                try await withWire(fixture) { wire in
                    #expect(try await wire.get("/hello").status == 200)
                    try await wire.send(bytes)
                    #expect(try await wire.head().status == status)
                }
            }
        }
    }

    @Test("is closed when a request's head or body does not come, or no next request")
    func patience() async throws {
        try await withDarkroom({
            $0.timing.head = .milliseconds(50)
            $0.timing.idle = .milliseconds(50)
            $0.timing.body = .milliseconds(50)
        }) { fixture in
            for beginning in [
                "", "GET /hello HTTP/1.1\r\nHost:", "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n",
                "POST /count HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nab",
                "POST \(fixture.path) HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nab",
            ] {
                try await withWire(fixture) { wire in
                    // On a busy machine it can be closed before anything is sent.
                    if !beginning.isEmpty { try? await wire.send(beginning) }
                    _ = try await wire.readToEnd()
                }
            }
        }
    }

    @Test("is closed when a request's body comes too slowly, though a byte comes now and then")
    func trickle() async throws {
        try await withDarkroom({
            $0.timing.head = .milliseconds(100)
            $0.timing.body = .milliseconds(100)
            // More than can come byte by byte in that time.
            $0.limits.bodyBytes = 1 << 30
        }) { fixture in
            for path in ["/count", "/refuse", fixture.path] {
                try await withWire(fixture) { wire in
                    await #expect(throws: (any Error).self) {
                        try await wire.request("POST", path, ["Content-Length": "1000000000"])
                        while true { try await wire.send("a") }
                    }
                }
            }
        }
    }

    @Test("reads a batch's events by the absolute form of its URL")
    func absoluteForm() async throws {
        try await withDarkroom { fixture in
            let answer = try await withWire(fixture) {
                try await $0.get("http://\(fixture.host)\(fixture.path)")
            }
            #expect(answer.status == 200)
        }
    }
}
