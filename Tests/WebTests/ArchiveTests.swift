import Testing

@testable import Web

@Suite("An archive")
struct ArchiveTests {
    @Test("has a folder for each photo where the photo lay, numbered where two share it")
    func folders() {
        var folders = ArchiveFolders()
        let names = [
            "Beach/IMG_1.jpg", "beach/img_1.png", "IMG_1.jpg", "Beach/IMG_1.gif", "x.y.jpg",
        ]
        #expect(
            names.map { folders.folder(of: $0) } == [
                "Beach/IMG_1", "beach/img_1 (2)", "IMG_1", "Beach/IMG_1 (3)", "x.y",
            ])
    }

    @Test(
        "names what every system can unpack",
        arguments: [
            ("day:1/c?.jpg", "day_1/c_"), ("CON/nul.tar/com1.jpg", "_CON/_nul.tar/_com1"),
            ("ends. /with.jpg", "ends/with"), ("a/large.webp/b.jpg", "a/large.webp_/b"),
            ("large.WEBP.jpg", "large.WEBP_"), ("com¹.jpg", "_com¹"), ("LPT³.x.jpg", "_LPT³.x"),
            ("CONIN$.jpg", "_CONIN$"), ("conout$.y.jpg", "_conout$.y"), ("aux .z.jpg", "_aux .z"),
        ])
    func portable(name: String, folder: String) {
        var folders = ArchiveFolders()
        #expect(folders.folder(of: name) == folder)
    }

    @Test("numbers apart what a file system takes for one name")
    func sameNames() {
        let pairs = [
            ("STRASSE.jpg", "straße.jpg"), ("K.jpg", "\u{212A}.jpg"), ("µ.jpg", "\u{3BC}.jpg"),
            ("ſ.jpg", "S.jpg"), ("é.jpg", "e\u{301}.jpg"), ("ΟΔΟΣ.jpg", "οδος.jpg"),
            ("a?.jpg", "a:.jpg"), ("b .jpg", "b.jpg"), ("ŉ.jpg", "ʼN.jpg"),
        ]
        for (first, second) in pairs {
            var folders = ArchiveFolders()
            _ = folders.folder(of: first)
            #expect(folders.folder(of: second).hasSuffix(" (2)"), "\(first) and \(second)")
        }
    }

    @Test("holds photos under their own names, numbered before the ending where two share one")
    func originals() {
        var folders = ArchiveFolders()
        let names = [
            "Beach/IMG_1.JPEG", "beach/img_1.jpeg", "IMG_1.heic", "x.tar.gz", "CON.png",
            "day:1/c?.jp?",
            "plain", "noending.", "Beach", "Beach.jpg/a.jpg", "Beach.jpg", "Beach/IMG_1.JPEG/z.jpg",
        ]
        #expect(
            names.map { folders.file(named: $0) } == [
                "Beach/IMG_1.JPEG", "beach/img_1 (2).jpeg", "IMG_1.heic", "x.tar.gz", "_CON.png",
                "day_1/c_.jp_", "plain", "noending", "Beach (2)",
                "Beach.jpg_/a.jpg", "Beach.jpg", "Beach/IMG_1.JPEG_/z.jpg",
            ])
    }

    @Test("has no component of more than 255 bytes, with any number behind it")
    func lengths() {
        var folders = ArchiveFolders()
        var taken: Set<String> = []
        for letter in ["x", "é", "👩‍👩‍👧", "e\u{301}"] {
            let name = String(repeating: letter, count: 255 / letter.utf8.count)
            for index in 0..<120 {
                for path in ["\(name)", "\(name).jpg", "\(name)/\(name).jpg", "com1.\(name).jpg"] {
                    let folder =
                        index % 2 == 0 ? folders.folder(of: path) : folders.file(named: path)
                    #expect(folder.split(separator: "/").allSatisfy { $0.utf8.count <= 255 })
                    #expect(taken.insert(folder.lowercased()).inserted, "\(path) \(index)")
                }
            }
        }
    }

    @Test("never leads out of the folder it is unpacked in, nor one file over another")
    func slip() {
        let hostile = [
            "..", ".", "", " ", "/", "\\", "C:", "~", "\u{0}", "a", "A", "large.webp", "..\u{301}",
            "/\u{301}",
        ]
        var folders = ArchiveFolders()
        var taken: Set<String> = []
        for first in hostile {
            for second in hostile {
                for third in hostile {
                    let folder = folders.folder(of: [first, second, third].joined(separator: "/"))
                    let parts = folder.unicodeScalars.split(
                        separator: "/", omittingEmptySubsequences: false)
                    #expect(!parts.contains { $0.isEmpty || $0.first == "." || $0.last == "." })
                    #expect(!folder.unicodeScalars.contains { ":\\\0".unicodeScalars.contains($0) })
                    #expect(!folder.lowercased().hasSuffix(".webp"))
                    #expect(taken.insert(folder.lowercased()).inserted)
                }
            }
        }
    }
}
