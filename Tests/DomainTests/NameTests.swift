import Domain
import TestSupport
import Testing

@Suite("A file name")
struct FileNameTests {
    @Test(
        "is only a label: no control characters, no disguise, no path that leads out",
        arguments: [
            ("../../etc/passwd", "passwd"), ("C:\\photos\\a.jpg", "a.jpg"),
            ("a\u{0}b\n.jpg", "ab.jpg"),
            ("", "photo"), ("...", "photo"), ("/", "photo"), (" spaced .jpg ", "spaced .jpg"),
            ("gpj\u{202E}exe.jpg", "gpjexe.jpg"), ("👩‍👧 férias.jpg", "👩‍👧 férias.jpg"),
        ])
    func cleaned(raw: String, name: String) {
        #expect(FileName.cleaned(raw) == name)
    }

    @Test(
        "keeps the folders it lay in, each cleaned as a name",
        arguments: [
            ("Holiday/Beach/IMG_1.jpg", "Holiday/Beach/IMG_1.jpg"),
            ("Holiday\\Beach\\IMG_1.jpg", "Holiday/Beach/IMG_1.jpg"),
            ("a//./b/.c/ d /e.jpg", "a/b/c/d/e.jpg"), ("a/b/", "a/b"), ("a/...", "a/photo"),
            ("férias/🌅\u{0}/é.jpg", "férias/🌅/é.jpg"),
        ])
    func folders(raw: String, name: String) {
        #expect(FileName.cleaned(raw) == name)
        #expect(FileName.components(of: name).joined(separator: "/") == name)
    }

    @Test(
        "of an absolute path or one that climbs is its last component alone",
        arguments: [
            "/etc/a.jpg", "\\\\host\\share\\a.jpg", "c:/b/a.jpg", "C:b/a.jpg", "b/../a.jpg",
            "../a.jpg",
        ])
    func outside(raw: String) {
        #expect(FileName.cleaned(raw) == "a.jpg")
    }

    @Test("keeps the nearest folders where there are too many, or too long ones")
    func bounded() {
        let deep = (1...40).map(String.init).joined(separator: "/")
        #expect(FileName.cleaned(deep) == (24...40).map(String.init).joined(separator: "/"))
        let long = Array(repeating: String(repeating: "x", count: 400), count: 6)
        let name = FileName.cleaned(long.joined(separator: "/"))
        #expect(
            name
                == Array(repeating: String(repeating: "x", count: 255), count: 4)
                .joined(separator: "/"))
        #expect(name.utf8.count == 1_023)
    }

    @Test("of any text at all is a short path below, and cleaning it again changes nothing")
    func properties() {
        let seed = chosenSeed()
        var dice = Dice(seed: seed)
        let pieces = [
            "/", "\\", "..", ".", "C:", "a", "\u{D4E}", "\u{301}", "\u{200D}", "\u{202E}", "\u{0}",
            " ", "\n",
            "é", "👩‍👧", "IMG.jpg", "\u{FEFF}", "\u{2028}", "\u{3000}",
            String(repeating: "y", count: 90),
        ]
        for _ in 0..<5_000 {
            let count = Int.random(in: 0...60, using: &dice)
            let raw = (0..<count).compactMap { _ in pieces.randomElement(using: &dice) }.joined()
            let name = FileName.cleaned(raw)
            #expect(
                isSafe(name), "seed \(seed): \(raw.debugDescription) → \(name.debugDescription)")
            #expect(FileName.cleaned(name) == name, "seed \(seed): \(raw.debugDescription)")
        }
    }

    private func isSafe(_ name: String) -> Bool {
        let parts = name.unicodeScalars.split(separator: "/", omittingEmptySubsequences: false)
        return name.utf8.count <= 1_024 && (1...17).contains(parts.count)
            && parts.allSatisfy { part in
                (1...255).contains(String(part).utf8.count) && part.first != "."
                    && part.last?.properties.isWhitespace == false
                    && !part.contains { $0 == "\\" || $0.value < 0x20 || $0 == "\u{202E}" }
            }
    }

    @Test("is cut to its limit between characters")
    func cut() {
        let long = String(repeating: "🎞", count: 300) + ".jpg"
        let name = FileName.cleaned(long, limits: Limits())
        #expect(name.utf8.count <= 255)
        #expect(name == String(repeating: "🎞", count: 63))
    }
}

@Suite("An identifier")
struct IdentifierTests {
    @Test("has its entity's letter and 26 digits, and reads back")
    func form() throws {
        let id = Batch.ID.random()
        #expect(id.rawValue.count == 28 && id.rawValue.hasPrefix("b_"))
        #expect(Batch.ID(id.rawValue) == id)
        #expect(Image.ID(id.rawValue) == nil)
    }

    @Test(
        "is refused in any other form",
        arguments: ["", "b_", "b_xyz", "b_" + String(repeating: "u", count: 26)])
    func refused(text: String) {
        #expect(Batch.ID(text) == nil)
    }
}

@Suite("A cursor")
struct CursorTests {
    @Test("is written epoch.seq and reads back")
    func form() {
        #expect(Cursor("k3.17") == Cursor(epoch: "k3", seq: 17))
        #expect(Cursor(epoch: "k3", seq: 17).description == "k3.17")
    }

    @Test(
        "is refused in any other form",
        arguments: ["", ".", "k3.", ".17", "k3.-1", "k3.1x", "17", "k3.99999999999999999999"])
    func refused(text: String) {
        #expect(Cursor(text) == nil)
    }
}
