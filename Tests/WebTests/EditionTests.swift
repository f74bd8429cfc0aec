import Foundation
import NIOCore
import Testing

@testable import Web

@Suite("The edition of the pages")
final class EditionTests {
    private let folder = FileManager.default.temporaryDirectory
        .appendingPathComponent("revela-edition-\(UUID().uuidString)").path
    private var clock = Date(timeIntervalSince1970: 1_000_000)

    init() throws {
        try write("/index.html", #"<script src="/js/a.js"></script><a href="/settings.html"></a>"#)
        try write("/js/a.js", "a1")
        try write("/js/deep/b.js", "b1")
        try write("/css/base.css", "c1")
        try write("/icons/1.svg", "i1")
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    /// Each time a second later, as by a person.
    private func write(_ path: String, _ text: String) throws {
        clock += 1
        let place = folder + path
        try FileManager.default.createDirectory(
            atPath: (place as NSString).deletingLastPathComponent,
            withIntermediateDirectories: true)
        try Data(text.utf8).write(to: URL(fileURLWithPath: place))
        try FileManager.default.setAttributes([.modificationDate: clock], ofItemAtPath: place)
    }

    private func text(_ path: String, in edition: Edition?) -> String? {
        edition?.files[path].map { String(buffer: $0.plain.bytes) }
    }

    @Test("names scripts and styles in its pages, and nothing else")
    func names() throws {
        let edition = try Editions(folder: folder).latest()
        let page = #"<script src="/editions/\#(edition.name)/js/a.js"></script>"#
        #expect(
            text("/index.html", in: edition) == page + #"<a href="/settings.html"></a>"#)
        #expect(
            Set(edition.files.keys) == [
                "/index.html", "/js/a.js", "/js/deep/b.js", "/css/base.css",
            ])
    }

    @Test("is another when a script is, and the old one is whole for who has its page open")
    func keepsTheOld() throws {
        let editions = Editions(folder: folder)
        let old = try editions.latest()
        try write("/js/deep/b.js", "b2")
        let new = try editions.latest()
        #expect(new.name != old.name)
        #expect(text("/js/deep/b.js", in: try editions.edition(named: old.name)) == "b1")
        #expect(text("/js/deep/b.js", in: try editions.edition(named: new.name)) == "b2")
    }

    @Test("is the same after a restart, and where a file was only touched")
    func same() throws {
        let name = try Editions(folder: folder).latest().name
        try write("/js/a.js", "a1")
        let editions = Editions(folder: folder)
        #expect(try editions.edition(named: name)?.name == name)
        try write("/js/a.js", "a1")
        #expect(try editions.latest().name == name)
    }

    @Test("of another version of the program is not had, rather than mixed")
    func refusesOthers() throws {
        let editions = Editions(folder: folder)
        let before = try editions.latest().name
        try write("/js/a.js", "a2")
        #expect(try Editions(folder: folder).edition(named: before) == nil)
        #expect(try editions.edition(named: "0123") == nil)
    }

    @Test("has the page that was written last, whatever the scripts are")
    func pages() throws {
        let editions = Editions(folder: folder)
        let before = try editions.latest().name
        try write("/index.html", "new")
        #expect(text("/index.html", in: try editions.latest()) == "new")
        #expect(try editions.latest().name == before)
    }

    @Test("does not grow with every change")
    func forgets() throws {
        let editions = Editions(folder: folder)
        let names = try (1...6).map { number in
            try write("/js/a.js", "a\(number)")
            return try editions.latest().name
        }
        let kept = try names.filter { try editions.edition(named: $0) != nil }
        #expect(kept == Array(names.suffix(4)))
    }
}
