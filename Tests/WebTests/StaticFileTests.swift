import Foundation
import HTTPTypes
import NIOCore
import Testing

@testable import Web

@Suite("A file of the pages")
struct StaticFileTests {
    private let text = StaticFile(Data(String(repeating: "a line of a script\n", count: 200).utf8))

    @Test(
        "is sent as gzip to who takes it (RFC 9110, 12.5.3)",
        arguments: [
            "gzip", "gzip, deflate, br", "br;q=1.0, GZIP;q=0.5", "deflate , gzip ; q=0.001",
        ])
    func gzip(accepted: String) {
        let form = text.form(for: [.acceptEncoding: accepted])
        #expect(form.bytes.readableBytes < text.plain.bytes.readableBytes / 5)
        #expect(form.bytes.getBytes(at: 0, length: 3) == [0x1f, 0x8b, 8])
        #expect(form.tag != text.tag)
    }

    @Test(
        "is sent as it is to all others",
        arguments: ["", "identity", "br", "gzip;q=0", "gzip; q=0.000", "x-gzip", "gzip;q=no"])
    func plain(accepted: String) {
        #expect(text.form(for: [.acceptEncoding: accepted]).tag == text.tag)
    }

    @Test("is sent as it is in parts, and where gzip saves nothing")
    func parts() {
        #expect(text.form(for: [.acceptEncoding: "gzip", .range: "bytes=0-9"]).tag == text.tag)
        let noise = StaticFile(Data((0..<4_000).map { _ in UInt8.random(in: 0...255) }))
        #expect(noise.gzip == nil)
        #expect(StaticFile(Data()).gzip == nil)
    }
}
