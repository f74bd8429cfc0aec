// A libvips image: pixels that may still have to be computed.

internal import CVips

final class Raster: GObjectReference {
    private var image: UnsafeMutablePointer<VipsImage> {
        pointer.assumingMemoryBound(to: VipsImage.self)
    }

    var width: Int { Int(vips_image_get_width(image)) }
    var height: Int { Int(vips_image_get_height(image)) }
    var bands: Int { Int(vips_image_get_bands(image)) }
    var hasAlpha: Bool { vips_image_hasalpha(image) != 0 }
    /// Frames of an animation, or pages; 1 where the format has none.
    var frames: Int { Int(vips_image_get_n_pages(image)) }
    /// The height of one frame of a roll.
    var frameHeight: Int { Int(vips_image_get_page_height(image)) }
    /// EXIF orientation 1 to 8, 1 when there is none.
    var orientation: Int { Int(vips_image_get_orientation(image)) }
    /// The header of its colour profile, 128 bytes of a whole one; nil where it has none.
    var profile: [UInt8]? {
        var data: UnsafeRawPointer?
        var count = 0
        guard cvips_has(image, "icc-profile-data") != 0,
            vips_image_get_blob(image, "icc-profile-data", &data, &count) == 0
        else { return nil }
        return Array(UnsafeRawBufferPointer(start: data, count: min(count, 128)))
    }
    var interpretation: VipsInterpretation { vips_image_get_interpretation(image) }
    var isEightBit: Bool { vips_image_get_format(image) == VIPS_FORMAT_UCHAR }

    /// Another image made from this one by the named operation.
    func applying(
        _ name: String, _ arguments: KeyValuePairs<String, Operation.Argument> = [:]
    ) throws(VipsFailure) -> Raster {
        let operation = try Operation(name)
        try operation.set(arguments)
        try operation.set("in", .object(self))
        return try operation.image()
    }

    /// A part of it.
    func part(_ size: PixelSize, left: Int, top: Int) throws(VipsFailure) -> Raster {
        let operation = try Operation("extract_area")
        try operation.set("input", .object(self))
        try operation.set("left", .number(Double(left)))
        try operation.set("top", .number(Double(top)))
        try operation.set("width", .number(Double(size.width)))
        try operation.set("height", .number(Double(size.height)))
        return try operation.image()
    }

    /// The part that draws most attention.
    func attractivePart(_ size: PixelSize) throws(VipsFailure) -> Raster {
        let operation = try Operation("smartcrop")
        try operation.set("input", .object(self))
        try operation.set("width", .number(Double(size.width)))
        try operation.set("height", .number(Double(size.height)))
        try operation.set("interesting", "attention")
        return try operation.image()
    }

    // MARK: Metadata

    /// Names of all that is known of the image, beside its pixels and among them.
    var fields: [String] {
        guard let names = vips_image_get_fields(image) else { return [] }
        defer { g_strfreev(names) }
        var fields: [String] = []
        var next = names
        while let name = next.pointee {
            fields.append(String(cString: name))
            next += 1
        }
        return fields
    }

    /// A field that is text.
    func text(_ field: String) -> String? {
        guard vips_image_get_typeof(image, field) == vips_ref_string_get_type() else { return nil }
        var text: UnsafePointer<CChar>?
        guard vips_image_get_string(image, field, &text) == 0 else { return nil }
        return text.map { String(cString: $0) }
    }

    /// A field that is a whole number.
    func number(_ field: String) -> Int? {
        var value: Int32 = 0
        guard cvips_has(image, field) != 0, vips_image_get_int(image, field, &value) == 0 else {
            return nil
        }
        return Int(value)
    }

    /// What EXIF says of another image, its orientation included.
    func takeMetadata(of other: Raster) {
        for field in other.fields where field.hasPrefix("exif-") || field == "orientation" {
            cvips_copy_field(other.image, image, field)
        }
    }

    /// Only for an image nobody else uses.
    func setText(_ field: String, _ text: String) {
        vips_image_set_string(image, field, text)
    }

    /// Only for an image nobody else uses.
    func remove(_ field: String) {
        vips_image_remove(image, field)
    }

    /// An animation's, as libvips' decoders tell it.
    var pace: FrameSequence.Pace {
        var delays: UnsafeMutablePointer<Int32>?
        var count: Int32 = 0
        if cvips_has(image, "delay") != 0 {
            vips_image_get_array_int(image, "delay", &delays, &count)
        }
        return FrameSequence.Pace(
            delays: (0..<Int(count)).map { Int(delays?[$0] ?? 0) }, loops: number("loop") ?? 0)
    }

    /// Makes it a roll of frames of this height; only for an image nobody else uses.
    func setPace(_ pace: FrameSequence.Pace, frameHeight: Int) {
        let delays = pace.delays.map(Int32.init)
        vips_image_set_int(image, "page-height", Int32(frameHeight))
        vips_image_set_int(image, "n-pages", Int32(height / max(1, frameHeight)))
        vips_image_set_int(image, "loop", Int32(pace.loops))
        vips_image_set_array_int(image, "delay", delays, Int32(delays.count))
    }

    // MARK: Pixels

    /// A picture of packed pixels of sRGB, eight bits each.
    static func packed(
        _ pixels: [UInt8], _ size: PixelSize, bands: Int
    ) throws(VipsFailure) -> Raster {
        guard
            let memory = vips_image_new_from_memory_copy(
                pixels, pixels.count, Int32(size.width), Int32(size.height), Int32(bands),
                VIPS_FORMAT_UCHAR)
        else { throw .taken() }
        return try Raster(owning: UnsafeMutableRawPointer(memory))
            .applying("copy", ["interpretation": "srgb"])
    }

    /// This picture with one more row at its bottom, for which the last pixel of `original` is
    /// needed: what is computed of it has read all of the file.
    func withLastPixel(of original: Raster) throws(VipsFailure) -> Raster {
        let last = try original.part(
            PixelSize(width: 1, height: 1), left: original.width - 1, top: original.height - 1)
        let operation = try Operation("join")
        try operation.set(["in1": .object(self), "in2": .object(last), "expand": true])
        try operation.set("direction", "vertical")
        return try operation.image()
    }

    /// Whether every pixel of four bands is.
    var isOpaque: Bool {
        get throws(VipsFailure) {
            try withPixels { pixels in
                stride(from: 3, to: pixels.count, by: 4).allSatisfy { pixels[$0] == 255 }
            }
        }
    }

    func withoutAlpha() throws(VipsFailure) -> Raster {
        try applying("extract_band", ["band": 0, "n": 3]).computed()
    }

    /// Writes all pixels with the named encoder.
    func encode(
        with name: String, to target: RenditionTarget,
        _ arguments: KeyValuePairs<String, Operation.Argument>
    ) throws(VipsFailure) {
        let operation = try Operation(name)
        try operation.set(arguments)
        try operation.set("in", .object(self))
        try operation.set("target", .object(target))
        try operation.run()
    }

    /// Computes all pixels into memory. `progress` hears the measured part, 0 to 1.
    func computed(_ progress: ((Double) -> Void)? = nil) throws(VipsFailure) -> Raster {
        let watch = progress.map { ProgressWatch(self, report: $0) }
        defer { watch?.end() }
        guard let memory = vips_image_copy_memory(image) else { throw .taken() }
        return Raster(owning: UnsafeMutableRawPointer(memory))
    }

    /// All pixels, packed row after row. Costs nothing on a computed image.
    func withPixels<Result>(
        _ body: (UnsafeRawBufferPointer) throws(VipsFailure) -> Result
    ) throws(VipsFailure) -> Result {
        guard let pixels = vips_image_get_data(image) else { throw .taken() }
        let count = cvips_pixel_size(image) * width * height
        let all = UnsafeRawBufferPointer(start: pixels, count: count)
        return try body(all)
    }

    /// Runs `body`, usually an encoder, and tells how much of the pixels it has taken.
    func watched<Result>(
        _ progress: @escaping (Double) -> Void, _ body: () throws(VipsFailure) -> Result
    ) throws(VipsFailure) -> Result {
        let watch = ProgressWatch(self, report: progress)
        defer { watch.end() }
        return try body()
    }

    fileprivate func connect(_ context: UnsafeMutableRawPointer) -> UInt {
        cvips_watch(
            image,
            { _, progress, context in
                guard let progress, let context else { return }
                let watch = Unmanaged<ProgressWatch>.fromOpaque(context).takeUnretainedValue()
                watch.report(Double(progress.pointee.percent) / 100)
            }, context)
    }

    fileprivate func disconnect(_ handler: UInt) {
        cvips_unwatch(image, handler)
    }
}

/// Keeps a listener alive while libvips may call it.
private final class ProgressWatch {
    let report: (Double) -> Void
    private let image: Raster
    private var handler: UInt = 0

    init(_ image: Raster, report: @escaping (Double) -> Void) {
        self.image = image
        self.report = report
        handler = image.connect(Unmanaged.passUnretained(self).toOpaque())
    }

    func end() {
        image.disconnect(handler)
    }
}
