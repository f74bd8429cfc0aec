// The reader of JSON, which strangers write.

import Domain
import Foundation
import TestSupport
import Testing

@Suite("Reading JSON")
struct JSONReaderTests {
    private static let allowed: [(String, JSON)] = [
        ("null", JSON.null), (" true\r\n\t ", .bool(true)), ("false", .bool(false)),
        ("0", 0), ("-0", 0), ("12", 12), ("9223372036854775807", .int(.max)),
        ("-9223372036854775808", .int(.min)), ("1.0", 1), ("1e2", 100), ("1E-1", .number(0.1)),
        ("0.25e+0", .number(0.25)), ("9223372036854775808", .number(9.223372036854776e18)),
        ("[]", []), ("[ ]", []), ("{}", [:]), ("{ }", [:]), ("[1,[2],{}]", [1, [2], [:]]),
        (#"{"a":1,"b":{"c":[]}}"#, ["a": 1, "b": ["c": []]]), (#"{"a":1,"a":2}"#, ["a": 2]),
        ("\"\"", ""), (#""é🎞\u007f""#, "é🎞\u{7f}"),
        (#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{8}\u{c}\n\r\t"),
        (#""\u00e9\uD83C\uDF9E\u0000x""#, "é🎞\u{0}x"),
    ]

    @Test("takes what RFC 8259 allows", arguments: allowed)
    private func valid(text: String, value: JSON) throws {
        #expect(try JSON(parsing: text) == value)
    }

    @Test(
        "takes nothing else",
        arguments: [
            "", " ", "nul", "nulls", "True", "01", "-", "+1", ".5", "1.", "1.e1", "1e", "1e+",
            "0x1",
            "NaN", "Infinity", "1e999", "[", "]", "[1", "[1,]", "[,1]", "[1 2]", "{", "}", "{1:2}",
            #"{"a"}"#, #"{"a":}"#, #"{"a":1,}"#, #"{"a":1 "b":2}"#, #"{a:1}"#, "'a'", "\"",
            #""\""#,
            #""\x""#, #""\u12""#, #""\u12g4""#, #""\uD800""#, #""\uD800\u0041""#, #""\uDC00""#,
            "\"a\nb\"", "\"\u{0}\"", "1 1", "[] []", "\u{feff}1", "/**/1", "[1]]", "{}}",
            String(repeating: "1", count: 129),
        ])
    func invalid(text: String) {
        let refusal = #expect(throws: JSON.Refusal.self) { try JSON(parsing: text) }
        guard case .malformed = refusal else {
            Issue.record("\(text): \(String(describing: refusal))")
            return
        }
    }

    @Test("gives a text up at the first value or level too many, whatever stands behind it")
    func bounds() throws {
        let bounds = JSON.Bounds(depth: 2, values: 3)
        let taken: JSON = ["a": [1, 2]]
        #expect(try JSON(parsing: #"{"a":[1,2]}"#, within: bounds) == taken)
        for text in [#"{"a":[1,2,3"#, "[[],[],[],nonsense", #"{"a":1,"a":1,"a":1,"a""#] {
            #expect(throws: JSON.Refusal.tooManyValues(limit: 3)) {
                try JSON(parsing: text, within: bounds)
            }
        }
        for text in ["[[[", #"{"a":{"b":{nonsense"#, #"[{"a":["#] {
            #expect(throws: JSON.Refusal.tooDeep(limit: 2)) {
                try JSON(parsing: text, within: bounds)
            }
        }
        #expect(try JSON(parsing: #""[[[{{{""#, within: bounds) == "[[[{{{")
    }

    /// 100 KB each of what a reader could trip over.
    private static let shapes: [(name: String, text: String)] = {
        func of(_ piece: String, _ open: String = "[", _ close: String = "]") -> String {
            let count = 100_000 / (piece.utf8.count + 1)
            return open + Array(repeating: piece, count: count).joined(separator: ",") + close
        }
        let members = (0..<8_000).map { "\"k\($0)\":\($0)" }.joined(separator: ",")
        return [
            ("numbers", of("1")), ("fractions", of("0.1234567")), ("lists", of("[]")),
            ("objects", of("{}")), ("members", "{\(members)}"), ("a text", of("x", "\"", "\"")),
            ("escapes", "\"" + String(repeating: #"\u0041"#, count: 16_000) + "\""),
            ("one name", of(#""a":1"#, "{", "}")), ("words", of("null")), ("texts", of(#""ab""#)),
            ("spaces", String(repeating: " ", count: 100_000) + "1"),
            ("digits", String(repeating: "1", count: 100_000)),
            ("brackets", String(repeating: "[", count: 100_000)),
            ("braces", String(repeating: "{\"a\":", count: 16_000)),
        ]
    }()

    @Test("takes time in step with the length of the text, whatever it is")
    func linear() {
        for (name, text) in Self.shapes {
            let single = cpuSeconds { _ = try? JSON(parsing: text) }
            let double = cpuSeconds { _ = try? JSON(parsing: "[\(text),\(text)]") }
            print("100 KB of \(name): \(Int(single * 1e6)) µs")
            // Twice the bytes; with what a clock and a cold cache may add.
            #expect(double < 4 * single + 0.02, "\(name)")
        }
    }

    @Test("reads what was written, and what is spoilt without harm")
    func fuzz() throws {
        var random = Dice(seed: chosenSeed())
        for _ in 0..<chosenRounds(usually: 1_000) {
            let value = JSON.random(depth: 4, &random)
            #expect(try JSON(parsing: value.text) == value)
            var bytes = Array(value.text.utf8)
            for _ in 0..<Int.random(in: 1...4, using: &random) where !bytes.isEmpty {
                let place = Int.random(in: 0..<bytes.count, using: &random)
                bytes[place] = UInt8.random(in: 0...127, using: &random)
            }
            let text = String(decoding: bytes, as: UTF8.self)
            if let read = try? JSON(parsing: text) { #expect(try JSON(parsing: read.text) == read) }
        }
    }
}

extension JSON {
    fileprivate static func random(depth: Int, _ random: inout Dice) -> JSON {
        switch Int.random(in: 0...(depth > 0 ? 7 : 5), using: &random) {
        case 0: return .null
        case 1: return .bool(Bool.random(using: &random))
        case 2: return .int(Int.random(in: .min ... .max, using: &random))
        case 3: return .number(Double.random(in: 0..<1, using: &random) + 0.5)
        case 4, 5: return .string(text(&random))
        case 6:
            let count = Int.random(in: 0...4, using: &random)
            return .array((0..<count).map { _ in JSON.random(depth: depth - 1, &random) })
        default:
            var members: [String: JSON] = [:]
            for _ in 0..<Int.random(in: 0...4, using: &random) {
                members[text(&random)] = JSON.random(depth: depth - 1, &random)
            }
            return .object(members)
        }
    }

    private static func text(_ random: inout Dice) -> String {
        let letters: [Character] = ["a", "\"", "\\", "\n", "\u{0}", "é", "🎞", "\u{2028}", "[", "{"]
        return String(
            (0..<Int.random(in: 0...6, using: &random)).map { _ in
                letters[Int.random(in: 0..<letters.count, using: &random)]
            })
    }
}
