import Domain
import Testing

@Suite("A merge patch (RFC 7396)")
struct MergePatchTests {
    /// The table of RFC 7396, appendix A.
    @Test(
        "does what the RFC's appendix says",
        arguments: [
            (#"{"a":"b"}"#, #"{"a":"c"}"#, #"{"a":"c"}"#),
            (#"{"a":"b"}"#, #"{"b":"c"}"#, #"{"a":"b","b":"c"}"#),
            (#"{"a":"b"}"#, #"{"a":null}"#, #"{}"#),
            (#"{"a":"b","b":"c"}"#, #"{"a":null}"#, #"{"b":"c"}"#),
            (#"{"a":["b"]}"#, #"{"a":"c"}"#, #"{"a":"c"}"#),
            (#"{"a":"c"}"#, #"{"a":["b"]}"#, #"{"a":["b"]}"#),
            (#"{"a":{"b":"c"}}"#, #"{"a":{"b":"d","c":null}}"#, #"{"a":{"b":"d"}}"#),
            (#"{"a":[{"b":"c"}]}"#, #"{"a":[1]}"#, #"{"a":[1]}"#),
            (#"["a","b"]"#, #"["c","d"]"#, #"["c","d"]"#),
            (#"{"a":"b"}"#, #"["c"]"#, #"["c"]"#),
            (#"{"a":"foo"}"#, #"null"#, #"null"#),
            (#"{"a":"foo"}"#, #""bar""#, #""bar""#),
            (#"{"e":null}"#, #"{"a":1}"#, #"{"a":1,"e":null}"#),
            (#"[1,2]"#, #"{"a":"b","c":null}"#, #"{"a":"b"}"#),
            (#"{}"#, #"{"a":{"bb":{"ccc":null}}}"#, #"{"a":{"bb":{}}}"#),
        ])
    func appendix(target: String, patch: String, result: String) throws {
        let merged = try JSON(parsing: target).merging(JSON(parsing: patch))
        #expect(merged == (try JSON(parsing: result)))
    }

    @Test("with absolute values changes nothing the second time")
    func idempotent() throws {
        let patch: JSON = ["state": "ready", "images": ["i_1": ["size": 3], "i_2": nil]]
        let once = JSON.object([:]).merging(patch)
        #expect(once.merging(patch) == once)
    }
}

@Suite("JSON text")
struct JSONTextTests {
    @Test("parses back to the value it was written from")
    func roundTrip() throws {
        let value: JSON = [
            "text": "quote \" slash \\ line\n tab\t nul\u{0} sep\u{2028} é 🎞",
            "numbers": [0, -7, .number(0.25), .int(.max)], "nothing": nil, "yes": true,
        ]
        #expect(try JSON(parsing: value.text) == value)
    }

    @Test("is read as deep as anybody means it, and no deeper: it would take ever longer")
    func depth() throws {
        func nested(_ depth: Int, _ open: String, _ close: String) -> String {
            String(repeating: open, count: depth) + "1" + String(repeating: close, count: depth)
        }
        for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
            _ = try JSON(parsing: nested(JSON.Bounds.own.depth, open, close))
            #expect(throws: JSON.Refusal.tooDeep(limit: JSON.Bounds.own.depth)) {
                try JSON(parsing: nested(JSON.Bounds.own.depth + 1, open, close))
            }
        }
        let text = "\"\\\"\(String(repeating: "[", count: 99))\""
        #expect(try JSON(parsing: text).stringValue?.count == 100)
        let wide = "[\(String(repeating: "[],", count: 99))1]"
        _ = try JSON(parsing: wide)
    }

    @Test("orders members by name, so equal values have equal texts")
    func ordered() {
        #expect(JSON.object(["b": 1, "a": 2]).text == #"{"a":2,"b":1}"#)
    }
}
