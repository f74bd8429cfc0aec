// What is no photograph, and what is one no longer.

import Domain
import Testing

@testable import Imaging

extension DarkroomTests {
    @Suite struct RefusalTests {
        @Test(arguments: [
            ("an empty file", [], Problem.Code.emptyFile),
            ("text", Array("Dear all, please find attached".utf8), .notAnImage),
            (
                "HTML", Array("<!DOCTYPE html><html><script>alert(1)</script></html>".utf8),
                .notAnImage
            ),
            (
                "an executable",
                [0x7F, 0x45, 0x4C, 0x46, 2, 1, 1] + [UInt8](repeating: 0, count: 200), .notAnImage
            ),
            (
                "a MATLAB header",
                Array("MATLAB 5.0 MAT-file, Platform: GLNXA64".utf8)
                    + [UInt8](repeating: 0x20, count: 86) + [0, 1, 0x49, 0x4D], .notAnImage
            ),
            (
                "SVG with a script",
                Array(
                    "<svg xmlns=\"http://www.w3.org/2000/svg\"><script>alert(1)</script></svg>".utf8
                ), .unsupportedFormat
            ),
            (
                "TIFF", Array("II*\0".utf8) + [8, 0, 0, 0] + [UInt8](repeating: 0, count: 60),
                .tiffImage
            ),
            (
                "gzip", [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3] + [UInt8](repeating: 0, count: 60),
                .notAnImage
            ),
            ("PDF", Array("%PDF-1.7\n1 0 obj".utf8), .notAnImage),
            ("PostScript", Array("%!PS-Adobe-3.0 EPSF-3.0\n".utf8), .notAnImage),
            ("one byte", [0xFF], .notAnImage),
        ])
        func refuses(_ what: String, _ bytes: [UInt8], _ code: Problem.Code) throws {
            #expect(try Developed(bytes).refusal == code, "\(what)")
        }

        @Test func refusesHTMLBeforeAJPEG() throws {
            let file =
                Array("<html><script>alert(1)</script>".utf8)
                + (try Picture.noise(32, 32).file("jpegsave_target"))
            #expect(try Developed(file).refusal == .notAnImage)
        }

        @Test func encodesAnewWhatHidesBehindAJPEG() throws {
            let hidden = Array("PK\u{3}\u{4}<script>hidden</script>".utf8)
            let file = try Picture.noise(64, 64).file("jpegsave_target") + hidden
            let developed = try Developed(file)
            #expect(developed.lastWord == .done)
            for (name, bytes) in developed.files {
                #expect(!String(decoding: bytes, as: UTF8.self).contains("hidden"), "\(name)")
            }
        }

        @Test(arguments: [
            ("jpegsave_target", false), ("jpegsave_target", true), ("pngsave_target", false),
            ("pngsave_target", true), ("gifsave_target", false), ("webpsave_target", false),
            ("heifsave_target", false),
        ])
        func refusesAFileCutAnywhere(_ encoder: String, _ interlaced: Bool) throws {
            let picture = Picture.noise(120, 90)
            let file =
                switch encoder {
                case "heifsave_target":
                    try picture.file(encoder, ["compression": "av1", "effort": 0])
                case "jpegsave_target", "pngsave_target":
                    try picture.file(encoder, ["interlace": .number(interlaced ? 1 : 0)])
                default: try picture.file(encoder)
                }
            #expect(try Developed(file).lastWord == .done)
            for length in (1...9).map({ file.count * $0 / 10 }) {
                let developed = try Developed(Array(file.prefix(length)))
                #expect(
                    developed.refusal == .damaged, "\(encoder) cut at \(length) of \(file.count)")
                #expect(developed.renditions.isEmpty)
            }
        }

        /// Of these two the last bytes hold pixels.
        @Test(arguments: ["webpsave_target", "heifsave_target"])
        func refusesAFileWithoutItsLastByte(_ encoder: String) throws {
            let file = try Picture.noise(120, 90).file(encoder)
            for missing in 1...2 {
                #expect(try Developed(Array(file.dropLast(missing))).refusal == .damaged)
            }
        }

        @Test func refusesAnotherFormatsHeaderUnderASignature() throws {
            let signature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
            let file = signature + Array("MATLAB 5.0 MAT-file, Platform: GLNXA64".utf8)
            #expect(try Developed(file).refusal == .damaged)
        }

        @Test(arguments: ["av1", "hevc"])
        func takesRiskyFormatsOnlyInAWholeSandbox(_ compression: String) throws {
            let file = try Picture.noise(64, 64).file(
                "heifsave_target", ["compression": .text(compression)])
            var limits = ImageLimits()
            #expect(try Developed(file, limits: limits).refusal == .unsupportedFormat)
            limits.acceptsRisky = true
            #expect(try Developed(file, limits: limits).lastWord == .done)
        }
    }
}
