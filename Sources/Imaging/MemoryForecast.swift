// How much memory a job will need at most, known before it is begun. A worker that runs into the
// wall of its address space loses its photograph after seconds of work; this refuses in one.

internal import Domain

struct MemoryForecast {
    /// In bytes, beside what an idle worker has.
    let bytes: Int

    init(_ plan: RenderPlan, for file: CheckedFile) {
        bytes = plan.passes.map { Self.bytes($0, file) }.max() ?? 0
    }

    /// Throws where a job would need more than the limit, in pixels that would fit.
    func check(_ limits: ImageLimits, for file: CheckedFile) throws(Problem) {
        guard bytes > limits.memory else { return }
        let area = file.storedSize.area
        let share = Double(limits.memory) / Double(bytes)
        throw Problem(
            .tooManyPixels,
            "By this recipe it would take about \(bytes / 1_000_000) MB of memory; "
                + "a worker has \(limits.memory / 1_000_000) MB.",
            limit: Int(Double(area) * share), actual: area)
    }

    /// The decoder is gone before the first encoder begins.
    private static func bytes(_ pass: Pass, _ file: CheckedFile) -> Int {
        // Four bytes a pixel: no picture here has more once it is in sRGB. A turn needs a copy.
        let decoded = pass.size.area * 4 * pass.frames
        let turned = file.orientation > 1 ? decoded : 0
        // Declared colour is converted from a copy of up to 16 bits a band.
        let declared = file.header.colour == nil ? 0 : pass.size.area * 8
        var kept = 0
        var encoder = 0
        for print in pass.renditions {
            let geometry = print.geometry
            if geometry.level != pass.size { kept += geometry.level.area * 4 * print.frames }
            if geometry.size != geometry.level { kept += geometry.size.area * 4 * print.frames }
            // A moving picture is copied into one roll.
            let roll = print.frames > 1 ? geometry.size.area * 8 * print.frames : 0
            let format = print.spec.format
            encoder = max(encoder, geometry.size.area * format.encoderBytes + roll)
        }
        return max(
            decoder(file, pass.divisor) + declared + decoded,
            decoded + max(turned, kept + encoder))
    }

    /// What the decoder holds of the whole picture; those that work row by row hold nothing.
    private static func decoder(_ file: CheckedFile, _ divisor: Int) -> Int {
        let area = file.storedSize.area
        switch file.header.mediaType {
        // All coefficients, two bytes each, at full resolution.
        case .jpeg: return file.header.isInterlaced ? area * 8 : 0
        case .png: return file.header.isInterlaced ? area * 8 : 0
        // The screen, the one before, an image's indices, and its data.
        case .gif: return area * 10 + file.size
        // Lossless pictures are unpacked whole before they are scaled.
        case .webp: return area * 8 + area * 4 / (divisor * divisor) + file.size
        // Planes of up to two bytes, and the picture in RGB beside them.
        case .avif, .heic: return area * 12 + file.size
        // Measured: 6 bytes a pixel, lossless 15, with alpha 41.
        case .jpegXL: return area * 42 + file.size
        }
    }
}

extension MediaType {
    /// Address space an encoder needs for each pixel, in bytes, measured at this program's
    /// settings with photographs of 9 to 12 megapixels, and rounded up.
    fileprivate var encoderBytes: Int {
        switch self {
        case .png: 1
        case .jpeg, .webp: 4
        case .gif: 14
        case .jpegXL: 65
        case .avif, .heic: 95
        }
    }
}
