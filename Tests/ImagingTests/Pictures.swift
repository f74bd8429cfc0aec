// Pictures made for the tests, and their files in any format.

import CVips
import Domain
import Glibc
import Testing

@testable import Imaging

/// Pixels with three or four bands, eight bits each.
struct Picture {
    let size: PixelSize
    let bands: Int
    var pixels: [UInt8]

    init(_ width: Int, _ height: Int, bands: Int = 3, _ color: (Int, Int) -> [UInt8]) {
        size = PixelSize(width: width, height: height)
        self.bands = bands
        pixels = []
        pixels.reserveCapacity(width * height * bands)
        for y in 0..<height { for x in 0..<width { pixels += color(x, y) } }
    }

    subscript(x: Int, y: Int) -> [Int] {
        let start = (y * size.width + x) * bands
        return pixels[start..<start + bands].map(Int.init)
    }

    /// Colours that change everywhere, so that a cut anywhere loses something.
    static func noise(_ width: Int, _ height: Int, bands: Int = 3) -> Picture {
        var seed: UInt32 = 7
        return Picture(width, height, bands: bands) { _, _ in
            (0..<bands).map { _ in
                seed = seed &* 1_664_525 &+ 1_013_904_223
                return UInt8(seed >> 24)
            }
        }
    }

    static func plain(_ width: Int, _ height: Int, _ color: [UInt8]) -> Picture {
        Picture(width, height, bands: color.count) { _, _ in color }
    }

    func image() throws -> Raster {
        let copy = vips_image_new_from_memory_copy(
            pixels, pixels.count, Int32(size.width), Int32(size.height), Int32(bands),
            VIPS_FORMAT_UCHAR)
        return try Raster(owning: UnsafeMutableRawPointer(#require(copy)))
            .applying("copy", ["interpretation": "srgb"])
    }

    /// The file, by the named encoder of libvips.
    func file(
        _ encoder: String, _ options: KeyValuePairs<String, Operation.Argument> = [:],
        orientation: Int? = nil
    ) throws -> [UInt8] {
        let image = try image()
        if let orientation {
            vips_image_set_int(
                image.pointer.assumingMemoryBound(to: VipsImage.self), "orientation",
                Int32(orientation))
        }
        return try encoded(image, encoder, options)
    }

    /// The picture in a file, as libvips reads it.
    init(file: [UInt8], _ mediaType: MediaType) throws {
        let image = try opened(file, mediaType).inSRGB().computed()
        try self.init(image)
    }

    /// Computed pixels.
    init(_ image: Raster) throws {
        size = image.size
        bands = image.bands
        pixels = try image.withPixels { Array($0) }
    }
}

/// A file as libvips opens it. GIF is decoded by our own code elsewhere, and here by libvips'.
func opened(_ file: [UInt8], _ mediaType: MediaType, allFrames: Bool = false) throws -> Raster {
    let sample = try MemorySample(file)
    let source = PhotoSource(InputFile(descriptor: sample.descriptor, size: file.count))
    guard mediaType == .gif else {
        return try Loader.open(source, as: mediaType, allFrames: allFrames).computed()
    }
    let operation = try Operation("gifload_source")
    try operation.set(["source": .object(source), "n": .number(allFrames ? -1 : 1)])
    return try operation.image().computed()
}

/// A file of Tests/cases.
func sharedCase(_ name: String) throws -> [UInt8] {
    let tests = #filePath.split(separator: "/").dropLast(2).joined(separator: "/")
    let descriptor = open("/\(tests)/cases/\(name)", O_RDONLY)
    try #require(descriptor >= 0)
    defer { close(descriptor) }
    let size = Int(lseek(descriptor, 0, SEEK_END))
    var bytes = [UInt8](repeating: 0, count: size)
    try #require(pread(descriptor, &bytes, size, 0) == size)
    return bytes
}

func encoded(
    _ image: Raster, _ encoder: String,
    _ options: KeyValuePairs<String, Operation.Argument> = [:]
) throws -> [UInt8] {
    let sample = try MemorySample()
    try image.encode(
        with: encoder, to: RenditionTarget(OutputFile(descriptor: sample.descriptor)), options)
    return try sample.contents()
}

extension MemorySample {
    convenience init(_ bytes: [UInt8]) throws {
        try self.init()
        let written = bytes.withUnsafeBytes { OutputFile(descriptor: descriptor).append($0) }
        try #require(written)
    }

    func contents() throws -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: try size())
        try #require(pread(descriptor, &bytes, bytes.count, 0) == bytes.count)
        return bytes
    }
}

extension Raster {
    /// Makes it the roll of an animation.
    func setPace(frameHeight: Int, delays: [Int]) {
        setPace(FrameSequence.Pace(delays: delays, loops: 0), frameHeight: frameHeight)
    }
}
