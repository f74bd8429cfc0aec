// Colour that a file tells beside a profile. Right is what Chromium's canvas shows of the same file
// (version 156, on a display of sRGB); the numbers were read there.

import Domain
import Testing

@testable import Imaging

extension DarkroomTests {
    @Suite struct ColourTests {
        private static let tolerance = 3

        private static func pixel(_ file: [UInt8]) throws -> [Int] {
            let picture = try Developed(file, .exact(200)).picture("only")
            return picture[picture.size.width / 2, picture.size.height / 2]
        }

        // MARK: PNG

        private static func gamma(_ value: Int) -> [UInt8] {
            PNGFile.chunk("gAMA", PNGFile.big(value))
        }
        private static func codePoints(_ numbers: UInt8...) -> [UInt8] {
            PNGFile.chunk("cICP", numbers)
        }
        /// White, red, green and blue in ten thousandths.
        private static func primaries(_ numbers: Int...) -> [UInt8] {
            PNGFile.chunk("cHRM", numbers.flatMap { PNGFile.big($0 * 10) })
        }
        private static let plain = PNGFile.chunk("sRGB", [0])
        private static let p3 = primaries(3127, 3290, 6800, 3200, 2650, 6900, 1500, 600)
        private static let adobe = primaries(3127, 3290, 6400, 3300, 2100, 7100, 1500, 600)
        private static let proPhoto = primaries(3457, 3585, 7347, 2653, 1596, 8404, 366, 1)

        private struct Told {
            let what: String
            let chunks: [[UInt8]]
            /// What becomes of (230, 210, 50), of (20, 100, 30) and of (120, 60, 200).
            let right: [[Int]]

            init(_ what: String, _ chunks: [[UInt8]], _ right: [Int]...) {
                self.what = what
                self.chunks = chunks
                self.right = right
            }
        }

        private static let unchanged = [[230, 210, 50], [20, 100, 30], [120, 60, 200]]

        private static let told: [Told] = [
            Told("gAMA 1.0", [gamma(100_000)], [244, 234, 122], [79, 168, 96], [183, 133, 229]),
            Told(
                "gAMA 2.2", [gamma(220_000)], [250, 245, 184], [152, 211, 165], [219, 191, 243]),
            Told("gAMA 0.5", [gamma(50_000)], [233, 215, 55], [18, 109, 31], [130, 67, 206]),
            Told("gAMA 0.3", [gamma(30_000)], [219, 191, 14], [1, 59, 3], [80, 22, 178]),
            Told("gAMA of sRGB", [gamma(45_455)], unchanged[0], unchanged[1], unchanged[2]),
            Told("gAMA 0", [gamma(0)], unchanged[0], unchanged[1], unchanged[2]),
            Told("cHRM alone", [p3], unchanged[0], unchanged[1], unchanged[2]),
            Told("Display P3", [gamma(45_455), p3], [235, 210, 0], [0, 102, 0], [130, 53, 209]),
            Told(
                "linear P3", [gamma(100_000), p3], [246, 234, 102], [22, 171, 88], [191, 131, 235]),
            Told(
                "Adobe RGB", [gamma(45_455), adobe], [238, 211, 3], [0, 100, 13], [137, 57, 205]),
            Told(
                "ProPhoto", [gamma(55_556), proPhoto], [255, 215, 0], [0, 131, 0], [142, 49, 223]),
            Told(
                "sRGB over gAMA", [plain, gamma(100_000), p3], unchanged[0], unchanged[1],
                unchanged[2]),
            Told(
                "cICP over sRGB", [codePoints(12, 13, 0, 1), plain], [234, 209, 0], [0, 102, 13],
                [129, 56, 207]),
            Told(
                "BT.709", [codePoints(1, 1, 0, 1)], [229, 208, 39], [7, 91, 18], [113, 49, 197]),
            Told("2.2", [codePoints(1, 4, 0, 1)], [231, 211, 46], [12, 100, 24], [121, 57, 201]),
            Told("2.8", [codePoints(1, 5, 0, 1)], [224, 200, 26], [3, 76, 8], [98, 36, 189]),
            Told(
                "SMPTE 240", [codePoints(1, 7, 0, 1)], [233, 215, 68], [38, 115, 48],
                [134, 77, 206]),
            Told(
                "linear", [codePoints(1, 8, 0, 1)], [244, 234, 122], [79, 168, 96], [183, 133, 229]),
            Told(
                "SMPTE 428", [codePoints(1, 17, 0, 1)], [235, 212, 34], [5, 87, 13], [109, 44, 200]),
            Told("PQ", [codePoints(9, 16, 0, 1)], [255, 174, 0], [0, 81, 0], [25, 0, 255]),
            Told(
                "PQ in P3", [codePoints(12, 16, 0, 1)], [255, 195, 0], [0, 78, 0], [71, 4, 255]),
            Told(
                "PQ in sRGB", [codePoints(1, 16, 0, 1)], [255, 206, 2], [1, 76, 4], [67, 11, 255]),
            Told("HLG", [codePoints(9, 18, 0, 1)], [255, 187, 0], [0, 76, 0], [97, 29, 183]),
            Told(
                "HLG in sRGB", [codePoints(1, 18, 0, 1)], [242, 201, 38], [9, 72, 18],
                [89, 44, 175]),
            Told(
                "BT.2020", [codePoints(9, 13, 0, 1)], [247, 208, 0], [0, 106, 5], [135, 42, 209]),
            Told(
                "BT.2020 linear", [codePoints(9, 8, 0, 1)], [255, 234, 97], [0, 176, 85],
                [201, 124, 237]),
            Told(
                "BT.470 M", [codePoints(4, 13, 0, 1)], [245, 203, 0], [0, 98, 22], [127, 80, 205]),
            Told(
                "BT.470 BG", [codePoints(5, 13, 0, 1)], [231, 210, 56], [5, 100, 32],
                [122, 60, 199]),
            Told(
                "BT.601", [codePoints(6, 13, 0, 1)], [228, 209, 47], [30, 98, 29], [119, 67, 200]),
            Told(
                "sequence", [codePoints(8, 13, 0, 1)], [237, 211, 0], [0, 103, 18], [133, 47, 206]),
            Told("XYZ", [codePoints(10, 8, 0, 1)], [255, 221, 92], [0, 217, 67], [220, 42, 241]),
            Told(
                "DCI P3", [codePoints(11, 17, 0, 1)], [239, 211, 0], [0, 89, 0], [115, 36, 208]),
            Told(
                "EBU", [codePoints(22, 13, 0, 1)], [230, 208, 48], [12, 98, 30], [121, 72, 200]),
            Told(
                "nothing said", [codePoints(2, 2, 0, 1)], unchanged[0], unchanged[1], unchanged[2]),
            Told("reserved", [codePoints(3, 13, 0, 1)], unchanged[0], unchanged[1], unchanged[2]),
        ]

        @Test func showsWhatAPNGTells() throws {
            for told in Self.told {
                for (color, right) in zip(Self.unchanged, told.right) {
                    let file = try Picture.plain(32, 24, color.map(UInt8.init)).file(
                        "pngsave_target")
                    let pixel = try Self.pixel(PNGFile.file(file, with: told.chunks))
                    let isClose = zip(pixel, right).allSatisfy { abs($0 - $1) <= Self.tolerance }
                    #expect(isClose, "\(told.what): \(color) became \(pixel) and not \(right)")
                }
            }
        }

        /// A profile of Display P3 beside other words; libpng hears only the first of two.
        @Test func ofSeveralWordsTheStrongestCounts() throws {
            let wide = try Picture.plain(32, 24, [200, 100, 50]).image().applying(
                "icc_transform", ["output_profile": "p3", "input_profile": "srgb", "depth": 8])
            let file = try encoded(wide, "pngsave_target")
            for weaker in [Self.gamma(100_000), Self.plain, Self.p3] {
                expectClose(
                    try Self.pixel(PNGFile.file(file, with: [weaker])), [200, 100, 50], within: 3)
            }
            let cicp = try Self.pixel(PNGFile.file(file, with: [Self.codePoints(1, 13, 0, 1)]))
            let bare = try Picture(wide.computed())[16, 12]
            expectClose(cicp, bare, within: 1)
        }

        @Test func whatAPNGTellsHoldsForAllItsKinds() throws {
            let color = [UInt8(120), 60, 200]
            let picture = Picture.plain(32, 24, color)
            let deep = try picture.image().applying("colourspace", ["space": "rgb16"])
            let clear = Picture.plain(32, 24, color + [128])
            let deepAndClear = try clear.image().applying("colourspace", ["space": "rgb16"])
            let right = [183, 133, 229]
            for (file, wanted) in [
                (try picture.file("pngsave_target", ["palette": true]), right),
                (try picture.file("pngsave_target", ["interlace": true]), right),
                (try encoded(deep, "pngsave_target"), right),
                (try clear.file("pngsave_target"), right + [128]),
                (try encoded(deepAndClear, "pngsave_target"), right + [128]),
            ] {
                let pixel = try Self.pixel(PNGFile.file(file, with: [Self.gamma(100_000)]))
                expectClose(pixel, wanted, within: Self.tolerance)
            }
            for (space, alpha) in [("b-w", false), ("grey16", false), ("b-w", true)] {
                var grey = try Picture.plain(
                    32, 24, alpha ? [120, 120, 120, 128] : [120, 120, 120]
                )
                .image().applying("colourspace", ["space": .text(space)])
                if alpha { grey = try grey.applying("copy", ["interpretation": "b-w"]) }
                let file = try encoded(grey, "pngsave_target")
                let pixel = try Self.pixel(PNGFile.file(file, with: [Self.gamma(100_000)]))
                expectClose(pixel, alpha ? [183, 183, 183, 128] : [183, 183, 183], within: 3)
            }
        }

        /// From black to the brightest light, in steps of grey.
        @Test(arguments: [
            (
                UInt8(16),
                [0, 9, 30, 70, 132, 193, 213, 242, 255, 255, 255, 255]
            ),
            (UInt8(18), [1, 21, 43, 71, 99, 122, 135, 166, 202, 224, 243, 255]),
        ])
        func aHighRangeIsBroughtDownSmoothly(_ transfer: UInt8, _ right: [Int]) throws {
            let steps: [UInt8] = [10, 40, 64, 96, 128, 150, 160, 180, 200, 220, 240, 255]
            for (step, right) in zip(steps, right) {
                let file = try Picture.plain(32, 24, [step, step, step]).file("pngsave_target")
                for primaries in [UInt8(1), 9] {
                    let told = PNGFile.chunk("cICP", [primaries, transfer, 0, 1])
                    expectClose(
                        try Self.pixel(PNGFile.file(file, with: [told])), [right, right, right],
                        within: 1)
                }
            }
        }

        @Test func keepsWhatElseIsKnownOfAConvertedPicture() throws {
            // Exif: a TIFF header and one entry, the artist (0x013B), three letters and a zero.
            let artist: [UInt8] =
                Array("II*\0".utf8) + [8, 0, 0, 0, 1, 0, 0x3B, 0x01, 2, 0, 4, 0, 0, 0]
                + Array("Ana\0".utf8) + [0, 0, 0, 0]
            let file = PNGFile.file(
                try Picture.plain(32, 24, [120, 60, 200]).file("pngsave_target"),
                with: [Self.gamma(100_000), PNGFile.chunk("eXIf", artist)])
            let spec = RenditionSpec(
                name: "only", width: 32, height: 32, format: .jpeg, metadata: .copyright)
            let developed = try Developed(file, Recipe(name: "one", renditions: [spec]))
            let kept = String(decoding: try #require(developed.files["only"]), as: UTF8.self)
            #expect(kept.contains("Ana"))
        }

        // MARK: AVIF and HEIC

        /// A case with other numbers in its nclx.
        private static func picture(
            _ name: String, _ primaries: UInt8, _ transfer: UInt8, matrix: UInt8 = 6
        ) throws -> [UInt8] {
            var file = try sharedCase(name)
            let type = Array("colrnclx".utf8)
            let start =
                try #require(
                    file.indices.first { file[$0...].starts(with: type) }) + type.count
            file.replaceSubrange(start..<start + 6, with: [0, primaries, 0, transfer, 0, matrix])
            return file
        }

        @Test(arguments: [
            (UInt8(1), UInt8(13), [230, 210, 51]), (1, 1, [230, 210, 51]), (1, 4, [231, 211, 48]),
            (1, 8, [244, 234, 124]), (12, 1, [234, 209, 0]), (12, 2, [234, 209, 0]),
            (2, 2, [230, 210, 51]), (2, 8, [244, 234, 124]), (2, 16, [255, 206, 3]),
            (12, 13, [234, 209, 0]), (12, 16, [255, 195, 0]), (12, 17, [240, 211, 0]),
            (12, 18, [247, 197, 0]), (9, 13, [247, 208, 0]), (9, 14, [247, 208, 0]),
            (9, 16, [255, 174, 0]), (9, 18, [255, 187, 0]), (6, 6, [228, 209, 48]),
            (7, 7, [231, 214, 67]), (5, 13, [231, 210, 57]), (11, 13, [233, 209, 0]),
        ])
        func showsWhatAnAVIFTells(_ primaries: UInt8, _ transfer: UInt8, _ right: [Int]) throws {
            let file = try Self.picture("p3-nclx.avif", primaries, transfer)
            expectClose(try Self.pixel(file), right, within: Self.tolerance)
        }

        @Test(arguments: [
            (UInt8(9), UInt8(16), [255, 218, 0]), (9, 18, [246, 211, 0]), (9, 8, [250, 239, 106]),
            (12, 13, [229, 219, 0]),
        ])
        func showsWhatADeepAVIFTells(_ primaries: UInt8, _ transfer: UInt8, _ right: [Int]) throws {
            let file = try Self.picture("linear-nclx.avif", primaries, transfer)
            expectClose(try Self.pixel(file), right, within: Self.tolerance)
        }

        /// Chromium decodes no HEIC: the same numbers by the matrices of the same file as PNG.
        @Test(arguments: [(UInt8(12), UInt8(13)), (9, 13), (9, 16), (1, 8)])
        func showsWhatAHEICTells(_ primaries: UInt8, _ transfer: UInt8) throws {
            let plain = try Self.pixel(Self.picture("nclx-p3.heic", 1, 13)).map(UInt8.init)
            let png = try Picture.plain(32, 24, plain).file("pngsave_target")
            let told = Self.codePoints(primaries, transfer, 0, 1)
            expectClose(
                try Self.pixel(Self.picture("nclx-p3.heic", primaries, transfer)),
                try Self.pixel(PNGFile.file(png, with: [told])), within: 1)
        }

        @Test func aProfileInAnAVIFCountsMoreThanItsNumbers() throws {
            let wide = try Picture.plain(64, 64, [200, 100, 50]).image().applying(
                "icc_transform", ["output_profile": "p3", "input_profile": "srgb", "depth": 8])
            let file = try encoded(
                wide, "heifsave_target", ["compression": "av1", "effort": 0, "Q": 95])
            expectClose(try Self.pixel(file), [200, 100, 50], within: 5)
        }

        // MARK: The cases as they came

        @Test(arguments: [
            ("gama-100000.png", [244, 234, 122]), ("gama-chrm-p3.png", [235, 210, 0]),
            ("cicp-p3.png", [234, 209, 0]), ("p3-nclx.avif", [234, 209, 0]),
            ("linear-nclx.avif", [243, 234, 120]),
        ])
        func isShownRight(_ name: String, _ right: [Int]) throws {
            expectClose(try Self.pixel(sharedCase(name)), right, within: Self.tolerance)
        }
    }
}
