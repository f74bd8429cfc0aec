// What is told of files that are photographs and not taken in.

import Domain
import Testing

@testable import Imaging

extension DarkroomTests {
    @Suite struct ForeignTests {
        /// A TIFF with one directory of short numbers.
        private static func tiff(_ tags: [(UInt8, UInt8, UInt8)], isLittle: Bool = true) -> [UInt8]
        {
            func number(_ value: Int, _ count: Int) -> [UInt8] {
                let bytes = (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
                return isLittle ? bytes : bytes.reversed()
            }
            var file = Array((isLittle ? "II" : "MM").utf8) + number(42, 2) + number(8, 4)
            file += number(tags.count, 2)
            for (high, low, value) in tags {
                file += number(Int(high) << 8 | Int(low), 2) + number(3, 2) + number(1, 4)
                file += number(Int(value), 2) + number(0, 2)
            }
            return file + number(0, 4) + [UInt8](repeating: 0, count: 100)
        }

        private static let maker: (UInt8, UInt8, UInt8) = (0x01, 0x0F, 1)
        private static let subdirectories: (UInt8, UInt8, UInt8) = (0x01, 0x4A, 1)
        private static let isDNG: (UInt8, UInt8, UInt8) = (0xC6, 0x12, 1)

        @Test func tellsRawFilesFromTIFF() throws {
            for isLittle in [true, false] {
                for (tags, code) in [
                    ([], Problem.Code.tiffImage), ([Self.maker], .tiffImage),
                    ([Self.subdirectories], .tiffImage),
                    ([Self.maker, Self.subdirectories], .rawPhoto), ([Self.isDNG], .rawPhoto),
                    ([Self.maker, (0x01, 0x03, 99)], .rawPhoto),
                    ([Self.maker, (0x01, 0x03, 7)], .tiffImage),
                ] {
                    let file = Self.tiff(tags, isLittle: isLittle)
                    #expect(try Developed(file).refusal == code, "\(tags)")
                }
            }
        }

        @Test(arguments: [
            "II*\0\u{10}\0\0\0CR\u{2}\0", "II\u{1A}\0\0\0HEAPCCDR", "FUJIFILMCCD-RAW 0201",
            "IIRO\u{8}\0\0\0",
            "IIU\0\u{18}\0\0\0", "FOVb\0\0\0\0", "\0MRM\0\0\0\0",
            "\0\0\0\u{18}ftypcrx \0\0\0\u{1}crx isom",
        ])
        func knowsRawFiles(_ start: String) throws {
            let file = Array(start.utf8) + [UInt8](repeating: 0, count: 100)
            #expect(try Developed(file).refusal == .rawPhoto)
        }

        @Test func knowsFilmsOfPictures() throws {
            for (brand, others) in [
                ("avis", "avif"), ("avio", "avis"), ("mif1", "msf1"), ("hevc", "heic"),
            ] {
                let file = [0, 0, 0, 20] + Array("ftyp\(brand)\0\0\0\0\(others)".utf8)
                #expect(
                    try Developed(file + Array(repeating: 0, count: 50)).refusal == .movingImage)
            }
        }

        /// A directory may come behind the pixels: until it is there nothing is said.
        @Test func waitsForATIFFsDirectory() throws {
            let far: [UInt8] =
                Array("II*\0".utf8) + [0, 1, 0, 0] + [UInt8](repeating: 0, count: 60)
            var part = HeaderBytes(far, total: 4000)
            #expect(throws: HeaderFault.needsMore) {
                try ImageHeader.read(from: &part, .dimensions)
            }
            #expect(try Developed(far).refusal == .tiffImage)
        }

        @Test(arguments: ["avio", "miaf", "MA1A", "MA1B", "mif2", "mif1"])
        func takesAVIFOfEveryMajorBrand(_ brand: String) throws {
            var file = try sharedCase("p3-nclx.avif")
            file.replaceSubrange(8..<12, with: Array(brand.utf8))
            #expect(try Developed(file).facts?.mediaType == .avif)
        }
    }
}
