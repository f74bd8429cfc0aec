// A picture at rest or in motion: one raster a frame, all of one size. What is done to a picture
// is done to each frame, so that no frame bleeds into its neighbour on libvips' long roll.

struct FrameSequence {
    let frames: [Raster]
    private let pace: Pace?

    /// How long each frame is shown, in milliseconds, and how often all of them; 0 is for ever.
    struct Pace {
        let delays: [Int]
        let loops: Int
    }

    init(_ still: Raster) {
        frames = [still]
        pace = nil
    }

    private init(frames: [Raster], pace: Pace?) {
        self.frames = frames
        self.pace = pace
    }

    /// The frames of a roll that is decoded as it is read, each brought through `process`.
    init(
        roll: Raster, process: (Raster, _ index: Int, _ count: Int) throws(VipsFailure) -> Raster
    ) throws(VipsFailure) {
        let height = roll.frameHeight
        let count = roll.height / height
        var frames: [Raster] = []
        for index in 0..<count {
            let size = PixelSize(width: roll.width, height: height)
            frames.append(
                try process(try roll.part(size, left: 0, top: index * height), index, count))
        }
        self.init(frames: frames, pace: roll.pace)
    }

    /// The first `count` screens of a GIF, each brought through `process`. Without a transparent pixel
    /// on any of them they have no alpha.
    init(
        _ file: GIFFile, in input: InputFile, count: Int,
        process: (Raster, _ index: Int, _ count: Int) throws(VipsFailure) -> Raster
    ) throws(VipsFailure) {
        var screen = GIFScreen(
            file, HeaderBytes(input, available: input.size, total: input.size))
        var frames: [Raster] = []
        for index in 0..<count {
            let pixels: [UInt8]?
            do throws(HeaderFault) { pixels = try screen.drawn() } catch { pixels = nil }
            guard let pixels else { throw VipsFailure(message: "an image without all its pixels") }
            let raster = try Raster.packed(pixels, file.screen, bands: 4)
            frames.append(try process(raster, index, count))
        }
        var isOpaque = true
        for frame in frames where isOpaque { isOpaque = try frame.isOpaque }
        for index in frames.indices where isOpaque {
            frames[index] = try frames[index].withoutAlpha()
        }
        let delays = file.images.prefix(count).map { $0.control.delay * 10 }
        self.init(frames: frames, pace: Pace(delays: delays, loops: file.loops))
    }

    var size: PixelSize { frames[0].size }
    var isMoving: Bool { frames.count > 1 }

    func map(_ change: (Raster) throws(VipsFailure) -> Raster) throws(VipsFailure) -> FrameSequence
    {
        var changed: [Raster] = []
        for frame in frames { changed.append(try change(frame)) }
        return FrameSequence(frames: changed, pace: pace)
    }

    /// All frames below one another, as libvips' encoders take them.
    func roll() throws(VipsFailure) -> Raster {
        guard isMoving, let pace else { return frames[0] }
        var pixels: [UInt8] = []
        for frame in frames {
            try frame.withPixels { (bytes) throws(VipsFailure) in pixels += bytes }
        }
        let first = frames[0]
        let size = PixelSize(width: first.width, height: first.height * frames.count)
        let image = try Raster.packed(pixels, size, bands: first.bands)
        image.setPace(pace, frameHeight: first.height)
        return image
    }
}
