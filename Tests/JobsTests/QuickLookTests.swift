// Which photographs have a quick turn, told by what is made of them first.

import Domain
import Foundation
import Glibc
import Testing

@testable import Jobs

@Suite("A quick look")
struct QuickLookTests {
    private static let start: [UInt8] = [0xFF, 0xD8]
    /// An APP1 segment of 300 bytes, full of what could be taken for markers.
    private static let exif: [UInt8] =
        [0xFF, 0xE1, 0x01, 0x2C] + [UInt8](repeating: 0xFF, count: 298)
    private static let tables: [UInt8] = [0xFF, 0xC4, 0x00, 0x04, 1, 2]

    private func isQuick(_ bytes: [UInt8]) throws -> Bool {
        let path = NSTemporaryDirectory() + "revela-look-\(UUID().uuidString)"
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        defer { unlink(path) }
        let file = open(path, O_RDONLY)
        defer { close(file) }
        return QuickLook.isBaselineJPEG(file)
    }

    @Test("finds the frame of a baseline JPEG behind its other segments", arguments: [0xC0, 0xC1])
    func baseline(_ marker: UInt8) throws {
        let frame: [UInt8] = [0xFF, marker, 0, 11]
        #expect(try isQuick(Self.start + frame))
        #expect(try isQuick(Self.start + Self.exif + Self.tables + [0xFF] + frame))
    }

    @Test("takes no progressive, lossless or arithmetic JPEG", arguments: [0xC2, 0xC3, 0xC9, 0xCA])
    func others(_ marker: UInt8) throws {
        #expect(try !isQuick(Self.start + Self.exif + [0xFF, marker, 0, 11]))
    }

    @Test("takes nothing that is no JPEG, ends, or never comes to its frame")
    func strangers() throws {
        #expect(try !isQuick([]))
        #expect(try !isQuick(Array("\u{89}PNG\r\n".utf8)))
        #expect(try !isQuick(Self.start))
        #expect(try !isQuick(Self.start + Self.exif.prefix(100)))
        #expect(try !isQuick(Self.start + [0xFF, 0xE0, 0, 0, 0xFF, 0xC0, 0, 11].prefix(4)))
        #expect(try !isQuick(Self.start + [UInt8](repeating: 0xFF, count: 100_000)))
        let many = (0..<100).flatMap { _ in Self.tables }
        #expect(try !isQuick(Self.start + many + [0xFF, 0xC0, 0, 11]))
    }
}
