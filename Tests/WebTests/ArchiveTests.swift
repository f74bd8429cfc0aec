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
            ("large.WEBP.jpg", "large.WEBP_"),
        ])
    func portable(name: String, folder: String) {
        var folders = ArchiveFolders()
        #expect(folders.folder(of: name) == folder)
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
