// Range and conditional requests (RFC 9110, sections 13 and 14): how much of a file to send.

import Domain
import HTTPTypes
import Hummingbird

/// What a request for a file gets.
enum FileAnswer: Equatable {
    case whole
    case part(Range<Int>)
    case notModified
    /// 416: the range begins past the end.
    case unsatisfiable
    /// 412: the client wants another file than this.
    case preconditionFailed

    /// Decides by `If-Match`, `If-None-Match`, `Range` and `If-Range`. Several ranges in one request
    /// are answered with the whole file, as a server may; only GET has any (section 14.2).
    init(to headers: HTTPFields, method: HTTPRequest.Method = .get, size: Int, tag: String) {
        if let tags = headers[.ifMatch], !matchesStrongly(tags, tag) {
            self = .preconditionFailed
            return
        }
        if let tags = headers[.ifNoneMatch], matches(tags, tag) {
            self = .notModified
            return
        }
        let isCurrent = headers[.ifRange].map { $0 == "\"\(tag)\"" } ?? true
        guard method == .get, isCurrent, let range = headers[.range], range.hasPrefix("bytes=")
        else {
            self = .whole
            return
        }
        self = FileAnswer(range: range.dropFirst("bytes=".count), size: size)
    }

    private init(range: Substring, size: Int) {
        let ends = range.split(separator: "-", omittingEmptySubsequences: false)
        guard !range.contains(","), ends.count == 2 else {
            self = .whole
            return
        }
        switch (Int(ends[0]), Int(ends[1])) {
        case (nil, let last?) where ends[0].isEmpty:  // The last so many bytes.
            self = last > 0 && size > 0 ? .part(max(0, size - last)..<size) : .unsatisfiable
        case (let first?, nil) where ends[1].isEmpty:
            self = first < size ? .part(first..<size) : .unsatisfiable
        case (let first?, let last?) where first <= last:
            self = first < size ? .part(first..<min(last, size - 1) + 1) : .unsatisfiable
        default:
            self = .whole  // Not a range at all: the field is ignored.
        }
    }
}

/// A file on its way to a client: its tag, how long it may be kept, and what is said of its content.
struct FileResponse {
    let size: Int
    let tag: String
    /// `Cache-Control`, for the file and for the word that it is unchanged: a refusal is not kept.
    let cached: String
    /// What a 304 leaves out (section 15.4.5).
    let content: HTTPFields
    var vary: String?

    /// - Throws: `range-not-satisfiable`, `precondition-failed`.
    func response(
        to request: Request, body: (Range<Int>) -> ResponseBody
    ) throws(Refusal) -> Response {
        switch FileAnswer(to: request.headers, method: request.method, size: size, tag: tag) {
        case .notModified:
            return Response(status: .notModified, headers: validators)
        case .preconditionFailed:
            throw Refusal(Problem(.preconditionFailed))
        case .unsatisfiable:
            throw Refusal(
                Problem(.rangeNotSatisfiable, limit: size),
                headers: [.contentRange: "bytes */\(size)"])
        case .whole:
            return Response(status: .ok, headers: headers(length: size), body: body(0..<size))
        case .part(let range):
            var headers = headers(length: range.count)
            headers[.contentRange] = "bytes \(range.lowerBound)-\(range.upperBound - 1)/\(size)"
            return Response(status: .partialContent, headers: headers, body: body(range))
        }
    }

    private var validators: HTTPFields {
        var headers: HTTPFields = [.eTag: "\"\(tag)\"", .cacheControl: cached]
        headers[.vary] = vary
        return headers
    }

    /// The length comes first: some browsers take what came of a head that was cut for all of it, and
    /// would keep an empty file for as long as `Cache-Control` allows.
    private func headers(length: Int) -> HTTPFields {
        var headers: HTTPFields = [.contentLength: "\(length)"]
        for field in validators { headers.append(field) }
        headers[.acceptRanges] = "bytes"
        headers[.xContentTypeOptions] = "nosniff"
        for field in content { headers.append(field) }
        return headers
    }
}

/// The strong comparison of `If-Match` with a list of tags, or `*`.
private func matchesStrongly(_ list: String, _ tag: String) -> Bool {
    list.split(separator: ",").contains { item in
        let item = item.drop(while: \.isWhitespace).trimmingSuffix(while: \.isWhitespace)
        return item == "*" || item == "\"\(tag)\""
    }
}

/// The weak comparison of `If-None-Match` with a list of tags, or `*`.
private func matches(_ list: String, _ tag: String) -> Bool {
    list.split(separator: ",").contains { item in
        let item = item.drop(while: \.isWhitespace)
        let opaque = item.hasPrefix("W/") ? item.dropFirst(2) : item
        return item == "*" || opaque.trimmingSuffix(while: \.isWhitespace) == "\"\(tag)\""
    }
}

extension Substring {
    fileprivate func trimmingSuffix(while predicate: (Character) -> Bool) -> Substring {
        var rest = self
        while let last = rest.last, predicate(last) { rest.removeLast() }
        return rest
    }
}
