import HTTPTypes
import Testing

@testable import Web

@Suite("A request for a file")
struct FileAnswerTests {
    private func answer(
        _ headers: HTTPFields, method: HTTPRequest.Method = .get, size: Int = 100
    ) -> FileAnswer {
        FileAnswer(to: headers, method: method, size: size, tag: "t")
    }

    @Test(
        "with a range gets that part (RFC 9110, 14.1.2)",
        arguments: [
            ("bytes=0-9", 0..<10), ("bytes=90-", 90..<100), ("bytes=-10", 90..<100),
            ("bytes=-1000", 0..<100), ("bytes=95-1000", 95..<100), ("bytes=99-99", 99..<100),
        ])
    func parts(range: String, part: Range<Int>) {
        #expect(answer([.range: range]) == .part(part))
    }

    @Test("past the end is told so", arguments: ["bytes=100-", "bytes=999999999-", "bytes=-0"])
    func unsatisfiable(range: String) {
        #expect(answer([.range: range]) == .unsatisfiable)
    }

    @Test(
        "with what is no single range gets the whole",
        arguments: ["bytes=0-1,4-5", "bytes=9-3", "bytes=a-b", "bytes=--5", "bytes=", "lines=1-2"])
    func whole(range: String) {
        #expect(answer([.range: range]) == .whole)
    }

    @Test("of nothing at all has no part")
    func empty() {
        #expect(answer([.range: "bytes=0-"], size: 0) == .unsatisfiable)
        #expect(answer([.range: "bytes=-5"], size: 0) == .unsatisfiable)
    }

    @Test(
        "that holds the current tag gets nothing new",
        arguments: [#""t""#, #"W/"t""#, #""a", W/"t""#, #""a","t" "#, "*"])
    func notModified(tags: String) {
        #expect(answer([.ifNoneMatch: tags]) == .notModified)
        #expect(answer([.ifNoneMatch: tags, .range: "bytes=0-1"]) == .notModified)
    }

    @Test("by HEAD is about the whole file, whatever range it names")
    func head() {
        #expect(answer([.range: "bytes=0-1"], method: .head) == .whole)
        #expect(answer([.range: "bytes=100-"], method: .head) == .whole)
    }

    @Test(
        "that wants another file than this gets none (RFC 9110, 13.1.1)",
        arguments: [#""u""#, #"W/"t""#, "t", "", #""u", "v""#])
    func preconditionFailed(tags: String) {
        #expect(answer([.ifMatch: tags]) == .preconditionFailed)
        #expect(answer([.ifMatch: tags, .ifNoneMatch: "*"]) == .preconditionFailed)
    }

    @Test("that wants this file gets it", arguments: [#""t""#, #""u" , "t""#, "*"])
    func preconditionHolds(tags: String) {
        #expect(answer([.ifMatch: tags]) == .whole)
        #expect(answer([.ifMatch: tags, .range: "bytes=1-2"]) == .part(1..<3))
        #expect(answer([.ifMatch: tags, .ifNoneMatch: #""t""#]) == .notModified)
    }

    @Test("that holds another tag gets the file", arguments: [#""u""#, "t", #""t"#])
    func modified(tags: String) {
        #expect(answer([.ifNoneMatch: tags]) == .whole)
    }

    @Test("continues only the file it began")
    func ifRange() {
        #expect(answer([.range: "bytes=5-", .ifRange: #""t""#]) == .part(5..<100))
        #expect(answer([.range: "bytes=5-", .ifRange: #""u""#]) == .whole)
        #expect(answer([.range: "bytes=5-", .ifRange: #"W/"t""#]) == .whole)
    }
}

@Suite("A name in Content-Disposition")
struct AttachmentTests {
    @Test(
        "cannot break out of its quotes, and keeps its letters",
        arguments: [
            ("a.jpg", #"attachment; filename="a.jpg"; filename*=UTF-8''a.jpg"#),
            ("é\".jpg", #"attachment; filename="__.jpg"; filename*=UTF-8''%c3%a9%22.jpg"#),
            ("100%.jpg", #"attachment; filename="100_.jpg"; filename*=UTF-8''100%25.jpg"#),
        ])
    func attachmentHeader(name: String, header: String) {
        #expect(disposition("attachment", named: name) == header)
    }
}
