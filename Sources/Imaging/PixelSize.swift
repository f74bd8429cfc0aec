// How large a rendition becomes, and at which scale a JPEG is decoded for it. Pure arithmetic.

struct PixelSize: Hashable, Sendable {
    var width: Int
    var height: Int

    var longer: Int { max(width, height) }
    var shorter: Int { min(width, height) }
    var area: Int { width * height }
    /// The size after a quarter turn.
    var turned: PixelSize { PixelSize(width: height, height: width) }

    /// At 1/`divisor` of the scale, rounded down as libvips does it. A side of 0 is no size at
    /// all: asked for one, libvips aborts the process.
    func divided(by divisor: Int) -> PixelSize {
        PixelSize(width: width / divisor, height: height / divisor)
    }

    /// The scales a JPEG decoder has for free.
    private static let divisors = [2, 4, 8]
    /// How far from the wanted size a free scale may lie to be taken as it is.
    private static let tolerance = 0.06

    /// The size of a rendition whose longer side is to be `bound`: never larger than this one,
    /// and for a JPEG its own ½, ¼ or ⅛ scale where that lies within 6 % of the bound.
    func fitted(to bound: Int, freeScales: Bool) -> PixelSize {
        guard longer > bound else { return self }
        if freeScales {
            for divisor in Self.divisors {
                let free = divided(by: divisor)
                guard free.shorter > 0 else { continue }
                if Double(abs(free.longer - bound)) <= Self.tolerance * Double(bound) {
                    return free
                }
            }
        }
        let scale = Double(bound) / Double(longer)
        return PixelSize(
            width: max(1, Int((Double(width) * scale).rounded())),
            height: max(1, Int((Double(height) * scale).rounded())))
    }

    /// The largest divisor of this JPEG's size that still covers `target`.
    func divisor(covering target: PixelSize) -> Int {
        Self.divisors.last { divisor in
            let scaled = divided(by: divisor)
            return scaled.width >= target.width && scaled.height >= target.height
        } ?? 1
    }
}
