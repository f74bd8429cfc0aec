// A picture at rest or in motion: one raster a frame, all of one size. What is done to a picture
// is done to each frame, so that no frame bleeds into its neighbour on libvips' long roll.

internal import CVips

struct Film {
    let frames: [Raster]
    /// What the decoder read of the animation's pace.
    private let origin: Raster?

    init(_ still: Raster) {
        frames = [still]
        origin = nil
    }

    private init(frames: [Raster], origin: Raster?) {
        self.frames = frames
        self.origin = origin
    }

    /// The frames of a roll that is decoded as it is read, each brought through `develop`.
    init(
        roll: Raster, develop: (Raster, _ index: Int, _ count: Int) throws(VipsFailure) -> Raster
    ) throws(VipsFailure) {
        let height = roll.frameHeight
        let count = roll.height / height
        var frames: [Raster] = []
        for index in 0..<count {
            let size = PixelSize(width: roll.width, height: height)
            frames.append(
                try develop(try roll.part(size, left: 0, top: index * height), index, count))
        }
        self.init(frames: frames, origin: roll)
    }

    var size: PixelSize { frames[0].size }
    var isMoving: Bool { frames.count > 1 }

    func map(_ change: (Raster) throws(VipsFailure) -> Raster) throws(VipsFailure) -> Film {
        var changed: [Raster] = []
        for frame in frames { changed.append(try change(frame)) }
        return Film(frames: changed, origin: origin)
    }

    /// All frames below one another, as libvips' encoders take them.
    func roll() throws(VipsFailure) -> Raster {
        guard isMoving, let origin else { return frames[0] }
        var pixels: [UInt8] = []
        for frame in frames {
            try frame.withPixels { (bytes) throws(VipsFailure) in pixels += bytes }
        }
        let first = frames[0]
        guard
            let roll = vips_image_new_from_memory_copy(
                pixels, pixels.count, Int32(first.width), Int32(first.height * frames.count),
                Int32(first.bands), VIPS_FORMAT_UCHAR)
        else { throw .taken() }
        let image = try Raster(owning: UnsafeMutableRawPointer(roll))
            .applying("copy", ["interpretation": "srgb"])
        image.takePace(of: origin, frameHeight: first.height)
        return image
    }
}
