// GIF, decoded by our own code: as libvips' decoder sees it where that is right, and where it is not,
// as browsers do.

import Domain
import TestSupport
import Testing

@testable import Imaging

extension DarkroomTests {
    @Suite struct GIFTests {
        /// A GIF made block by block, on a screen of 8 by 8.
        private struct Builder {
            var bytes: [UInt8] = Array("GIF89a".utf8) + [8, 0, 8, 0, 0xF7, 0, 0] + palette

            static let palette: [UInt8] = (0..<256).flatMap {
                [UInt8($0), UInt8(255 - $0), UInt8($0 / 2)]
            }

            mutating func image(
                _ left: Int, _ top: Int, _ width: Int, _ height: Int, _ color: UInt8,
                disposal: UInt8 = 0, transparent: UInt8? = nil, pixels: Int? = nil
            ) {
                let isClear: UInt8 = transparent == nil ? 0 : 1
                bytes += [0x21, 0xF9, 4, disposal << 2 | isClear, 7, 0, transparent ?? 0, 0]
                bytes += [
                    0x2C, UInt8(left), 0, UInt8(top), 0, UInt8(width), 0, UInt8(height), 0, 0,
                ]
                bytes += [8] + Self.unpackedCodes(color, count: pixels ?? width * height)
            }

            /// Codes of nine bits that never grow: each pixel is cleared behind.
            private static func unpackedCodes(_ color: UInt8, count: Int) -> [UInt8] {
                let codes = (0..<count).flatMap { _ in [256, Int(color)] } + [257]
                var (data, bits, held): ([UInt8], Int, Int) = ([], 0, 0)
                for code in codes {
                    bits |= code << held
                    held += 9
                    while held >= 8 {
                        data.append(UInt8(bits & 255))
                        bits >>= 8
                        held -= 8
                    }
                }
                if held > 0 { data.append(UInt8(bits & 255)) }
                var blocks: [UInt8] = []
                while !data.isEmpty {
                    blocks += [UInt8(min(255, data.count))] + data.prefix(255)
                    data = Array(data.dropFirst(255))
                }
                return blocks + [0]
            }

            var whole: [UInt8] { bytes + [0x3B] }
        }

        private static func color(_ index: UInt8) -> [Int] {
            [Int(index), 255 - Int(index), Int(index) / 2, 255]
        }
        private static let clear = [0, 0, 0, 0]

        /// The screens of a GIF, each 8 by 8, with alpha.
        private static func screens(_ file: [UInt8]) throws -> [Picture] {
            let sample = try MemorySample(file)
            let input = InputFile(descriptor: sample.descriptor, size: file.count)
            var bytes = HeaderBytes(input, available: file.count, total: file.count)
            let gif = try GIFFile(&bytes)
            var screen = GIFScreen(gif, bytes)
            return try (0..<gif.count).map { _ in
                let pixels = try #require(try screen.drawn())
                return Picture(gif.screen.width, gif.screen.height, bands: 4) { x, y in
                    Array(
                        pixels[(y * gif.screen.width + x) * 4..<(y * gif.screen.width + x) * 4 + 4])
                }
            }
        }

        // MARK: Areas that no image covers

        @Test func whatNoImageCoversIsTransparent() throws {
            var gif = Builder()
            gif.image(2, 2, 3, 3, 9)
            let screens = try Self.screens(gif.whole)
            #expect(screens[0][3, 3] == Self.color(9))
            #expect(screens[0][0, 0] == Self.clear)
            #expect(screens[0][7, 7] == Self.clear)
        }

        @Test(arguments: [UInt8(0), 1, 2, 3, 4])
        func eachDisposalLeavesWhatItSays(_ disposal: UInt8) throws {
            var gif = Builder()
            gif.image(0, 0, 8, 8, 1)
            gif.image(2, 2, 4, 4, 2, disposal: disposal)
            gif.image(0, 0, 1, 1, 3)
            let last = try Self.screens(gif.whole)[2]
            let left = [Self.color(2), Self.color(2), Self.clear, Self.color(1), Self.color(1)]
            #expect(last[3, 3] == left[Int(disposal)])
            #expect(last[7, 7] == Self.color(1))
            #expect(last[0, 0] == Self.color(3))
        }

        @Test func aTransparentColourShowsWhatWasThere() throws {
            var gif = Builder()
            gif.image(0, 0, 8, 8, 1)
            gif.image(0, 0, 8, 8, 5, transparent: 5)
            #expect(try Self.screens(gif.whole)[1][4, 4] == Self.color(1))
        }

        @Test func aPictureIsTransparentOrOverItsBackground() throws {
            let file = try sharedCase("first-frame-small.gif")
            let png = try Developed(file, .exact(200)).picture("only")
            #expect(png[0, 0][3] == 0)
            let spec = RenditionSpec(
                name: "only", width: 200, height: 200, format: .jpeg, quality: 100,
                background: "#204060")
            let recipe = Recipe(name: "one", renditions: [spec])
            let jpeg = try Developed(file, recipe).picture("only", .jpeg)
            expectClose(jpeg[0, 0], [0x20, 0x40, 0x60], within: 6)
        }

        @Test func aWhollyCoveredScreenHasNoAlpha() throws {
            var gif = Builder()
            gif.image(0, 0, 8, 8, 1)
            #expect(try Developed(gif.whole, .exact(8)).picture("only").bands == 3)
        }

        // MARK: Ends

        @Test func aTrailerIsNotNeeded() throws {
            var gif = Builder()
            gif.image(0, 0, 8, 8, 1)
            gif.image(0, 0, 8, 8, 2)
            for end: [UInt8] in [
                [0x3B], [], [0], [0, 0, 0, 0x3B], [0x3B, 1, 2], [0x21, 0xFE, 9, 65],
            ] {
                #expect(try Self.screens(gif.bytes + end).count == 2, "\(end)")
                #expect(try Developed(gif.bytes + end).facts?.frames == 2, "\(end)")
            }
            // The last image's empty sub-block, and the code that ends its pixels.
            for missing in 1...2 {
                #expect(try Self.screens(gif.bytes.dropLast(missing)).count == 2)
            }
        }

        @Test func missingPixelsAreDamage() throws {
            var gif = Builder()
            gif.image(0, 0, 8, 8, 1)
            for missing in 5...gif.bytes.count - 800 {
                #expect(
                    try Developed(Array(gif.bytes.dropLast(missing))).refusal == .damaged,
                    "\(missing)")
            }
            for pixels in [0, 1, 32, 63] {
                var short = Builder()
                short.image(0, 0, 8, 8, 1, pixels: pixels)
                #expect(try Developed(short.whole).refusal == .damaged, "\(pixels)")
            }
        }

        @Test func anAnnouncedImageThatIsMissingIsDamage() throws {
            var gif = Builder()
            gif.image(0, 0, 8, 8, 1)
            for end: [UInt8] in [
                [0x21, 0xF9, 4], [0x2C], [0x2C, 0, 0, 0, 0, 8, 0, 8, 0, 0], [0x41],
            ] {
                #expect(try Developed(gif.bytes + end).refusal == .damaged, "\(end)")
            }
        }

        // MARK: Beside libvips' decoder

        @Test(arguments: [false, true], [1, 3, 8])
        func decodesWhatLibvipsDecodes(_ interlaced: Bool, _ depth: Int) throws {
            let picture = Picture(97, 61) { x, y in
                [UInt8(x * 2), UInt8(y * 4), UInt8((x * y) % 256)]
            }
            let file = try picture.file(
                "gifsave_target",
                ["bitdepth": .number(Double(depth)), "interlace": .number(interlaced ? 1 : 0)])
            let wanted = try Picture(opened(file, .gif).inSRGB())
            #expect(try Developed(file, .exact(200)).picture("only").pixels == wanted.pixels)
        }

        @Test func survivesMutations() throws {
            _ = try ImageProcessor()
            var random = Dice(seed: 11)
            let file = try Picture.noise(40, 30).file("gifsave_target")
            for _ in 0..<300 {
                let mutated = random.mutated(file)
                let sample = try MemorySample(mutated)
                let input = InputFile(descriptor: sample.descriptor, size: mutated.count)
                var bytes = HeaderBytes(input, available: mutated.count, total: mutated.count)
                guard let gif = try? GIFFile(&bytes), gif.screen.area < 1_000_000 else { continue }
                var screen = GIFScreen(gif, bytes)
                while let pixels = try? screen.drawn() {
                    #expect(pixels.count == gif.screen.area * 4)
                }
            }
        }
    }
}
