// The encoders, each with the settings that are worth their time here. All of them strip every
// kind of metadata: a photograph's place and hour are its owner's alone.

internal import CVips
internal import CWebP
internal import Domain

/// An output that cannot be written, or an encoder that fails on pixels we made ourselves.
struct EncoderFailure: Error {
    let message: String
}

struct Encoder {
    let format: MediaType
    /// 1 to 100.
    let quality: Int

    /// WebP effort 2 takes 40 % less time than 4 for 3.6 % more bytes.
    private static let webpEffort: Int32 = 2
    /// AVIF effort 4, the default, takes ten times as long as 2.
    private static let avifEffort = 2

    /// Encodes computed 8-bit sRGB pixels. `progress` hears the measured part, 0 to 1, and nothing
    /// where the encoder measures nothing: AVIF and JPEG XL.
    func encode(
        _ image: Raster, to file: OutputFile, progress: @escaping (Double) -> Void
    ) throws(EncoderFailure) {
        do throws(VipsFailure) {
            let target = RenditionTarget(file)
            let quality = Operation.Argument.number(Double(quality))
            switch format {
            case .webp: try encodeWebP(image, to: file, progress)
            case .jpeg:
                let opaque = try image.flattened()
                try opaque.watched(progress) { () throws(VipsFailure) in
                    try opaque.encode(
                        with: "jpegsave_target", to: target,
                        ["Q": quality, "strip": true, "optimize_coding": true])
                }
            case .png:
                try image.watched(progress) { () throws(VipsFailure) in
                    try image.encode(with: "pngsave_target", to: target, ["strip": true])
                }
            case .avif:
                try image.encode(
                    with: "heifsave_target", to: target,
                    [
                        "Q": quality, "effort": .number(Double(Self.avifEffort)),
                        "compression": "av1", "strip": true,
                    ])
            case .jpegXL:
                try image.encode(
                    with: "jxlsave_target", to: target, ["Q": quality, "effort": 3, "strip": true])
            case .gif: try image.encode(with: "gifsave_target", to: target, ["strip": true])
            case .heic: throw VipsFailure(message: "HEIC is not written")
            }
        } catch {
            throw EncoderFailure(message: error.message)
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
        let status = try image.withPixels { pixels in
            withExtendedLifetime(context) {
                cwebp_encode(
                    pixels.baseAddress, Int32(image.width), Int32(image.height),
                    image.bands == 4 ? 1 : 0, Float(quality), Self.webpEffort, sink)
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
    /// Measured at effort 2 on photographs of 320 to 2,016 pixels: the share of the time that has
    /// passed when a percentage is told.
    private static let points: [(percent: Double, share: Double)] = [
        (0, 0), (1, 0.12), (30, 0.45), (45, 0.68), (58, 0.94), (100, 1),
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
    /// Over white, for a format without alpha.
    fileprivate func flattened() throws(VipsFailure) -> Raster {
        guard hasAlpha else { return self }
        return try applying("flatten", ["background": .numbers([255, 255, 255])]).computed()
    }
}
