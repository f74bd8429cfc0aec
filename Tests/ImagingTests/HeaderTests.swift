// The header parser against everything: right on honest files, and never trapped or lied to by
// others.

import Domain
import TestSupport
import Testing

@testable import Imaging

extension DarkroomTests {
    @Suite struct HeaderTests {
        /// A file of each kind: 120 by 90 pixels.
        private static func samples() throws -> [(MediaType, [UInt8])] {
            let picture = Picture.noise(120, 90)
            return [
                (.jpeg, try picture.file("jpegsave_target")),
                (.jpeg, try picture.file("jpegsave_target", ["interlace": true])),
                (.png, try picture.file("pngsave_target")),
                (.png, try picture.file("pngsave_target", ["interlace": true])),
                (.gif, try picture.file("gifsave_target")),
                (.webp, try picture.file("webpsave_target")),
                (.webp, try picture.file("webpsave_target", ["lossless": true])),
                (.avif, try picture.file("heifsave_target", ["compression": "av1", "effort": 0])),
                (.heic, try picture.file("heifsave_target", ["compression": "hevc"])),
            ]
        }

        private static func read(
            _ file: [UInt8], total: Int?, _ extent: ImageHeader.Extent
        ) throws(HeaderFault) -> ImageHeader {
            var bytes = HeaderBytes(file, total: total)
            return try ImageHeader.read(from: &bytes, extent)
        }

        @Test func readsEveryFormat() throws {
            _ = try ImageProcessor()
            for (mediaType, file) in try Self.samples() {
                let header = try Self.read(file, total: file.count, .whole)
                #expect(header.mediaType == mediaType)
                #expect([header.width, header.height] == [120, 90])
            }
        }

        @Test func seesProgressiveAndInterlaced() throws {
            _ = try ImageProcessor()
            let seen = try Self.samples().map {
                try Self.read($0.1, total: $0.1.count, .whole).isInterlaced
            }
            #expect(seen.prefix(4) == [false, true, false, true])
        }

        /// A prefix either says nothing yet or says the truth, whether or not the end is known.
        @Test func judgesAPrefixByWhatIsThere() throws {
            _ = try ImageProcessor()
            for (mediaType, file) in try Self.samples() {
                for length in 0..<min(file.count, 2000) {
                    for total in [nil, file.count] {
                        do {
                            let header = try Self.read(
                                Array(file.prefix(length)), total: total, .dimensions)
                            #expect([header.width, header.height] == [120, 90])
                        } catch {
                            #expect(error == .needsMore, "\(mediaType) at \(length)")
                        }
                    }
                }
            }
        }

        /// Mutated files: any answer but a trap, an endless loop or a size of nothing; and what
        /// our parser, libmagic and libvips accept together is a format we take in.
        @Test(arguments: [UInt64(1), 2, 3, 4])
        func survivesMutations(_ seed: UInt64) throws {
            _ = try ImageProcessor()
            var random = Dice(seed: seed)
            for (mediaType, file) in try Self.samples() {
                for round in 0..<400 {
                    let mutated = random.mutated(file)
                    do {
                        let header = try Self.read(mutated, total: mutated.count, .whole)
                        #expect(
                            header.width > 0 && header.height > 0,
                            "\(mediaType), seed \(seed), round \(round)")
                    } catch {
                        #expect(error != .needsMore, "\(mediaType), seed \(seed), round \(round)")
                    }
                }
            }
        }

        /// Nothing but noise behind each signature.
        @Test(arguments: [UInt64(5), 6])
        func survivesNoise(_ seed: UInt64) {
            var random = Dice(seed: seed)
            let starts: [[UInt8]] = [
                [0xFF, 0xD8, 0xFF], [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A],
                Array("GIF89a".utf8), Array("RIFF\u{10}\0\0\0WEBPVP8X".utf8),
                [0, 0, 0, 16] + Array("ftypavif\0\0\0\0".utf8) + [0, 0, 0, 0xFF]
                    + Array("meta".utf8),
            ]
            for round in 0..<4000 {
                let file = starts[round % starts.count] + random.bytes(300)
                for extent in [ImageHeader.Extent.dimensions, .whole] {
                    do {
                        let header = try Self.read(file, total: file.count, extent)
                        #expect(header.width > 0, "seed \(seed), round \(round)")
                    } catch {
                        #expect(error != .needsMore, "seed \(seed), round \(round)")
                    }
                }
            }
        }

        @Test func refusesFilms() {
            for brand in ["avis", "msf1", "hevc", "isom", "qt  "] {
                let box = [0, 0, 0, 16] + Array("ftyp".utf8) + Array(brand.utf8) + [0, 0, 0, 0]
                do {
                    _ = try Self.read(box, total: 16, .whole)
                    Issue.record("accepted \(brand)")
                } catch {
                    #expect(error == .foreign(.movingImage) || error == .unknown)
                }
            }
        }
    }
}

/// Damage that can be had again.
extension Dice {
    mutating func bytes(_ count: Int) -> [UInt8] {
        (0..<count).map { _ in UInt8(truncatingIfNeeded: next()) }
    }

    /// Bytes changed, cut out, doubled or set to extremes, mostly near the front.
    mutating func mutated(_ file: [UInt8]) -> [UInt8] {
        var file = file
        for _ in 0...Int(next() % 4) {
            let reach = next() % 3 == 0 ? file.count : min(file.count, 400)
            guard reach > 8 else { return file }
            let place = Int(next() % UInt64(reach - 4))
            switch next() % 5 {
            case 0: file[place] = UInt8(truncatingIfNeeded: next())
            case 1: file[place] ^= 1 << UInt8(next() % 8)
            case 2: file.removeSubrange(place..<place + 1 + Int(next() % 3))
            case 3: file.insert(contentsOf: bytes(1 + Int(next() % 8)), at: place)
            default:
                let extreme: [UInt8] = next() % 2 == 0 ? [255, 255, 255, 255] : [0, 0, 0, 0]
                file.replaceSubrange(place..<place + 4, with: extreme)
            }
        }
        return file
    }
}
