import Foundation
import NIOCore
import Testing

@testable import Web

@Suite("The version of the pages")
final class AssetVersionTests {
    private let folder = FileManager.default.temporaryDirectory
        .appendingPathComponent("revela-version-\(UUID().uuidString)").path
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

    private func text(_ path: String, in version: AssetVersion?) -> String? {
        version?.files[path].map { String(buffer: $0.plain.bytes) }
    }

    @Test("names scripts and styles in its pages, and nothing else")
    func names() throws {
        let version = try AssetVersions(folder: folder).latest()
        let page = #"<script src="/assets/\#(version.name)/js/a.js"></script>"#
        #expect(
            text("/index.html", in: version) == page + #"<a href="/settings.html"></a>"#)
        #expect(
            Set(version.files.keys) == [
                "/index.html", "/batches/index.html", "/js/a.js", "/js/deep/b.js",
                "/css/base.css",
            ])
    }

    @Test("is another when a script is, and the old one is whole for who has its page open")
    func keepsTheOld() throws {
        let versions = AssetVersions(folder: folder)
        let old = try versions.latest()
        try write("/js/deep/b.js", "b2")
        let new = try versions.latest()
        #expect(new.name != old.name)
        #expect(text("/js/deep/b.js", in: try versions.version(named: old.name)) == "b1")
        #expect(text("/js/deep/b.js", in: try versions.version(named: new.name)) == "b2")
    }

    @Test("is the same after a restart, and where a file was only touched")
    func same() throws {
        let name = try AssetVersions(folder: folder).latest().name
        try write("/js/a.js", "a1")
        let versions = AssetVersions(folder: folder)
        #expect(try versions.version(named: name)?.name == name)
        try write("/js/a.js", "a1")
        #expect(try versions.latest().name == name)
    }

    @Test("of another version of the program is not had, rather than mixed")
    func refusesOthers() throws {
        let versions = AssetVersions(folder: folder)
        let before = try versions.latest().name
        try write("/js/a.js", "a2")
        #expect(try AssetVersions(folder: folder).version(named: before) == nil)
        #expect(try versions.version(named: "0123") == nil)
    }

    @Test("has the page that was written last, whatever the scripts are")
    func pages() throws {
        let versions = AssetVersions(folder: folder)
        let before = try versions.latest().name
        try write("/index.html", "new")
        #expect(text("/index.html", in: try versions.latest()) == "new")
        #expect(try versions.latest().name == before)
    }

    /// The page's lines, those that name a module shortened to its name, and "later" where its priority is low.
    private func named(in path: String) throws -> [String] {
        let version = try AssetVersions(folder: folder).latest()
        let page = text(path, in: version)?.replacingOccurrences(
            of: "/assets/\(version.name)", with: "")
        let link = #"  <link rel="modulepreload" href="/js/"#
        return page?.split(separator: "\n").map { line in
            guard line.hasPrefix(link) else { return String(line) }
            return line.dropFirst(link.count)
                .replacingOccurrences(of: ".js\" fetchpriority=\"low\">", with: " later")
                .replacingOccurrences(of: ".js\">", with: "")
        } ?? []
    }

    @Test("names in a page what its entry needs, then each stage it asks for, whole and each once")
    func preload() throws {
        let (entry, end) = (#"  <script type="module" src="/js/a.js""#, "></script>")
        let attributes = #" data-on-demand="/js/rare.js" data-batch-first="/js/worker.js""#
        try write("/index.html", entry + attributes + end + "\n<p></p>")
        try write(
            "/js/a.js",
            """
            import { b } from "./deep/b.js";
            import {
                c,
            } from "../js/c.js";
            import "./missing.js";
            /** @typedef {import("./types.js").Type} Type */
            const later = () => import("./later.js");
            const rare = await import("./rare.js"), accept = "image/*";
            const worker = new Worker(new URL("./worker.js", import.meta.url));
            """)
        try write("/js/deep/b.js", #"import { c } from "../c.js";"#)
        try write("/js/c.js", #"export * from "./a.js";"#)
        try write("/js/later.js", #"import { d } from "./d.js";"# + "\n" + #"import("./e.js");"#)
        for module in ["d", "e", "rare", "worker", "types"] { try write("/js/\(module).js", "") }
        let now = [entry + end, "deep/b", "c"]
        let later = ["later later", "d later"]
        let (worker, rest) = (["worker later"], ["e later", "<p></p>"])
        #expect(try named(in: "/index.html") == now + later + worker + rest)
        #expect(try named(in: "/batches/index.html") == now + worker + later + rest)
    }

    @Test("does not grow with every change")
    func forgets() throws {
        let versions = AssetVersions(folder: folder)
        let names = try (1...6).map { number in
            try write("/js/a.js", "a\(number)")
            return try versions.latest().name
        }
        let kept = try names.filter { try versions.version(named: $0) != nil }
        #expect(kept == Array(names.suffix(4)))
    }
}
