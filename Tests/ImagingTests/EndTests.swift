// The verdict follows the pixels: whole ones are a photograph whatever else the file has too many or
// too few, and missing ones are damage whatever the file ends with.

import Domain
import Testing

@testable import Imaging

extension DarkroomTests {
    @Suite struct EndTests {
        private static func pixels(_ file: [UInt8], _ side: Int = 200) throws -> [UInt8]? {
            let developed = try Developed(file, .exact(side))
            guard developed.lastWord == .done else { return nil }
            return try developed.picture("only").pixels
        }

        // MARK: JPEG

        private static let end: [UInt8] = [0xFF, 0xD9]

        /// Baseline, progressive and in black and white.
        private static func jpegs() throws -> [[UInt8]] {
            let picture = Picture.noise(120, 90)
            let grey = try picture.image().applying("colourspace", ["space": "b-w"])
            return [
                try picture.file("jpegsave_target"),
                try picture.file("jpegsave_target", ["interlace": true]),
                try picture.file("jpegsave_target", ["subsample_mode": "off", "Q": 95]),
                try encoded(grey, "jpegsave_target"),
            ]
        }

        /// Where each marker stands, the first excepted, and what it is.
        private static func markers(_ file: [UInt8]) -> [(offset: Int, marker: UInt8)] {
            var found: [(offset: Int, marker: UInt8)] = []
            var offset = 2
            while offset + 1 < file.count {
                guard file[offset] == 0xFF, file[offset + 1] != 0 else {
                    offset += 1
                    continue
                }
                found.append((offset, file[offset + 1]))
                offset += 2
                if file[offset - 1] == 0xD9 { break }
                offset += Int(file[offset]) << 8 | Int(file[offset + 1])
            }
            return found
        }

        private static let extras: [[UInt8]] = [
            [0x00], [0x41], [0xFF, 0x00], [1, 2, 3], Array(repeating: 0x20, count: 300),
        ]

        @Test(arguments: extras)
        func bytesBeforeAMarkerAreHarmless(_ extra: [UInt8]) throws {
            for file in try Self.jpegs() {
                let wanted = try #require(try Self.pixels(file))
                // Bytes right behind the first marker make it another signature.
                for (offset, marker) in Self.markers(file).dropFirst() {
                    var longer = file
                    longer.insert(contentsOf: extra, at: offset)
                    #expect(try Self.pixels(longer) == wanted, "before \(marker) at \(offset)")
                }
            }
        }

        @Test func aMissingEndIsHarmless() throws {
            for file in try Self.jpegs() {
                let wanted = try Self.pixels(file)
                for missing in 1...2 {
                    #expect(try Self.pixels(Array(file.dropLast(missing))) == wanted)
                }
                #expect(try Self.pixels(file + [0, 0, 0]) == wanted)
            }
        }

        @Test func missingPixelsAreDamageBeforeAnyEnd() throws {
            for file in try Self.jpegs() {
                let scan = try #require(Self.markers(file).first { $0.marker == 0xDA }).offset + 20
                for part in 0..<20 {
                    let cut = file.prefix(scan + (file.count - scan) * part / 20)
                    for tail in [[], Self.end, [0] + Self.end, Self.end + Self.end] {
                        #expect(try Developed(Array(cut) + tail).refusal == .damaged, "\(part)")
                    }
                }
                // The last byte of the scan.
                #expect(try Developed(file.dropLast(3) + Self.end).refusal == .damaged)
            }
        }

        @Test func aHarmlessWarningHidesNoDamage() throws {
            for file in try Self.jpegs() {
                let table = try #require(Self.markers(file).first { $0.marker == 0xDB }).offset
                var cut = Array(file.prefix(file.count * 3 / 5)) + Self.end
                cut.insert(contentsOf: [1, 2, 3], at: table)
                #expect(try Developed(cut).refusal == .damaged)
            }
        }

        /// What ends between two scans has only lost detail, and no decoder minds.
        @Test func missingScansAreDamage() throws {
            let file = try Picture.noise(120, 90).file("jpegsave_target", ["interlace": true])
            let scans = Self.markers(file).filter { $0.marker == 0xDA }
            try #require(scans.count > 4)
            for scan in scans.dropFirst() {
                #expect(try Developed(Array(file.prefix(scan.offset))).refusal == .damaged)
            }
        }

        /// The last rows count where a reduction could do without them.
        @Test(arguments: [40, 100, 199])
        func missingPixelsAreDamageAtAnySize(_ side: Int) throws {
            let file = try Picture.noise(1603, 1205).file("jpegsave_target")
            let cut = Array(file.dropLast(file.count / 400)) + Self.end
            #expect(try Developed(cut, .exact(side)).refusal == .damaged)
        }

        // MARK: PNG

        private static func pngs() throws -> [[UInt8]] {
            let picture = Picture.noise(61, 47)
            return [
                try picture.file("pngsave_target"),
                try picture.file("pngsave_target", ["interlace": true]),
                try picture.file("pngsave_target", ["palette": true]),
            ]
        }

        @Test func aPNGNeedsNothingBehindItsPixels() throws {
            for file in try Self.pngs() {
                let wanted = try #require(try Self.pixels(file))
                // IEND has twelve bytes; before it come two check sums of four.
                for missing in 1...20 {
                    #expect(try Self.pixels(Array(file.dropLast(missing))) == wanted, "\(missing)")
                }
                #expect(try Self.pixels(file.dropLast(12) + [0, 0, 0]) == wanted)
            }
        }

        @Test func missingPixelsOfAPNGAreDamageBeforeAnyEnd() throws {
            for file in try Self.pngs() {
                let start = try #require(PNGFile.chunks(file).first { $0.type == "IDAT" })
                for part in 0..<20 {
                    let data = Array(start.data.prefix(start.data.count * part / 20))
                    let cut = Array(file.prefix(start.offset)) + PNGFile.chunk("IDAT", data)
                    for tail in [[], PNGFile.chunk("IEND", []), [0, 0]] {
                        #expect(try Developed(cut + tail).refusal == .damaged, "\(part)")
                    }
                }
            }
        }

        // MARK: The cases as they came

        @Test(arguments: [
            "1-byte-before-dqt.jpg", "ff00-before-app1.jpg", "last-2-missing.jpg", "no-iend.png",
            "cut-crc-of-iend.png", "no-trailer.gif", "moving-zeros-before-trailer.gif",
        ])
        func isReady(_ name: String) throws {
            #expect(try Developed(sharedCase(name)).lastWord == .done)
        }

        @Test func isDamaged() throws {
            #expect(try Developed(sharedCase("cut-60-plus-eoi.jpg")).refusal == .damaged)
        }
    }
}
