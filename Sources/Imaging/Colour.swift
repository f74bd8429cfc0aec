// To sRGB with eight bits, whatever came: wide gamuts, CMYK, 16 bits, grey, palettes, high ranges.

internal import CVips

extension Raster {
    /// The same picture in 8-bit sRGB with three bands, or four with alpha, computed: `progress` hears
    /// the measured part, 0 to 1. Dropping a profile without converting the pixels would show a
    /// wide-gamut photograph in wrong colours, and so would dropping what the file declares beside it.
    func inSRGB(
        _ declared: DeclaredColour? = nil, _ progress: ((Double) -> Void)? = nil
    ) throws(VipsFailure) -> Raster {
        let model = ColourModel(of: self)
        guard let declared, declared.beatsProfile || !(profile.map(model.fits) ?? false),
            model != .cmyk
        else { return try byProfile(model).computed(progress) }
        return declared.encoding.isSRGB
            ? try plain().computed(progress)
            : try converted(from: declared.encoding, progress)
    }

    private func byProfile(_ model: ColourModel) throws(VipsFailure) -> Raster {
        let isManaged = profile.map(model.fits) ?? false
        guard isManaged || model == .cmyk else { return try plain() }
        let managed: Raster
        do { managed = try throughProfile(of: model, isManaged) } catch {
            // A profile that cannot be applied says nothing; a want of memory meets `plain` as well.
            return try plain()
        }
        return try managed.plain()
    }

    /// In sRGB's numbers, whatever a profile says.
    private func plain() throws(VipsFailure) -> Raster {
        var image = self
        if interpretation != VIPS_INTERPRETATION_sRGB || !isEightBit || bands < 3 {
            // Also where the embedded profile is broken: the picture without it beats none.
            image = try applying("colourspace", ["space": "srgb"])
        }
        if !image.isEightBit { image = try image.applying("cast", ["format": "uchar"]) }
        if image.bands > 4 { image = try image.applying("extract_band", ["band": 0, "n": 3]) }
        return image
    }

    /// By the embedded profile, or the one that its kind of pixels usually has.
    private func throughProfile(
        of model: ColourModel, _ isEmbedded: Bool
    ) throws(VipsFailure) -> Raster {
        try applying(
            "icc_transform",
            [
                "output_profile": "srgb", "embedded": .number(isEmbedded ? 1 : 0),
                "input_profile": model == .cmyk ? "cmyk" : "srgb",
                "intent": "perceptual", "depth": 8,
            ])
    }
}

/// What the numbers of a pixel are amounts of.
private enum ColourModel {
    case rgb, grey, cmyk

    init(of image: Raster) {
        switch image.interpretation {
        case VIPS_INTERPRETATION_CMYK: self = .cmyk
        case VIPS_INTERPRETATION_B_W, VIPS_INTERPRETATION_GREY16: self = .grey
        default: self = .rgb
        }
    }

    /// Whether a profile is of such pixels: libvips only counts its channels, and would take red,
    /// green and blue for the L, a and b of another. ICC.1:2022, 7.2: the class of the profile is at
    /// byte 12 of its header, the space of its data at byte 16.
    func fits(_ profile: [UInt8]) -> Bool {
        guard profile.count >= 128 else { return false }
        let classes = ["scnr", "mntr", "prtr", "spac"].map { Array($0.utf8)[...] }
        guard classes.contains(profile[12..<16]) else { return false }
        let space =
            switch self {
            case .rgb: "RGB "
            case .grey: "GRAY"
            case .cmyk: "CMYK"
            }
        return profile[16..<20] == Array(space.utf8)[...]
    }
}
