import NIOCore
import TestSupport
import Testing
import Web

@Suite("The WebSocket parser")
struct WebSocketParserTests {
    private func parse(_ bytes: ByteBuffer, limit: Int = 1 << 20) -> Result<
        [WebSocketParser.Item], WebSocketClose
    > {
        var parser = WebSocketParser(limit: limit)
        parser.append(bytes)
        return items(&parser)
    }

    private func items(_ parser: inout WebSocketParser) -> Result<
        [WebSocketParser.Item], WebSocketClose
    > {
        var items: [WebSocketParser.Item] = []
        do throws(WebSocketClose) {
            while let item = try parser.next() { items.append(item) }
            return .success(items)
        } catch {
            return .failure(error)
        }
    }

    private func code(_ bytes: [UInt8], limit: Int = 1 << 20) -> UInt16? {
        guard case .failure(let close) = parse(ByteBuffer(bytes: bytes), limit: limit) else {
            return nil
        }
        return close.code
    }

    @Test("reads a masked text")
    func text() {
        let hello = ByteBuffer(string: "Olá")
        #expect(parse(maskedFrame(1, hello)) == .success([.text(hello)]))
    }

    @Test(
        "refuses what RFC 6455 forbids with 1002",
        arguments: [
            [0x81, 0x00],  // not masked
            [0xC1, 0x80], [0xA1, 0x80], [0x91, 0x80],  // reserved bits
            [0x83, 0x80], [0x87, 0x80], [0x8B, 0x80], [0x8F, 0x80],  // reserved opcodes
            [0x09, 0x80], [0x08, 0x80],  // fragmented control frames
            [0x89, 0xFE],  // a control frame of more than 125 bytes
            [0x80, 0x80, 0, 0, 0, 0], [0x00, 0x80, 0, 0, 0, 0],  // continuations of nothing
            [0x01, 0x80, 0, 0, 0, 0, 0x81, 0x80, 0, 0, 0, 0],  // a message within a message
            [0x81, 0xFE, 0, 125, 0, 0, 0, 0],  // a length that has a shorter form
            [0x81, 0xFF, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 0, 0, 0, 0],
            [0x81, 0xFF, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],  // the highest bit of a length
            [0x88, 0x81, 0, 0, 0, 0, 3],  // half a close code
        ] as [[UInt8]])
    func violations(bytes: [UInt8]) {
        #expect(code(bytes) == 1002)
    }

    @Test(
        "refuses close codes that may not be sent",
        arguments: [0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000] as [UInt16])
    func closeCodes(code forbidden: UInt16) {
        var payload = ByteBuffer()
        payload.writeInteger(forbidden)
        #expect(
            parse(maskedFrame(8, payload)) == .failure(.protocolError("close code is not allowed")))
    }

    @Test("refuses a message over the limit before its bytes come, with 1009")
    func tooBig() {
        #expect(code([0x81, 0xFE, 0x04, 0x01, 0, 0, 0, 0], limit: 1_024) == 1009)
    }

    @Test("counts fragments together against the limit")
    func fragmentsTooBig() {
        var bytes = maskedFrame(1, ByteBuffer(repeating: 97, count: 600), isFinal: false)
        bytes.writeImmutableBuffer(maskedFrame(0, ByteBuffer(repeating: 97, count: 600)))
        #expect(parse(bytes, limit: 1_024) == .failure(.tooBig))
    }

    @Test(
        "refuses text that is not UTF-8 as soon as its wrong byte is there, with 1007",
        arguments: [[0x80], [0xC0, 0x80], [0xED, 0xA0], [0xF4, 0x90], [0xF8], [0xE2, 0x28]]
            as [[UInt8]])
    func notUTF8(bytes: [UInt8]) {
        let fragment = maskedFrame(1, ByteBuffer(bytes: bytes), isFinal: false)
        #expect(parse(fragment) == .failure(.notUTF8))
    }

    @Test("refuses a text that ends within a character")
    func cutCharacter() {
        #expect(parse(maskedFrame(1, ByteBuffer(bytes: [0xE2, 0x82]))) == .failure(.notUTF8))
    }

    @Test("joins fragments, lets control frames between them, in pieces of any size")
    func anyPieces() {
        let seed = chosenSeed()
        var dice = Dice(seed: seed)
        for _ in 0..<200 {
            let (bytes, expected) = conversation(&dice)
            var parser = WebSocketParser(limit: 1 << 20)
            var got: [WebSocketParser.Item] = []
            var rest = bytes
            while rest.readableBytes > 0 {
                let count = Int.random(in: 1...min(rest.readableBytes, 40), using: &dice)
                guard let piece = rest.readSlice(length: count) else { break }
                parser.append(piece)
                guard case .success(let more) = items(&parser) else {
                    Issue.record("refused, seed \(seed)")
                    return
                }
                got += more
            }
            #expect(got == expected, "seed \(seed)")
        }
    }

    /// A random run of messages, some in fragments with pings between them.
    private func conversation(_ dice: inout Dice) -> (ByteBuffer, [WebSocketParser.Item]) {
        var bytes = ByteBuffer()
        var items: [WebSocketParser.Item] = []
        for _ in 0..<Int.random(in: 1...5, using: &dice) {
            let isText = Bool.random(using: &dice)
            let payload = isText ? text(&dice) : random(&dice, upTo: 300)
            var rest = payload
            var opcode: UInt8 = isText ? 1 : 2
            var fragments = Int.random(in: 0...3, using: &dice)
            while fragments > 0 {
                let count = Int.random(in: 0...rest.readableBytes, using: &dice)
                let fragment = rest.readSlice(length: count) ?? ByteBuffer()
                bytes.writeImmutableBuffer(frame(opcode, fragment, isFinal: false, &dice))
                if Bool.random(using: &dice) {
                    let ping = random(&dice, upTo: 125)
                    bytes.writeImmutableBuffer(frame(9, ping, isFinal: true, &dice))
                    items.append(.ping(ping))
                }
                opcode = 0
                fragments -= 1
            }
            bytes.writeImmutableBuffer(frame(opcode, rest, isFinal: true, &dice))
            items.append(isText ? .text(payload) : .binary(payload))
        }
        return (bytes, items)
    }

    private func frame(
        _ opcode: UInt8, _ payload: ByteBuffer, isFinal: Bool, _ dice: inout Dice
    ) -> ByteBuffer {
        maskedFrame(
            opcode, payload, isFinal: isFinal, key: .random(in: .min ... .max, using: &dice))
    }

    private func random(_ dice: inout Dice, upTo count: Int) -> ByteBuffer {
        let count = Int.random(in: 0...count, using: &dice)
        return ByteBuffer(bytes: (0..<count).map { _ in UInt8.random(in: 0...255, using: &dice) })
    }

    private func text(_ dice: inout Dice) -> ByteBuffer {
        let alphabet = Array("aé€😀\u{0}\u{10FFFF}")
        let count = Int.random(in: 0...200, using: &dice)
        return ByteBuffer(
            string: String((0..<count).map { _ in alphabet.randomElement(using: &dice) ?? "a" }))
    }
}

@Suite("The check for UTF-8")
struct UTF8CheckTests {
    @Test("agrees with the standard library on random bytes")
    func agrees() {
        let seed = chosenSeed()
        var dice = Dice(seed: seed)
        let interesting: [UInt8] = [
            0x00, 0x41, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC1, 0xC2, 0xDF, 0xE0,
            0xE1, 0xEC, 0xED, 0xEE, 0xEF, 0xF0, 0xF1, 0xF3, 0xF4, 0xF5, 0xFF,
        ]
        for _ in 0..<50_000 {
            let count = Int.random(in: 0...6, using: &dice)
            let bytes = (0..<count).map { _ in interesting.randomElement(using: &dice) ?? 0 }
            var check = UTF8Check()
            let isText = check.accepts(bytes) && check.isComplete
            #expect(
                isText == (String(validating: bytes, as: UTF8.self) != nil),
                "seed \(seed): \(bytes)")
        }
    }
}

@Suite("WebSocket frames")
struct WebSocketFrameTests {
    @Test(
        "say their length in its shortest form",
        arguments: [(0, 2), (125, 2), (126, 4), (65_535, 4), (65_536, 10)])
    func lengths(count: Int, header: Int) {
        let frame = WebSocketFrame.encode(.binary, ByteBuffer(repeating: 7, count: count))
        #expect(frame.readableBytes == header + count)
        #expect(frame.getInteger(at: 0) == UInt8(0x82))
    }

    @Test("close without a code where there is none")
    func emptyClose() {
        #expect(WebSocketClose.noStatus.frame == ByteBuffer(bytes: [0x88, 0x00]))
    }
}
