// The header fields of the upload protocols.

import Domain
import Foundation
import HTTPTypes
import TestSupport
import Testing

@testable import Web

@Suite("Upload fields")
struct FieldTests {
    @Test("tus metadata survives being written and read, whatever is in it")
    func metadata() throws {
        var random = Dice(seed: chosenSeed())
        for _ in 0..<chosenRounds(usually: 200) {
            var expected: [String: [UInt8]] = [:]
            for number in 0..<Int.random(in: 0...6, using: &random) {
                expected["key\(number)"] = (0..<Int.random(in: 0...20, using: &random)).map { _ in
                    UInt8.random(in: .min ... .max, using: &random)
                }
            }
            let text = expected.map { key, value in
                value.isEmpty ? key : "\(key) \(Data(value).base64EncodedString())"
            }.joined(separator: ",")
            #expect(try TusMetadata(text).values == expected)
        }
    }

    @Test("tus metadata names the file by filename, then by name")
    func fileName() throws {
        #expect(try TusMetadata("name \(base64("a")),filename \(base64("b"))").fileName == "b")
        #expect(try TusMetadata("name \(base64("a")),filename").fileName == "a")
        #expect(try TusMetadata("").fileName == nil)
        let path = "relativePath \(base64("a/b.jpg")),filename"
        #expect(try TusMetadata("\(path) \(base64("b.jpg"))").fileName == "a/b.jpg")
        #expect(try TusMetadata("\(path) \(base64("c.jpg"))").fileName == "c.jpg")
    }

    @Test(
        "tus metadata is read in both alphabets of base64, padded or not, and with a comma behind it",
        arguments: [
            "filename Pz8_Pz4+", "filename Pz8/Pz4-,", "filename Pz8_Pz4-, ",
            "a YQ,filename Pz8_Pz4-,",
        ])
    func metadataDialects(text: String) throws {
        #expect(try TusMetadata(text).fileName == "????>>")
    }

    @Test("tus metadata is malformed where a pair is missing before the end, or what is no base64")
    func malformedMetadata() {
        for text in [",", ",,", "a YQ,,b YQ", ",a YQ", "a YQ,,", "filename Y"] {
            #expect(throws: Problem.self, "\(text)") { try TusMetadata(text) }
        }
    }

    @Test(
        "numbers are decimal digits and nothing else",
        arguments: [
            ("0", 0), ("12", 12), ("007", 7), ("", nil), ("-1", nil), ("+1", nil), (" 1", nil),
            ("1.0", nil), ("0x1", nil), ("٣", nil), ("9223372036854775808", nil),
        ])
    func numbers(text: String, expected: Int?) {
        #expect(count(in: text) == expected)
    }

    @Test(
        "structured integers and booleans of another type are as good as absent",
        arguments: [
            ("1", 1, nil), ("-5", -5, nil), ("?1", nil, true), ("?0", nil, false),
            ("\"1\"", nil, nil),
            ("1.5", nil, nil), ("?2", nil, nil), ("", nil, nil), ("1, 2", nil, nil),
            ("7;parameter=x", 7, nil), ("1234567890123456", nil, nil), ("?1 ", nil, true),
        ] as [(String, Int?, Bool?)])
    func structured(text: String, integer: Int?, boolean: Bool?) {
        #expect(StructuredField.integer(text) == integer)
        #expect(StructuredField.boolean(text) == boolean)
    }

    @Test("structured fields never crash on noise")
    func noise() {
        var random = Dice(seed: chosenSeed())
        let letters = Array("?01=:;,\"()*%ab@-. \u{80}é".unicodeScalars)
        for _ in 0..<chosenRounds(usually: 5_000) {
            var text = String.UnicodeScalarView()
            for _ in 0..<Int.random(in: 0...12, using: &random) {
                text.append(letters[Int.random(in: 0..<letters.count, using: &random)])
            }
            let field = String(text)
            if let number = StructuredField.integer(field) {
                #expect(StructuredField.integer(String(number)) == number)
            }
            _ = StructuredField.boolean(field)
            _ = StructuredField.bytes("a", in: field)
        }
    }

    @Test("digests are read from dictionaries of byte sequences only")
    func digests() {
        let empty = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
        let hex = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        #expect(Digests.ofFile([.reprDigest: "sha-256=:\(empty):"]) == hex)
        #expect(Digests.ofFile([.reprDigest: "sha-512=:AAAA:, sha-256=:\(empty):"]) == hex)
        #expect(Digests.ofFile([.reprDigest: "sha-256=\(empty)"]) == nil)
        #expect(Digests.ofFile([.reprDigest: "sha-512=:AAAA:"]) == nil)
        #expect(
            Digests.answer(hex, to: [.wantReprDigest: "sha-256=5"]) == "sha-256=:\(empty):")
        #expect(Digests.answer(hex, to: [:]) == nil)
    }

    @Test("dates are written as HTTP has them")
    func dates() {
        let date = Date(timeIntervalSince1970: 1_403_712_000)
        #expect(date.httpDate == "Wed, 25 Jun 2014 16:00:00 GMT")
    }

    @Test(
        "the draft is recognised by its fields",
        arguments: [
            ([:], nil, false), (["Upload-Complete": "?1"], 8, false),
            (["Upload-Complete": "1"], nil, false), (["Upload-Incomplete": "?1"], 3, false),
            (["Upload-Draft-Interop-Version": "5"], 5, true),
            (["Upload-Draft-Interop-Version": "9", "Upload-Complete": "?1"], nil, false),
            (["Content-Type": "application/partial-upload"], 8, false),
        ] as [([String: String], Int?, Bool)])
    func spoken(headers: [String: String], version: Int?, isAnnounced: Bool) throws {
        var fields = HTTPFields()
        for (name, value) in headers { fields[try #require(HTTPField.Name(name))] = value }
        let spoken = Draft.spoken(in: fields)
        #expect(spoken?.draft.interop == version)
        #expect((spoken?.isAnnounced ?? false) == isAnnounced)
    }
}
