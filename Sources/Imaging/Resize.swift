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
            ])
    }

    /// Turned and mirrored as its EXIF orientation says. Needs computed pixels: a turn reads
    /// them in no order.
    func upright() throws(VipsFailure) -> Raster {
        guard orientation > 1 else { return self }
        return try applying("autorot").computed()
    }
}
