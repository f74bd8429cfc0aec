import Domain
import NIOCore
import Testing
import Web

@Suite("WebSocket", .timeLimit(.minutes(5)))
struct SocketTests {
    private func open(
        _ fixture: Fixture, _ wire: Wire, _ headers: [String: String] = [:]
    ) async throws {
        let answer = try await wire.upgrade("\(fixture.path)?after=\(fixture.cursor(1))", headers)
        #expect(answer.status == 101)
    }

    @Test("answers the handshake and says hello")
    func hello() async throws {
        try await withDarkroom { fixture in
            try await withWire(fixture) { wire in
                let answer = try await wire.upgrade(fixture.path)
                #expect(answer.headers["sec-websocket-accept"] == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
                #expect(answer.headers["sec-websocket-protocol"] == "revela.v1")
                let hello = try await wire.message("hello")
                #expect(hello["cursor"]?.stringValue == fixture.cursor(1))
                #expect(hello["heartbeatMs"]?.intValue == 15_000)
                #expect(try isNow(hello["at"]?.stringValue))
                #expect(try await wire.message("reset")["document"] != nil)
                #expect(try await wire.message("live")["live"] == [:])
            }
        }
    }

    @Test("refuses a foreign origin, and what is no handshake of ours")
    func refusals() async throws {
        try await withDarkroom { fixture in
            for (headers, status) in [
                (["Origin": "http://evil"], 403), (["Origin": "http://own"], 101),
                (["Sec-WebSocket-Version": "8"], 400), (["Sec-WebSocket-Key": "short"], 400),
                // 16 bytes, 15, 17, and what is no base64.
                (["Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA=="], 101),
                (["Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAA"], 400),
                (["Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAAA="], 400),
                (["Sec-WebSocket-Key": "*AAAAAAAAAAAAAAAAAAAAA=="], 400),
                (["Sec-WebSocket-Protocol": "chat"], 400),
                (["Sec-WebSocket-Protocol": "chat, revela.v1"], 101),
                (["Connection": "close"], 400),
            ] {
                let answer = try await withWire(fixture) {
                    try await $0.upgrade(fixture.path, headers)
                }
                #expect(answer.status == status, "\(headers)")
                let isOtherVersion = headers["Sec-WebSocket-Version"] != nil
                #expect(
                    answer.headers["sec-websocket-version"] == (isOtherVersion ? "13" : nil))
            }
        }
    }

    @Test("upgrades any request of a kept-alive connection")
    func laterUpgrade() async throws {
        try await withDarkroom { fixture in
            try await withWire(fixture) { wire in
                #expect(try await wire.get("/hello").body == "hello\n")
                #expect(try await wire.get(fixture.path).status == 200)
                #expect(try await wire.get("/hello").body == "hello\n")
                try await open(fixture, wire)
                _ = try await wire.message("hello")
                try await fixture.addImage()
                let change = try await wire.message("change")
                #expect(change["cursor"]?.stringValue == fixture.cursor(2))
            }
            try await fixture.untilNobodyIsSubscribed()
        }
    }

    @Test("takes frames that come with the handshake")
    func eagerClient() async throws {
        try await withDarkroom { fixture in
            try await withWire(fixture) { wire in
                var bytes = ByteBuffer(
                    string: """
                        GET \(fixture.path) HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n\
                        Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n\
                        Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n
                        """)
                bytes.writeImmutableBuffer(
                    maskedFrame(1, ByteBuffer(string: #"{"id":1,"ping":7}"#)))
                try await wire.send(bytes)
                #expect(try await wire.head().status == 101)
                #expect(try await wire.message("reply")["pong"]?.intValue == 7)
            }
        }
    }

    @Test("answers commands, for the owner")
    func commands() async throws {
        try await withDarkroom { fixture in
            let image = try await fixture.addImage("beach.jpg")
            try await withWire(fixture) { wire in
                try await open(fixture, wire, ["Authorization": "owner"])
                try await wire.send(command: #"{"id":1,"info":"\#(image.id)"}"#)
                let info = try await wire.message("reply")
                #expect(info["reply"]?.intValue == 1)
                #expect(info["image"]?["name"]?.stringValue == "beach.jpg")
                try await wire.send(command: #"{"id":"two","cancel":"\#(image.id)"}"#)
                let cancel = try await wire.message("reply")
                #expect(cancel["reply"]?.stringValue == "two")
                #expect(cancel["image"]?["state"]?.stringValue == "cancelled")
            }
        }
    }

    @Test("answers what it cannot do with a problem, and goes on")
    func problems() async throws {
        try await withDarkroom { fixture in
            let image = try await fixture.addImage()
            try await withWire(fixture) { wire in
                try await open(fixture, wire)
                for (command, code) in [
                    (#"{"id":1,"cancel":"\#(image.id)"}"#, "not-owner"),
                    (#"{"id":2,"info":"i_nothing"}"#, "no-such-image"),
                    (#"{"id":3,"info":"\#(Image.ID.random())"}"#, "no-such-image"),
                    (#"{"id":4,"develop":"now"}"#, "bad-request"), ("{\"id\":", "bad-request"),
                    ("[1]", "bad-request"), (#"{"ping":1}"#, "bad-request"),
                    (#"{"id":5,"ping":[1,null]}"#, "bad-request"),
                ] {
                    try await wire.send(command: command)
                    let reply = try await wire.message("reply")
                    #expect(reply["problem"]?["code"]?.stringValue == code, "\(command)")
                }
                try await wire.send(command: #"{"id":6,"ping":"now"}"#)
                #expect(try await wire.message("reply")["pong"] == "now")
            }
        }
    }

    @Test("closes with the right code")
    func closeCodes() async throws {
        try await withDarkroom { fixture in
            let big = ByteBuffer(repeating: 97, count: 20_000)
            for (frame, code) in [
                (maskedFrame(1, big), 1009), (maskedFrame(1, ByteBuffer(bytes: [0xFF])), 1007),
                (maskedFrame(2, ByteBuffer(bytes: [1])), 1003),
                (ByteBuffer(bytes: [0x81, 0x01, 0x61]), 1002),
                (maskedFrame(8, ByteBuffer(bytes: [0x03, 0xE9])), 1001),
                (maskedFrame(8, ByteBuffer(bytes: [0x0F, 0xA0])), 4000),
            ] as [(ByteBuffer, UInt16)] {
                try await withWire(fixture) { wire in
                    try await open(fixture, wire)
                    try await wire.send(frame)
                    #expect(try await wire.closeCode() == code)
                    #expect(try await wire.readToEnd() == "")
                }
            }
            try await fixture.untilNobodyIsSubscribed()
        }
    }

    @Test("answers a ping with its bytes")
    func ping() async throws {
        try await withDarkroom { fixture in
            try await withWire(fixture) { wire in
                try await open(fixture, wire)
                try await wire.send(frame: 9, ByteBuffer(string: "there?"))
                var frame = try await wire.frame()
                while frame.opcode != 10 { frame = try await wire.frame() }
                #expect(frame.text == "there?")
            }
        }
    }

    @Test("slows a client that asks too much down, then closes")
    func flood() async throws {
        try await withDarkroom { fixture in
            try await withWire(fixture) { wire in
                try await open(fixture, wire)
                let flood = (0..<500).map { #"{"id":\#($0),"ping":0}"# }
                var bytes = ByteBuffer()
                for command in flood {
                    bytes.writeImmutableBuffer(maskedFrame(1, ByteBuffer(string: command)))
                }
                try await wire.send(bytes)
                var refused = 0
                var code: UInt16?
                while code == nil {
                    let frame = try await wire.frame()
                    if frame.opcode == 8 { code = frame.closeCode }
                    if frame.text.contains("too-many-requests") { refused += 1 }
                }
                #expect(code == 1008)
                #expect((99..<300).contains(refused))
            }
        }
    }

    @Test("takes commands of a kibibyte and one level, and parses no other")
    func bounds() async throws {
        try await withDarkroom { fixture in
            try await withWire(fixture) { wire in
                try await open(fixture, wire)
                for deep in ["[]", "{}", "{\"at\":1}", String(repeating: "[", count: 900)] {
                    try await wire.send(command: "{\"id\":1,\"ping\":\(deep)}")
                    let reply = try await wire.message("reply")
                    #expect(reply["problem"]?["code"] == "bad-request" && reply["reply"] == .null)
                }
                let text = String(repeating: "y", count: 1_024 - 19)
                try await wire.send(command: "{\"id\":1,\"ping\":\"\(text)\"}")
                #expect(try await wire.message("reply")["pong"]?.stringValue == text)
                try await wire.send(command: "{\"id\":1,\"ping\":\"\(text)yy\"}")
                #expect(try await wire.closeCode() == 1009)
            }
        }
    }

    @Test("gives up a client that answers no ping")
    func silentClient() async throws {
        try await withDarkroom({
            $0.timing.heartbeat = .milliseconds(20)
            $0.timing.stall = .milliseconds(40)
        }) { fixture in
            try await withWire(fixture) { wire in
                try await open(fixture, wire)
                _ = try await wire.readToEnd()
            }
            try await fixture.untilNobodyIsSubscribed()
        }
    }
}
