// What a rendition looks like: upright, in sRGB, no larger than it was, and without metadata.

import Domain
import Testing

@testable import Imaging

extension DarkroomTests {
    @Suite struct PictureTests {
        // MARK: Orientation

        /// Red, green, blue and white quarters: no two of the eight orientations look alike.
        private static let upright = Picture(400, 200) { x, y in
            switch (x < 200, y < 100) {
            case (true, true): [230, 20, 20]
            case (false, true): [20, 200, 20]
            case (true, false): [20, 20, 230]
            case (false, false): [240, 240, 240]
            }
        }

        /// The upright picture as a camera held that way stores it.
        private static func stored(_ orientation: Int) -> Picture {
            let (width, height) = (upright.size.width, upright.size.height)
            let turned = orientation >= 5
            // Where the pixel that ends at (x, y) is stored; EXIF 2.32 table 6, read backwards.
            func place(_ x: Int, _ y: Int) -> (Int, Int) {
                switch orientation {
                case 2: (width - 1 - x, y)
                case 3: (width - 1 - x, height - 1 - y)
                case 4: (x, height - 1 - y)
                case 5: (y, x)
                case 6: (y, width - 1 - x)
                case 7: (height - 1 - y, width - 1 - x)
                case 8: (height - 1 - y, x)
                default: (x, y)
                }
            }
            var picture = Picture.plain(
                turned ? height : width, turned ? width : height, [0, 0, 0])
            for y in 0..<height {
                for x in 0..<width {
                    let (column, row) = place(x, y)
                    let target = (row * picture.size.width + column) * 3
                    picture.pixels.replaceSubrange(
                        target..<target + 3, with: upright[x, y].map(UInt8.init))
                }
            }
            return picture
        }

        @Test(arguments: 1...8)
        func turnsEveryOrientationUpright(_ orientation: Int) throws {
            let recipe = Recipe(
                name: "two",
                renditions: [
                    RenditionSpec(name: "small", longerSide: 40, format: .png),
                    RenditionSpec(name: "large", longerSide: 300, format: .png),
                ])
            let file = try Self.stored(orientation).file(
                "jpegsave_target", ["Q": 95], orientation: orientation)
            let developed = try Developed(file, recipe)
            #expect(developed.facts.map { [$0.width, $0.height] } == [400, 200])
            for name in ["small", "large"] {
                let picture = try developed.picture(name)
                let (width, height) = (picture.size.width, picture.size.height)
                #expect(width == 2 * height)
                for (x, y) in [(1, 1), (3, 1), (1, 3), (3, 3)] {
                    expectClose(
                        picture[x * width / 4, y * height / 4], Self.upright[x * 100, y * 50],
                        within: 12)
                }
            }
        }

        // MARK: Colour

        @Test func convertsDisplayP3() throws {
            let wide = try Picture.plain(64, 64, [200, 100, 50]).image().applying(
                "icc_transform", ["output_profile": "p3", "input_profile": "srgb", "depth": 8])
            let file = try encoded(wide, "pngsave_target")
            expectClose(
                try Developed(file, .exact(64)).picture("only")[32, 32], [200, 100, 50], within: 2)
        }

        @Test func convertsCMYK() throws {
            for color: [UInt8] in [[200, 60, 60], [60, 140, 80], [240, 240, 240]] {
                let print = try Picture.plain(64, 64, color).image().applying(
                    "icc_transform",
                    ["output_profile": "cmyk", "input_profile": "srgb", "depth": 8])
                let file = try encoded(print, "jpegsave_target", ["Q": 95])
                let pixel = try Developed(file, .exact(64)).picture("only")[32, 32]
                expectClose(pixel, color.map(Int.init), within: 12)
            }
        }

        @Test func convertsSixteenBits() throws {
            let deep = try Picture.plain(64, 64, [200, 100, 50]).image()
                .applying("colourspace", ["space": "rgb16"])
            let file = try encoded(deep, "pngsave_target")
            expectClose(
                try Developed(file, .exact(32)).picture("only")[16, 16], [200, 100, 50], within: 1)
        }

        @Test func keepsHalfTransparencyOfSixteenBits() throws {
            let deep = try Picture.plain(64, 64, [200, 100, 50, 128]).image()
                .applying("colourspace", ["space": "rgb16"])
            let file = try encoded(deep, "pngsave_target")
            for side in [64, 32] {
                let pixel = try Developed(file, .exact(side)).picture("only")[16, 16]
                expectClose(pixel, [200, 100, 50, 128], within: 2)
            }
        }

        @Test func convertsGrey() throws {
            let grey = try Picture.plain(64, 64, [90]).image().applying(
                "copy", ["interpretation": "b-w"])
            let file = try encoded(grey, "jpegsave_target")
            expectClose(
                try Developed(file, .exact(64)).picture("only")[32, 32], [90, 90, 90], within: 2)
        }

        @Test func keepsTheTransparencyOfAPalette() throws {
            let picture = Picture(64, 64, bands: 4) { x, _ in
                x < 32 ? [255, 0, 0, 255] : [0, 0, 0, 0]
            }
            let file = try picture.file("pngsave_target", ["palette": true])
            let small = try Developed(file, .exact(32)).picture("only")
            expectClose(small[4, 16], [255, 0, 0, 255], within: 3)
            #expect(small[28, 16][3] == 0)
        }

        @Test func putsTransparencyOverWhiteForJPEG() throws {
            let file = try Picture.plain(64, 64, [0, 0, 0, 0]).file("pngsave_target")
            let recipe = Recipe(
                name: "jpeg",
                renditions: [RenditionSpec(name: "only", longerSide: 64, format: .jpeg)])
            let pixel = try Developed(file, recipe).picture("only", .jpeg)[32, 32]
            expectClose(pixel, [255, 255, 255], within: 2)
        }

        // MARK: Metadata

        @Test(arguments: [MediaType.webp, .jpeg, .png, .avif, .jpegXL])
        func leavesNoMetadata(_ format: MediaType) throws {
            let wide = try Picture.noise(64, 64).image().applying(
                "icc_transform", ["output_profile": "p3", "input_profile": "srgb", "depth": 8])
            wide.setText("exif-ifd0-ImageDescription", "secret place")
            wide.setText("exif-ifd3-GPSLatitude", "52/1 31/1 0/1")
            let file = try encoded(wide, "jpegsave_target")
            try #require(String(decoding: file, as: UTF8.self).contains("secret place"))
            let recipe = Recipe(
                name: "one",
                renditions: [RenditionSpec(name: "only", longerSide: 64, format: format)])
            let developed = try Developed(file, recipe)
            #expect(developed.lastWord == .done)
            let bytes = String(decoding: developed.files["only"] ?? [], as: UTF8.self)
            for trace in [
                "secret", "Exif", "EXIF", "eXIf", "GPS", "ICC_PROFILE", "ICCP", "iCCP", "xmp",
            ] {
                #expect(!bytes.contains(trace), "\(format.rawValue) holds \(trace)")
            }
        }

        // MARK: Size

        @Test func neverEnlarges() throws {
            let developed = try Developed(Picture.noise(100, 80).file("jpegsave_target"))
            #expect(developed.renditions.map(\.name) == ["thumb", "medium", "large"])
            #expect(
                developed.renditions.allSatisfy { $0.size == PixelSize(width: 100, height: 80) })
        }

        @Test func developsOnePixel() throws {
            for encoder in ["jpegsave_target", "pngsave_target", "webpsave_target"] {
                #expect(
                    try Developed(Picture.plain(1, 1, [1, 2, 3]).file(encoder)).lastWord == .done)
            }
        }

        @Test func developsALineOfSixteenThousandPixels() throws {
            for (width, height) in [(1, 16_000), (16_000, 1)] {
                let developed = try Developed(Picture.noise(width, height).file("pngsave_target"))
                #expect(developed.lastWord == .done)
                #expect(developed.renditions.map(\.size.longer) == [320, 1280, 2048])
                #expect(developed.renditions.allSatisfy { $0.size.shorter == 1 })
            }
        }

        @Test(arguments: [MediaType.webp, .jpeg, .png, .avif, .jpegXL])
        func writesEveryFormat(_ format: MediaType) throws {
            let recipe = Recipe(
                name: "one",
                renditions: [RenditionSpec(name: "only", longerSide: 64, format: format)])
            let developed = try Developed(Picture.noise(100, 80).file("jpegsave_target"), recipe)
            #expect(developed.lastWord == .done)
        }
    }
}
