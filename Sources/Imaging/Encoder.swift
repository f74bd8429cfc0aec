// The encoders, each with the settings that are worth their time here. They write no metadata but
// what the recipe keeps: a photograph's place and hour are its owner's alone.

internal import CVips
internal import CWebP
internal import Domain

/// An output that cannot be written, or an encoder that fails on pixels we made ourselves.
struct EncoderFailure: Error {
    let message: String
}

struct Encoder {
    private let spec: RenditionSpec
    private let background: RGB

    init(_ spec: RenditionSpec) {
        self.spec = spec
        background = RGB(spec.background) ?? RGB(red: 255, green: 255, blue: 255)
    }

    /// WebP effort 2 takes 40 % less time than 4 for 3.6 % more bytes.
    private static let webpEffort: Int32 = 2
    /// What libwebp is told for a picture. Its analysis for four segments, the default, takes a third
    /// of its time. With one, files of the same quality are a sixth larger and better; a tenth
    /// further from 100 they are about 7 % larger and, by SSIM, still a little better.
    private func webpSettings(_ size: PixelSize) -> (quality: Float, segments: Int32) {
        let quality = Float(spec.quality)
        return size.isSmall ? (quality, 4) : (max(0, 100 - (100 - quality) * 1.1), 1)
    }
    /// AVIF effort 4, the default, takes ten times as long as 2.
    private static let avifEffort = 2

    /// Whether `encode` tells the measured part of this: AVIF, JPEG XL, GIF, and WebP with more than
    /// pixels in it, do not.
    func isMeasured(_ sequence: FrameSequence) -> Bool {
        switch spec.format {
        case .jpeg, .png: true
        case .webp: isPlainWebP(sequence)
        case .avif, .jpegXL, .gif, .heic: false
        }
    }

    private func isPlainWebP(_ sequence: FrameSequence) -> Bool {
        spec.format == .webp && !sequence.isMoving && spec.metadata == .strip
    }

    /// Encodes computed 8-bit sRGB pixels. `progress` hears the measured part, 0 to 1.
    func encode(
        _ sequence: FrameSequence, to file: OutputFile, progress: @escaping (Double) -> Void
    ) throws(EncoderFailure) {
        do throws(VipsFailure) {
            if isPlainWebP(sequence) {
                return try encodeWebP(sequence.frames[0], to: file, progress)
            }
            // A roll is made of pixels and pace alone.
            let image =
                sequence.isMoving
                ? try sequence.roll() : try sequence.frames[0].keeping(spec.metadata)
            let isStripped = sequence.isMoving || spec.metadata == .strip
            guard spec.format == .webp, isStripped else {
                return try encodeByVips(image, isStripped, to: file, progress)
            }
            // libvips 8.14 writes EXIF into every WebP, told to strip or not.
            let buffer = ByteBuffer()
            try encodeByVips(image, isStripped, to: buffer, progress)
            let pure = WebPContainer.withoutMetadata(buffer.bytes)
            guard pure.withUnsafeBytes({ file.append($0) }) else {
                throw VipsFailure(message: "no room for the file")
            }
        } catch {
            throw EncoderFailure(message: error.message)
        }
    }

    private func encodeByVips(
        _ image: Raster, _ isStripped: Bool, to sink: ByteSink,
        _ progress: @escaping (Double) -> Void
    ) throws(VipsFailure) {
        let target = RenditionTarget(sink)
        let strip = Operation.Argument.number(isStripped ? 1 : 0)
        let quality = Operation.Argument.number(Double(spec.quality))
        switch spec.format {
        case .webp:
            try image.encode(
                with: "webpsave_target", to: target,
                ["Q": quality, "effort": .number(Double(Self.webpEffort)), "strip": strip])
        case .jpeg:
            let opaque = try image.flattened(over: background)
            try opaque.watched(progress) { () throws(VipsFailure) in
                try opaque.encode(
                    with: "jpegsave_target", to: target,
                    ["Q": quality, "strip": strip, "optimize_coding": true])
            }
        case .png:
            try image.watched(progress) { () throws(VipsFailure) in
                try image.encode(with: "pngsave_target", to: target, ["strip": strip])
            }
        case .avif:
            try image.encode(
                with: "heifsave_target", to: target,
                [
                    "Q": quality, "effort": .number(Double(Self.avifEffort)),
                    "compression": "av1", "strip": strip,
                ])
        case .jpegXL:
            try image.encode(
                with: "jxlsave_target", to: target, ["Q": quality, "effort": 3, "strip": strip])
        case .gif:
            try image.encode(
                with: "gifsave_target", to: target, ["effort": 3, "strip": strip])
        case .heic: throw VipsFailure(message: "HEIC is not written")
        }
    }

    private func encodeWebP(
        _ image: Raster, to file: OutputFile, _ progress: @escaping (Double) -> Void
    ) throws(VipsFailure) {
        let context = WebPContext(file: file, progress: progress)
        let sink = cwebp_sink(
            progress: { percent, context in
                guard let context else { return 0 }
                let webp = Unmanaged<WebPContext>.fromOpaque(context).takeUnretainedValue()
                webp.progress(WebPPace.share(ofPercent: Int(percent)))
                return 1
            },
            write: { bytes, size, context in
                guard let context else { return 0 }
                let webp = Unmanaged<WebPContext>.fromOpaque(context).takeUnretainedValue()
                let all = UnsafeRawBufferPointer(start: bytes, count: size)
                return webp.file.append(all) ? 1 : 0
            },
            context: Unmanaged.passUnretained(context).toOpaque())
        let settings = webpSettings(image.size)
        let status = try image.withPixels { pixels in
            withExtendedLifetime(context) {
                cwebp_encode(
                    pixels.baseAddress, Int32(image.width), Int32(image.height),
                    image.bands == 4 ? 1 : 0, settings.quality, Self.webpEffort,
                    settings.segments, sink)
            }
        }
        guard status == 0 else { throw VipsFailure(message: "libwebp error \(status)") }
    }
}

private final class WebPContext {
    let file: OutputFile
    let progress: (Double) -> Void

    init(file: OutputFile, progress: @escaping (Double) -> Void) {
        self.file = file
        self.progress = progress
    }
}

/// libwebp's percentages name stages and not time.
enum WebPPace {
    /// Measured at effort 2, in one segment, on photographs of 320 to 2,016 pixels: the share of
    /// the time that has passed when a percentage is told.
    private static let points: [(percent: Double, share: Double)] = [
        (0, 0), (20, 0.15), (30, 0.32), (45, 0.6), (50, 0.75), (58, 0.93), (78, 0.95), (100, 1),
    ]

    static func share(ofPercent percent: Int) -> Double {
        let percent = Double(min(100, max(0, percent)))
        for (low, high) in zip(points, points.dropFirst()) where percent <= high.percent {
            let part = (percent - low.percent) / (high.percent - low.percent)
            return low.share + part * (high.share - low.share)
        }
        return 1
    }
}

extension Raster {
    /// Over a colour, for a format without alpha.
    fileprivate func flattened(over color: RGB) throws(VipsFailure) -> Raster {
        guard hasAlpha else { return self }
        let background = [color.red, color.green, color.blue].map(Double.init)
        return try applying("flatten", ["background": .numbers(background)]).computed()
    }
}
