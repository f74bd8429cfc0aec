// A whole picture from the encoding its file declares to 8-bit sRGB.

extension Raster {
    /// Takes pixels of one to four bands with 8 or 16 bits. They are computed first: the way to
    /// light and back is by tables, and a high range needs all three amounts of a pixel at once.
    func converted(
        from encoding: ColourEncoding, _ progress: ((Double) -> Void)? = nil
    ) throws(VipsFailure) -> Raster {
        guard let conversion = ColourConversion(encoding, mostValue: mostValue) else {
            throw VipsFailure(message: "the declared colour spans nothing")
        }
        let source = try computed(progress)
        let (bands, isEightBit) = (source.bands, source.isEightBit)
        let pixels = try source.withPixels { bytes -> [UInt8] in
            isEightBit
                ? conversion.converted(bytes.bindMemory(to: UInt8.self), bands: bands)
                : conversion.converted(bytes.bindMemory(to: UInt16.self), bands: bands)
        }
        let image = try Raster.packed(
            pixels, size, bands: ColourConversion.bandsAfter(bands))
        image.takeMetadata(of: self)
        return image
    }

    /// The number that means 1: libvips shifts the 10 or 12 bits of an AVIF up to 16.
    private var mostValue: Int {
        if isEightBit { return 255 }
        guard let depth = number("heif-bitdepth"), (9..<16).contains(depth) else { return 65_535 }
        return (1 << depth - 1) << (16 - depth)
    }
}

struct ColourConversion {
    /// Amounts of light in three primaries.
    private typealias Light = SIMD3<Float>

    /// Light by number.
    private let light: [Float]
    /// To sRGB's primaries, or to BT.2020's for a high range.
    private let mixing: Mixing
    /// The share of each amount in the luminance, where that bends the light (HLG).
    private let luminance: Light?
    private let isHighRange: Bool
    /// From BT.2020 to sRGB.
    private let narrowing: Mixing

    /// Steps of the table back to numbers. At sRGB's steepest, one is a twentieth of a number.
    private static let steps = 65_535
    private static let encoded: [UInt8] = (0...steps).map {
        UInt8((255 * Transfer.encoded(Double($0) / Double(steps))).rounded())
    }

    init?(_ encoding: ColourEncoding, mostValue: Int) {
        isHighRange = encoding.transfer.isHighRange
        let target = isHighRange ? Primaries.bt2020 : .sRGB
        guard let matrix = encoding.primaries.matrix(to: target),
            let narrowing = Primaries.bt2020.matrix(to: .sRGB)
        else { return nil }
        mixing = Mixing(matrix)
        self.narrowing = Mixing(narrowing)
        let weights = encoding.primaries.matrix?.rows[1].map(Float.init)
        luminance = encoding.transfer == .hybridLogGamma ? weights.map { Light($0) } : nil
        light = (0...mostValue).map {
            Float(encoding.transfer.light(Double($0) / Double(mostValue)))
        }
    }

    /// Grey becomes three bands; alpha stays.
    static func bandsAfter(_ bands: Int) -> Int { bands < 3 ? bands + 2 : min(bands, 4) }

    func converted<Value: FixedWidthInteger>(
        _ pixels: UnsafeBufferPointer<Value>, bands: Int
    ) -> [UInt8] {
        let (after, alpha) = (Self.bandsAfter(bands), bands % 2 == 0 ? bands - 1 : nil)
        let (green, blue) = bands < 3 ? (0, 0) : (1, 2)
        let count = pixels.count / bands
        return [UInt8](unsafeUninitializedCapacity: count * after) { out, filled in
            for pixel in 0..<count {
                let (start, target) = (pixel * bands, pixel * after)
                let shown = shown(
                    Light(
                        light(pixels[start]), light(pixels[start + green]),
                        light(pixels[start + blue])))
                for band in 0..<3 { out[target + band] = Self.number(shown[band]) }
                guard let alpha else { continue }
                out[target + 3] = UInt8(
                    truncatingIfNeeded: pixels[start + alpha] >> (Value.bitWidth - 8))
            }
            filled = count * after
        }
    }

    private func light(_ value: some FixedWidthInteger) -> Float {
        light[min(Int(value), light.count - 1)]
    }

    private static func number(_ light: Float) -> UInt8 {
        encoded[Int((min(1, max(0, light)) * Float(steps)).rounded())]
    }

    /// In sRGB's primaries.
    private func shown(_ light: Light) -> Light {
        guard isHighRange else { return mixing.applied(to: light) }
        var light = light
        if let luminance { light *= Float(ToneMap.displayGain(Double((luminance * light).sum()))) }
        var wide = mixing.applied(to: light)
        wide.replace(with: 0, where: wide .< 0)
        return narrowing.applied(to: wide * Float(ToneMap.gain(Double(wide.max()))))
    }

    /// A matrix by its columns.
    private struct Mixing {
        private let red: Light
        private let green: Light
        private let blue: Light

        init(_ matrix: Matrix) {
            func column(_ index: Int) -> Light { Light(matrix.rows.map { Float($0[index]) }) }
            (red, green, blue) = (column(0), column(1), column(2))
        }

        func applied(to light: Light) -> Light {
            red * light.x + green * light.y + blue * light.z
        }
    }
}
