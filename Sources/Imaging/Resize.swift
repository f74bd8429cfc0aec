// Resizing and turning.

extension Raster {
    var size: PixelSize { PixelSize(width: width, height: height) }

    /// The same picture at another size, in its own colours. Transparent pixels have arbitrary
    /// colours, so these are weighted by their alpha before neighbours are mixed.
    func resized(to target: PixelSize) throws(VipsFailure) -> Raster {
        guard size != target else { return self }
        guard hasAlpha else { return try scaled(to: target) }
        let format = isEightBit ? "uchar" : "ushort"
        return try applying("premultiply").scaled(to: target).applying("unpremultiply")
            .applying("cast", ["format": .text(format)])
    }

    private func scaled(to target: PixelSize) throws(VipsFailure) -> Raster {
        try applying(
            "resize",
            [
                "scale": .number(Double(target.width) / Double(width)),
                "vscale": .number(Double(target.height) / Double(height)),
                // Two lobes come as near to a reduction of the whole photograph as three, which
                // are the default, for a fifth less time.
                "kernel": .text(target.isSmall ? "lanczos3" : "lanczos2"),
            ])
    }

    /// What the geometry shows of this level, at its size.
    func framed(
        _ geometry: CropGeometry, byAttention: Bool
    ) throws(VipsFailure) -> Raster {
        guard geometry.cut != size || geometry.size != size else { return self }
        let cut = PixelSize(
            width: min(width, geometry.cut.width), height: min(height, geometry.cut.height))
        let part =
            byAttention && cut != size
            ? try attractivePart(cut)
            : try part(cut, left: (width - cut.width) / 2, top: (height - cut.height) / 2)
        return try part.computed().resized(to: geometry.size).computed()
    }

    /// Turned and mirrored as its EXIF orientation says. Needs computed pixels: a turn reads
    /// them in no order.
    func upright() throws(VipsFailure) -> Raster {
        guard orientation > 1 else { return self }
        return try applying("autorot").computed()
    }
}
