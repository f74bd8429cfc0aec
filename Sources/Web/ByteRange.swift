// Range and conditional requests (RFC 9110, sections 13 and 14): how much of a file to send.

import HTTPTypes

/// What a request for a file gets.
enum FileAnswer: Equatable {
    case whole
    case part(Range<Int>)
    case notModified
    /// 416: the range begins past the end.
    case unsatisfiable

    /// Decides by `If-None-Match`, `Range` and `If-Range`. Several ranges in one request are
    /// answered with the whole file, as a server may.
    init(to headers: HTTPFields, size: Int, tag: String) {
        if let tags = headers[.ifNoneMatch], matches(tags, tag) {
            self = .notModified
            return
        }
        let isCurrent = headers[.ifRange].map { $0 == "\"\(tag)\"" } ?? true
        guard isCurrent, let range = headers[.range], range.hasPrefix("bytes=") else {
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
