import Domain
import Testing

@Suite("A file name")
struct FileNameTests {
    @Test(
        "is only a label: no path, no control characters, no disguise",
        arguments: [
            ("../../etc/passwd", "passwd"), ("C:\\photos\\a.jpg", "a.jpg"),
            ("a\u{0}b\n.jpg", "ab.jpg"),
            ("", "photo"), ("...", "photo"), ("/", "photo"), (" spaced .jpg ", "spaced .jpg"),
            ("gpj\u{202E}exe.jpg", "gpjexe.jpg"), ("👩‍👧 férias.jpg", "👩‍👧 férias.jpg"),
        ])
    func cleaned(raw: String, name: String) {
        #expect(FileName.cleaned(raw) == name)
    }

    @Test("is cut to its limit between characters")
    func cut() {
        let long = String(repeating: "🎞", count: 300) + ".jpg"
        let name = FileName.cleaned(long, limit: 255)
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
