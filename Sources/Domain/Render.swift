// What passes between the server and a worker about one photograph: a request, then reports.
// WorkerLink carries them; a worker's reports are parsed as hostile and checked again.

/// What a worker is asked to do with the file whose descriptor comes with the request.
package enum RenderRequest: Codable, Sendable, Hashable {
    /// Checks the whole file and makes the wanted renditions of the recipe. One output descriptor
    /// comes with the request: the renditions are written there one after another, without a gap,
    /// in the order they are reported. Whoever knows the facts by an earlier request hears no
    /// `accepted`.
    case process(
        recipe: Recipe, wanted: [String], limits: ImageLimits, known: ImageFacts? = nil)

    /// Looks at the first bytes of an upload still under way: `available` of `total` bytes are
    /// there. Answered by one `sniffed` report.
    case sniff(available: Int, total: Int?, limits: ImageLimits)
}

/// What a worker says while it works. `done`, `refused`, `failed` and `sniffed` are the last word.
package enum RenderReport: Codable, Sendable, Hashable {
    case accepted(ImageFacts)
    case progress(Progress)
    /// The next `bytes` of the output are the whole rendition.
    case rendition(name: String, width: Int, height: Int, mediaType: MediaType, bytes: Int)
    case done
    /// The input is at fault.
    case refused(Problem)
    /// The worker or its circumstances are at fault.
    case failed(Problem)
    case sniffed(Verdict)

    /// The judgement on an upload's first bytes.
    package enum Verdict: Codable, Sendable, Hashable {
        case refuse(Problem)
        case fits
        case undecided
    }
}

/// How far a request has come. Steps are one decode for all renditions, or two of an animation,
/// and one encode a rendition, in the order they are done.
package struct Progress: Codable, Sendable, Hashable {
    package enum Stage: String, Codable, Sendable, Hashable {
        case check, decode, encode
    }
    /// Finished steps, 0 up to `steps`.
    package var step: Int
    package var steps: Int
    package var stage: Stage
    /// The rendition being encoded; decode serves all of them and names none.
    package var rendition: String?
    /// The measured part of this step, 0 to 1; absent where nothing measures it.
    package var fraction: Double?
    /// Pixels, over all frames, that an encoder has which measures nothing; absent elsewhere.
    package var silentPixels: Int?

    package init(
        step: Int, steps: Int, stage: Stage, rendition: String? = nil, fraction: Double? = nil,
        silentPixels: Int? = nil
    ) {
        self.step = step
        self.steps = steps
        self.stage = stage
        self.rendition = rendition
        self.fraction = fraction
        self.silentPixels = silentPixels
    }
}

/// What the check of a whole file found.
package struct ImageFacts: Codable, Sendable, Hashable {
    package let mediaType: MediaType
    /// Pixels, upright: after the orientation is applied.
    package let width: Int
    package let height: Int
    package let frames: Int
    /// A ThumbHash in base64 (https://evanw.github.io/thumbhash/).
    package let placeholder: String
    /// The dominant colour; nil for a picture that is transparent everywhere.
    package let color: RGB?

    package init(
        mediaType: MediaType, width: Int, height: Int, frames: Int, placeholder: String,
        color: RGB? = nil
    ) {
        self.mediaType = mediaType
        self.width = width
        self.height = height
        self.frames = frames
        self.placeholder = placeholder
        self.color = color
    }
}

/// The bounds a file is checked against; see `Limits` for the rest of the server's.
package struct ImageLimits: Codable, Sendable, Hashable {
    /// All pixels of a baseline JPEG.
    package var baselinePixels = 100_000_000
    /// All pixels of any other format.
    package var pixels = 50_000_000
    /// All pixels of a progressive JPEG or an interlaced PNG, which are decoded in memory whole.
    package var interlacedPixels = 25_000_000
    package var side = 16_384
    package var jpegSide = 65_500
    package var frames = 200
    /// The pixels of all frames together.
    package var animationPixels = 100_000_000
    /// What a worker may be expected to need for one job, in bytes. Its address space ends at
    /// 2 GiB, of which an idle one has 334 MB mapped.
    package var memory = 1_500_000_000
    /// Whether formats with risky decoders are accepted: only while the sandbox is whole.
    package var acceptsRisky = false

    package init() {}
}
