// How a rendition comes out of a picture: scaled, cut, and enlarged where that is wanted. Pure
// arithmetic on upright sizes.

internal import Domain

struct CropGeometry: Hashable {
    /// The whole picture, scaled down as far as the rendition allows.
    var level: PixelSize
    /// The part of the level that is shown.
    var cut: PixelSize
    /// The size of the rendition: the part's, unless it is enlarged.
    var size: PixelSize
}

extension PixelSize {
    /// The geometry of a picture of this size. Nothing becomes larger than it was, and the part
    /// keeps the shape that was asked for, unless `enlarge` is set.
    func geometry(for spec: RenditionSpec, freeScales: Bool) -> CropGeometry {
        let most = RenditionSpec.mostSide
        let bounds = PixelSize(width: spec.width ?? most, height: spec.height ?? most)
        switch spec.fit {
        case .inside: return inside(bounds, freeScales: freeScales, enlarge: spec.enlarge)
        case .cover, .smart: return covering(bounds, enlarge: spec.enlarge)
        }
    }

    private func inside(_ bounds: PixelSize, freeScales: Bool, enlarge: Bool) -> CropGeometry {
        let level = fitted(in: bounds, freeScales: freeScales)
        let scale = scale(inside: bounds)
        let size = enlarge && scale > 1 ? scaled(by: scale) : level
        return CropGeometry(level: level, cut: level, size: size)
    }

    private func covering(_ bounds: PixelSize, enlarge: Bool) -> CropGeometry {
        let scale = max(
            Double(bounds.width) / Double(width), Double(bounds.height) / Double(height))
        guard scale > 1 else {
            let level = scaled(by: scale)
            let cut = bounds.clipped(to: level)
            return CropGeometry(level: level, cut: cut, size: cut)
        }
        // A picture too small to cover them gives the largest part of their shape. Cut first:
        // a line of 16,000 pixels scaled up to cover a square would have billions.
        let cut = bounds.scaled(by: 1 / scale).clipped(to: self)
        return CropGeometry(level: self, cut: cut, size: enlarge ? bounds : cut)
    }

    private func clipped(to other: PixelSize) -> PixelSize {
        PixelSize(width: min(width, other.width), height: min(height, other.height))
    }
}
