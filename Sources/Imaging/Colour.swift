// To sRGB with eight bits, whatever came: wide gamuts, CMYK, 16 bits, grey, palettes.

internal import CVips

extension Raster {
    /// The same picture in 8-bit sRGB with three bands, or four with alpha. Dropping a profile
    /// without converting the pixels would show a wide-gamut photograph in wrong colours.
    func inSRGB() throws(VipsFailure) -> Raster {
        let isCMYK = interpretation == VIPS_INTERPRETATION_CMYK
        var image = self
        if hasProfile || isCMYK, let managed = try? throughProfile(isCMYK: isCMYK) {
            image = managed
        } else if interpretation != VIPS_INTERPRETATION_sRGB || !isEightBit || bands < 3 {
            // Also where the embedded profile is broken: the picture without it beats none.
            image = try applying("colourspace", ["space": "srgb"])
        }
        if !image.isEightBit { image = try image.applying("cast", ["format": "uchar"]) }
        if image.bands > 4 { image = try image.applying("extract_band", ["band": 0, "n": 3]) }
        return image
    }

    /// By the embedded profile, or the one that its kind of pixels usually has.
    private func throughProfile(isCMYK: Bool) throws(VipsFailure) -> Raster {
        try applying(
            "icc_transform",
            [
                "output_profile": "srgb", "embedded": true,
                "input_profile": isCMYK ? "cmyk" : "srgb",
                "intent": "perceptual", "depth": 8,
            ])
    }
}
