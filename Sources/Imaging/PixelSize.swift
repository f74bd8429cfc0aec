// How large a rendition becomes, and at which scale a photograph is decoded for it. Pure
// arithmetic.

struct PixelSize: Hashable, Sendable {
    var width: Int
    var height: Int

    var longer: Int { max(width, height) }
    var shorter: Int { min(width, height) }
    var area: Int { width * height }
    /// So small that the best quality costs next to nothing: thumbs.
    var isSmall: Bool { area < 500_000 }
    /// The size after a quarter turn.
    var rotated: PixelSize { PixelSize(width: height, height: width) }

    /// At 1/`divisor` of the scale, rounded down as libvips does it. A side of 0 is no size at
    /// all: asked for one, libvips aborts the process.
    func divided(by divisor: Int) -> PixelSize {
        PixelSize(width: width / divisor, height: height / divisor)
    }

    func scaled(by scale: Double) -> PixelSize {
        PixelSize(
            width: max(1, Int((Double(width) * scale).rounded())),
            height: max(1, Int((Double(height) * scale).rounded())))
    }

    /// The scale at which this size just fits.
    func scale(inside bounds: PixelSize) -> Double {
        min(Double(bounds.width) / Double(width), Double(bounds.height) / Double(height))
    }

    /// The scales some decoders have for free.
    private static let divisors = [2, 4, 8]
    /// How far from the wanted size a free scale may lie to be taken as it is.
    private static let tolerance = 0.06

    /// The size of a rendition within bounds: never larger than this one, and for a JPEG its own
    /// ½, ¼ or ⅛ scale where that lies within 6 % of the wanted size.
    func fitted(in bounds: PixelSize, freeScales: Bool) -> PixelSize {
        let scale = scale(inside: bounds)
        guard scale < 1 else { return self }
        if freeScales {
            let wanted = Double(longer) * scale
            for divisor in Self.divisors {
                let free = divided(by: divisor)
                guard free.shorter > 0 else { continue }
                if abs(Double(free.longer) - wanted) <= Self.tolerance * wanted { return free }
            }
        }
        return scaled(by: scale)
    }

    /// The size with a bound on the longer side.
    func fitted(to bound: Int, freeScales: Bool) -> PixelSize {
        fitted(in: PixelSize(width: bound, height: bound), freeScales: freeScales)
    }

    /// The largest divisor of this size that still covers `target`.
    func divisor(covering target: PixelSize) -> Int {
        Self.divisors.last { divisor in
            let scaled = divided(by: divisor)
            return scaled.width >= target.width && scaled.height >= target.height
        } ?? 1
    }
}
