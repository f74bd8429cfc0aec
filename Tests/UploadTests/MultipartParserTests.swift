// The form parser and the values in its headers, which strangers write.

import Domain
import Foundation
import NIOCore
import TestSupport
import Testing

@testable import Web

/// What the parser makes of `body` arriving in `chunks`: a name and the content of each part.
private func parse(
    _ chunks: [ArraySlice<UInt8>], boundary: String = "b0undary"
) throws -> [(name: String?, content: [UInt8])] {
    var parser = MultipartParser(boundary: boundary, partLimit: 100)
    var parts: [(name: String?, content: [UInt8])] = []
    for chunk in chunks {
        parser.feed(ByteBuffer(bytes: chunk))
        while let piece = try parser.next() {
            switch piece {
            case .begin(let header):
                let disposition = ParameterizedValue(header["content-disposition"] ?? "")
                parts.append((disposition.fileName, []))
            case .bytes(let buffer): parts[parts.count - 1].content += buffer.readableBytesView
            case .end: break
            }
        }
    }
    try parser.finish()
    return parts
}

@Suite("Multipart parser")
struct MultipartParserTests {
    /// Content that looks like boundaries, and almost is.
    private let contents = [
        "", "\r\n", "\r\n--b0undar", "--b0undary", "\r\n--b0undarx--", "\r\r\n--b0undar\r\n-",
        "plain",
    ]

    @Test("finds the same parts however the body is cut in two")
    func everyCut() throws {
        let body = Array(form(contents.map { ("a.jpg", $0) }).utf8)
        for cut in 0...body.count {
            let parts = try parse([body[..<cut], body[cut...]])
            #expect(parts.map { String(decoding: $0.content, as: UTF8.self) } == contents)
        }
    }

    @Test("finds the same parts when every byte comes alone")
    func byteByByte() throws {
        let body = Array(form(contents.map { ("a.jpg", $0) }).utf8)
        let parts = try parse(body.indices.map { body[$0...$0] })
        #expect(parts.map { String(decoding: $0.content, as: UTF8.self) } == contents)
    }

    @Test("finds random parts in random pieces")
    func random() throws {
        var random = Dice(seed: chosenSeed())
        // Few letters, so that near misses of the boundary are common.
        let letters = Array("\r\n-b0".utf8)
        for _ in 0..<chosenRounds(usually: 300) {
            let contents = (0..<Int.random(in: 0...5, using: &random)).map { _ in
                (0..<Int.random(in: 0...60, using: &random)).map { _ in
                    letters[Int.random(in: 0..<letters.count, using: &random)]
                }
            }.filter { !String(decoding: $0, as: UTF8.self).contains("\r\n--b0") }
            let body = Array(
                form(contents.map { ("a", String(decoding: $0, as: UTF8.self)) }, boundary: "b0")
                    .utf8)
            var chunks: [ArraySlice<UInt8>] = []
            var start = 0
            while start < body.count {
                let end = min(body.count, start + Int.random(in: 1...40, using: &random))
                chunks.append(body[start..<end])
                start = end
            }
            #expect(try parse(chunks, boundary: "b0").map(\.content) == contents)
        }
    }

    @Test("reads a part's header once, however small the pieces are in which it comes")
    func trickle() throws {
        let lines = (0..<1_000).map { "A\($0): value\r\n" }.joined()
        let body = Array("--b0undary\r\n\(lines)\r\nx\r\n--b0undary--".utf8)
        let long = Array("--b0undary\r\nA: \(String(repeating: "a", count: 16_000))\r\n".utf8)
        // A second of CPU is a hundred times what it takes here, and a hundredth of what it takes
        // to begin anew with each byte.
        let used = try cpuSeconds {
            let parts = try parse(body.indices.map { body[$0...$0] })
            #expect(parts.count == 1)
            var parser = MultipartParser(boundary: "b0undary", partLimit: 1)
            for byte in long {
                parser.feed(ByteBuffer(integer: byte))
                let piece = try parser.next()
                #expect(piece == nil)
            }
        }
        #expect(used < 2)
    }

    @Test("calls a line malformed that no CR ends")
    func bareLineFeed() {
        let body = "--b0undary\r\nA: b\nC: d\r\n\r\nx\r\n--b0undary--"
        #expect(throws: Problem.self) { try parse([Array(body.utf8)[...]]) }
    }

    @Test("ignores what stands before the first boundary and behind the last")
    func preamble() throws {
        let body = "ignore me\r\n" + form([("a", "1")]) + "and me --b0undary"
        #expect(try parse([Array(body.utf8)[...]]).count == 1)
    }

    @Test(
        "calls malformed what never ends, has no fields or is too long",
        arguments: [
            "", "nothing", "--b0undary", "--b0undary\r\n\r\n", "--b0undary\r\nnonsense\r\n\r\n",
            "--b0undary and more\r\n", "--b0undary\r\nA: \(String(repeating: "a", count: 20_000))",
            "--b0undary\r\n\r\nbody\r\n--b0undaryx",
        ])
    func malformed(body: String) {
        let problem = #expect(throws: Problem.self) { try parse([Array(body.utf8)[...]]) }
        #expect(problem?.code == .malformedMultipart)
    }

    @Test("counts parts")
    func tooMany() {
        let body = form((0...100).map { ("\($0)", "") })
        #expect(throws: Problem.self) { try parse([Array(body.utf8)[...]]) }
    }

    @Test(
        "takes the boundary from the Content-Type",
        arguments: [
            ("multipart/form-data; boundary=abc", "abc"),
            ("Multipart/Form-Data; charset=utf-8; BOUNDARY=\"a b\"", "a b"),
            ("multipart/form-data; boundary=", nil), ("multipart/form-data", nil),
            ("multipart/mixed; boundary=abc", nil),
            ("multipart/form-data; boundary=\(String(repeating: "a", count: 71))", nil),
        ])
    func boundary(contentType: String, expected: String?) {
        #expect(MultipartParser.boundary(in: contentType) == expected)
    }

    @Test(
        "reads file names as browsers and curl write them",
        arguments: [
            (#"form-data; name="a"; filename="b.jpg""#, "b.jpg"),
            (#"form-data; filename=b.jpg; name=a"#, "b.jpg"),
            (#"form-data; filename="a%22b%0D%0A100%.jpg""#, "a\"b\r\n100%.jpg"),
            (#"form-data; filename="a\"b\\c;d.jpg""#, #"a"b\c;d.jpg"#),
            (#"form-data; filename="C:\photos\a.jpg""#, #"C:\photos\a.jpg"#),
            (#"form-data; filename="x.jpg"; filename*=UTF-8'en'%e2%82%ac.jpg"#, "€.jpg"),
            (#"form-data; filename="x.jpg"; filename*=UTF-8''%e2%82.jpg"#, "x.jpg"),
            (#"form-data; filename="x.jpg"; filename*=latin9''a"#, "x.jpg"),
            (#"form-data; filename="fräulein 🦊.jpg""#, "fräulein 🦊.jpg"),
            (#"form-data; name="a""#, nil), (#"form-data; filename"#, nil), ("", nil),
            (#"form-data; filename="unfinished"#, "unfinished"),
        ])
    func fileName(disposition: String, expected: String?) {
        #expect(ParameterizedValue(disposition).fileName == expected)
    }
}
