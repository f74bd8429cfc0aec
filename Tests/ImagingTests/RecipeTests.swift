// What the members of a recipe do to pixels and to metadata.

import Domain
import Testing

@testable import Imaging

extension DarkroomTests {
    @Suite struct RecipeTests {
        private static func one(_ spec: RenditionSpec) -> Recipe {
            Recipe(name: "one", renditions: [spec])
        }

        // MARK: Fit

        /// Grey, with a red block near the right end.
        private static let block = Picture(600, 200) { x, y in
            (480..<560).contains(x) && (60..<140).contains(y)
                ? [250, 20, 20] : [120, UInt8(120 + x % 3), 120]
        }

        @Test func coverCutsTheMiddleAndSmartWhereThereIsSomethingToSee() throws {
            for (fit, isSeen) in [(RenditionSpec.Fit.cover, false), (.smart, true)] {
                let spec = RenditionSpec(
                    name: "only", width: 100, height: 100, fit: fit, format: .png)
                let picture = try Developed(
                    Self.block.file("pngsave_target"), Self.one(spec)
                ).picture("only")
                #expect(picture.size == PixelSize(width: 100, height: 100))
                let red = (0..<100).contains { x in
                    picture[x, 50][0] > 200 && picture[x, 50][1] < 90
                }
                #expect(red == isSeen, "\(fit)")
            }
        }

        @Test(arguments: 1...8)
        func cutsUprightPictures(_ orientation: Int) throws {
            let file = try Picture.noise(300, 200).file(
                "jpegsave_target", orientation: orientation)
            let spec = RenditionSpec(name: "only", width: 90, height: 120, fit: .cover)
            #expect(
                try Developed(file, Self.one(spec)).renditions.map(\.size)
                    == [PixelSize(width: 90, height: 120)])
        }

        @Test func enlargesWhenAsked() throws {
            let file = try Picture.noise(60, 40).file("jpegsave_target")
            for (fit, height) in [(RenditionSpec.Fit.inside, 80), (.cover, 120)] {
                let spec = RenditionSpec(
                    name: "only", width: 120, height: 120, fit: fit, enlarge: true)
                #expect(
                    try Developed(file, Self.one(spec)).renditions.map(\.size)
                        == [PixelSize(width: 120, height: height)])
            }
        }

        @Test func makesEveryNamedRecipe() throws {
            let file = try Picture.noise(1500, 1000).file("jpegsave_target")
            for recipe in Recipe.named.values {
                let developed = try Developed(file, recipe)
                #expect(developed.lastWord == .done)
                #expect(developed.renditions.first?.name == "thumb")
            }
        }

        @Test func putsTransparencyOverTheBackgroundAskedFor() throws {
            let file = try Picture.plain(64, 64, [0, 0, 0, 0]).file("pngsave_target")
            let spec = RenditionSpec(
                name: "only", width: 64, height: 64, format: .jpeg, background: "#ff8000")
            let pixel = try Developed(file, Self.one(spec)).picture("only", .jpeg)[32, 32]
            expectClose(pixel, [255, 128, 0], within: 3)
        }

        // MARK: Colour

        @Test func namesTheDominantColour() throws {
            let picture = Picture(100, 100) { x, _ in x < 70 ? [200, 40, 30] : [10, 20, 200] }
            let color = try Developed(picture.file("pngsave_target")).facts?.color
            let found = try #require(color)
            expectClose(
                [found.red, found.green, found.blue].map(Int.init), [200, 40, 30], within: 4)
        }

        @Test func aTransparentPictureHasNoColour() throws {
            let file = try Picture.plain(64, 64, [9, 9, 9, 0]).file("pngsave_target")
            let facts = try #require(try Developed(file).facts)
            #expect(facts.color == nil)
        }

        // MARK: Animation

        /// Eight frames, each of one colour, at different paces.
        private static func animation(_ encoder: String) throws -> [UInt8] {
            let roll = try Picture(80, 60 * 8) { _, y in
                [UInt8(20 + y / 60 * 30), 100, UInt8(240 - y / 60 * 30)]
            }.image()
            roll.setPace(frameHeight: 60, delays: [40, 50, 60, 70, 80, 90, 100, 110])
            return try encoded(roll, encoder)
        }

        @Test(arguments: ["gifsave_target", "webpsave_target"], [MediaType.webp, .gif])
        func keepsAnimationsMoving(_ encoder: String, _ format: MediaType) throws {
            let spec = RenditionSpec(name: "only", width: 40, height: 40, format: format)
            let developed = try Developed(Self.animation(encoder), Self.one(spec))
            #expect(developed.lastWord == .done)
            #expect(developed.facts?.frames == 8)
            #expect(developed.renditions.map(\.size) == [PixelSize(width: 40, height: 30)])
            let file = try #require(developed.files["only"])
            let roll = try opened(file, format, allFrames: true)
            #expect(roll.frames == 8 && roll.frameHeight == 30)
            #expect(roll.pace.delays == [40, 50, 60, 70, 80, 90, 100, 110])
            #expect(!roll.fields.contains { $0.hasPrefix("exif") })
            let picture = try Picture(roll.inSRGB().computed())
            for frame in 0..<8 {
                // The first and the last row: no frame bleeds into another.
                for row in [0, 15, 29] {
                    expectClose(
                        Array(picture[20, frame * 30 + row].prefix(3)),
                        [20 + frame * 30, 100, 240 - frame * 30], within: 8)
                }
            }
        }

        @Test(arguments: [
            RenditionSpec(name: "only", width: 40, height: 40, animated: false),
            RenditionSpec(name: "only", width: 40, height: 40, format: .jpeg),
        ])
        func showsTheFirstFrameWhereNothingMoves(_ spec: RenditionSpec) throws {
            let developed = try Developed(Self.animation("gifsave_target"), Self.one(spec))
            let picture = try developed.picture("only", spec.format)
            #expect(picture.size == PixelSize(width: 40, height: 30))
            expectClose(Array(picture[20, 15].prefix(3)), [20, 100, 240], within: 8)
        }

        @Test func aLongAnimationStandsStill() {
            let most = RenderPlan.mostAnimationPixels
            let spec = RenditionSpec(name: "only", longerSide: 1000)
            func frames(_ count: Int) -> Int? {
                let header = ImageHeader(
                    mediaType: .gif, width: 1000, height: 1000, frames: count)
                let file = CheckedFile(
                    input: InputFile(descriptor: -1, size: 1), header: header, orientation: 1)
                return RenderPlan(file, [spec]).passes.first?.frames
            }
            #expect(frames(most / 1_000_000) == most / 1_000_000)
            #expect(frames(most / 1_000_000 + 1) == 1)
        }

        // MARK: Metadata

        private static func photo() throws -> [UInt8] {
            let picture = try Picture.noise(64, 64).image()
            for (name, value) in [
                ("ifd0-Artist", "Ana Artist"), ("ifd0-Copyright", "Ana Rights"),
                ("ifd0-Make", "Kamerawerk"), ("ifd2-LensModel", "Obscura 50"),
                ("ifd2-BodySerialNumber", "SERIAL77"), ("ifd2-CameraOwnerName", "OWNERNAME"),
                ("ifd2-UserComment", "COMMENT77"), ("ifd3-GPSLatitudeRef", "N"),
                ("ifd3-GPSDateStamp", "2026:05:17"), ("ifd3-GPSProcessingMethod", "GPSMETHOD"),
            ] {
                picture.setText("exif-" + name, value)
            }
            return try encoded(picture, "jpegsave_target")
        }

        @Test(
            arguments: [
                ("Ana (Ana, ASCII, 4 components, 4 bytes)", "Ana"),
                (
                    "(c) A, B (x) ((c) A, B (x) (Photographer) - [None] (Editor), ASCII, "
                        + "13 components, 13 bytes)", "(c) A, B (x)"
                ),
                (" (, ASCII, 1 components, 1 bytes)", ""),
                ("28/10 (f/2.8, Rational, 1 components, 8 bytes)", nil),
                ("Ana", nil), ("Ana, ASCII, x components, 4 bytes)", nil),
                ("Ana (Ana, ASCII, 99 components, 4 bytes)", nil),
            ] as [(String, String?)])
        func readsATextOfEXIF(_ told: String, _ value: String?) {
            #expect(ExifText(told)?.value == value)
            if let value { #expect(ExifText(ExifText(told)?.written ?? "")?.value == value) }
        }

        private static let always = [
            "SERIAL77", "OWNERNAME", "COMMENT77", "GPSMETHOD", "2026:05:17",
        ]

        @Test(
            arguments: [MediaType.webp, .jpeg, .avif],
            [
                (RenditionSpec.Metadata.strip, []), (.copyright, ["Ana Artist", "Ana Rights"]),
                (.keep, ["Ana Artist", "Ana Rights", "Kamerawerk", "Obscura 50"]),
            ])
        func keepsWhatTheRecipeSaysAndNeverThePlace(
            _ format: MediaType, _ wish: (RenditionSpec.Metadata, [String])
        ) throws {
            let spec = RenditionSpec(
                name: "only", width: 64, height: 64, format: format, metadata: wish.0)
            let developed = try Developed(Self.photo(), Self.one(spec))
            #expect(developed.lastWord == .done)
            // Its bytes, and what a reader finds in them.
            let file = try #require(developed.files["only"])
            let image = try opened(file, format)
            let text =
                String(decoding: file, as: UTF8.self)
                + image.fields.compactMap { image.text($0) }.joined(separator: "\n")
            let all = ["Ana Artist", "Ana Rights", "Kamerawerk", "Obscura 50"] + Self.always
            #expect(all.filter(text.contains) == wish.1, "\(format.rawValue) \(wish.0)")
        }

        // MARK: Progress

        @Test(arguments: [MediaType.avif, .jpegXL])
        func tellsNoFractionWhereNothingIsMeasured(_ format: MediaType) throws {
            let spec = RenditionSpec(name: "only", width: 500, height: 500, format: format)
            let developed = try Developed(
                Picture.noise(500, 500).file("pngsave_target"), Self.one(spec))
            let encodes = developed.reports.compactMap { report -> Domain.Progress? in
                if case .progress(let progress) = report, progress.stage == .encode {
                    progress
                } else {
                    nil
                }
            }
            #expect(!encodes.isEmpty)
            #expect(encodes.allSatisfy { $0.fraction == nil })
        }
    }
}
