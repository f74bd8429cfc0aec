// Sizes that are refused before a pixel is decoded, each with its limit and its actual value.

import Domain
import Testing

@testable import Imaging

extension DarkroomTests {
    @Suite struct LimitTests {
        @Test func refusesAPNGBombByItsHeader() throws {
            let bomb = pngHeader(width: 60_000, height: 60_000)
            let developed = try Developed(bomb)
            #expect(
                developed.lastWord == .refused(Problem(.sideTooLong, limit: 16_384, actual: 60_000))
            )
        }

        @Test func refusesTooManyPixelsByTheHeader() throws {
            let developed = try Developed(pngHeader(width: 16_000, height: 16_000))
            #expect(
                developed.lastWord
                    == .refused(Problem(.tooManyPixels, limit: 50_000_000, actual: 256_000_000)))
        }

        @Test(arguments: [
            (MediaType.jpeg, false, 100_000_000), (.jpeg, true, 25_000_000),
            (.png, false, 50_000_000),
            (.png, true, 25_000_000), (.webp, false, 50_000_000), (.avif, false, 50_000_000),
        ])
        func hasABudgetForEachKind(_ type: MediaType, _ interlaced: Bool, _ budget: Int) throws {
            let width = 10_000
            var header = ImageHeader(
                mediaType: type, width: width, height: budget / width, frames: 1,
                isInterlaced: interlaced)
            #expect(throws: Never.self) { try ImageLimits().check(header) }
            header.height += 1
            #expect(throws: Problem(.tooManyPixels, limit: budget, actual: budget + width)) {
                try ImageLimits().check(header)
            }
        }

        @Test func refusesAProgressiveJPEGOverItsOwnBudget() throws {
            var limits = ImageLimits()
            limits.interlacedPixels = 9_999
            let picture = Picture.noise(100, 100)
            let progressive = try picture.file("jpegsave_target", ["interlace": true])
            #expect(
                try Developed(progressive, limits: limits).lastWord
                    == .refused(Problem(.tooManyPixels, limit: 9_999, actual: 10_000)))
            #expect(
                try Developed(picture.file("jpegsave_target"), limits: limits).lastWord == .done)
        }

        @Test func refusesAnAnimationOfTooManyFrames() throws {
            var limits = ImageLimits()
            limits.frames = 4
            let developed = try Developed(gif(frames: 5), limits: limits)
            #expect(developed.lastWord == .refused(Problem(.tooManyFrames, limit: 4, actual: 5)))
        }

        @Test func countsThePixelsOfAllFrames() throws {
            var limits = ImageLimits()
            limits.animationPixels = 19
            let developed = try Developed(gif(frames: 5), limits: limits)
            #expect(developed.refusal == .tooManyPixels)
        }

        @Test func developsTheFirstFrameOfAnAnimationAndCountsAll() throws {
            let developed = try Developed(gif(frames: 5))
            #expect(developed.lastWord == .done)
            #expect(developed.facts?.frames == 5)
        }

        /// A WebP of 48 megapixels once failed in the sandbox alone: libvips wanted a file for it.
        @Test func decodesEverythingWithinTheLimitsInMemory() throws {
            _ = try ImageProcessor()
            let limits = ImageLimits()
            let largest = max(limits.baselinePixels, limits.pixels, limits.animationPixels)
            #expect(Vips.diskThreshold > largest * 8)
        }

        @Test func survivesSidesWhoseProductOverflows() throws {
            let developed = try Developed(pngHeader(width: Int(Int32.max), height: Int(Int32.max)))
            #expect(developed.refusal == .sideTooLong)
        }

        /// A PNG that is right but for its pixels.
        private func pngHeader(width: Int, height: Int) -> [UInt8] {
            func number(_ value: Int) -> [UInt8] {
                [24, 16, 8, 0].map { UInt8(value >> $0 & 255) }
            }
            let nothing: [UInt8] = [0, 0, 0, 0]
            return [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
                + number(13) + Array("IHDR".utf8) + number(width) + number(height) + [
                    1, 0, 0, 0, 0,
                ]
                + nothing + number(1) + Array("IDAT".utf8) + [0] + nothing
                + number(0) + Array("IEND".utf8) + nothing
        }

        /// Two by two pixels a frame, the smallest that GIF89a allows to be drawn.
        private func gif(frames: Int) -> [UInt8] {
            let frame: [UInt8] = [0x2C, 0, 0, 0, 0, 2, 0, 2, 0, 0, 2, 3, 0x44, 0x02, 0x05, 0]
            return Array("GIF89a".utf8) + [2, 0, 2, 0, 0x80, 0, 0, 0, 0, 0, 255, 255, 255]
                + Array([[UInt8]](repeating: frame, count: frames).joined()) + [0x3B]
        }
    }
}
