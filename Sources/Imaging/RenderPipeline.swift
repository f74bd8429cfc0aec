// The development of one photograph, as a list of steps: check, decode, shrink, to sRGB, upright,
// then down a pyramid, and an encode for each rendition.

internal import Domain

final class RenderPipeline {
    enum Ending: Error {
        /// The input is at fault.
        case refused(Problem)
        /// We are.
        case failed(Problem)
    }

    private let check: FileCheck
    private let wanted: [RenditionSpec]
    private let output: OutputFile
    /// Whether to tell what the photograph is.
    private let accepts: Bool
    private let send: (RenderReport) -> Void
    private var meter = ProgressMeter()
    private var step = 0
    private var steps = 0
    /// Where in the output each rendition is.
    private var made: [PlannedRendition.Content: Range<Int>] = [:]

    init(
        check: FileCheck, wanted: [RenditionSpec], output: OutputFile, accepts: Bool,
        send: @escaping (RenderReport) -> Void
    ) {
        self.check = check
        self.wanted = wanted
        self.output = output
        self.accepts = accepts
        self.send = send
    }

    static func specs(_ recipe: Recipe, wanted: [String]) throws(Ending) -> [RenditionSpec] {
        var specs: [RenditionSpec] = []
        for name in wanted {
            guard let spec = recipe.renditions.first(where: { $0.name == name })
            else { throw .failed(Problem(.invalidRecipe)) }
            specs.append(spec)
        }
        return specs
    }

    func run(_ input: Int32) throws(Ending) {
        steps = wanted.count + 1
        report(.check)
        let file = try refusing { () throws(Problem) in try check.check(descriptor: input) }
        let plan = RenderPlan(file, wanted)
        try refusing { () throws(Problem) in
            try MemoryForecast(plan, for: file).check(check.limits, for: file)
        }
        steps = wanted.count + plan.passes.count
        for (index, pass) in plan.passes.enumerated() {
            let sequence = try decode(file, pass)
            let levels = try pyramid(pass, sequence, of: file)
            if index == 0, accepts { try accept(file, (levels.first?.level ?? sequence).frames[0]) }
            step += 1
            for level in levels {
                try deliver(level.shown, level.print, of: file)
                step += 1
            }
        }
    }

    // MARK: Steps

    private func decode(_ file: CheckedFile, _ pass: Pass) throws(Ending) -> FrameSequence {
        report(.decode)
        let sequence = try decodedSequence(file, pass)
        // Some decoders are content with half of a file, if it ends while they read.
        if let trouble = file.input.trouble { throw .failed(trouble) }
        return sequence
    }

    private func decodedSequence(_ file: CheckedFile, _ pass: Pass) throws(Ending) -> FrameSequence
    {
        let stored = file.orientation >= 5 ? pass.size.rotated : pass.size
        let (header, input) = (file.header, file.input)
        return try developing(file) { () throws(VipsFailure) in
            if let gif = header.gif {
                return try FrameSequence(gif, in: input, count: pass.frames) {
                    (screen, index, count) throws(VipsFailure) in
                    try self.developed(screen, to: stored, index, of: count)
                }
            }
            guard pass.frames == 1 else {
                let roll = try Loader.open(file, shrink: pass.divisor, allFrames: true)
                return try FrameSequence(roll: roll) { (frame, index, count) throws(VipsFailure) in
                    try self.developed(frame, to: stored, index, of: count)
                }
            }
            return FrameSequence(try self.still(file, pass.divisor, stored).upright())
        }
    }

    private func developed(
        _ frame: Raster, to size: PixelSize, _ index: Int, of count: Int
    ) throws(VipsFailure) -> Raster {
        let developed = try frame.resized(to: size).inSRGB().upright()
        report(.decode, fraction: Double(index + 1) / Double(count))
        return developed
    }

    private func still(
        _ file: CheckedFile, _ divisor: Int, _ size: PixelSize
    ) throws(VipsFailure) -> Raster {
        let watch = file.header.mediaType == .jpeg ? JPEGWatch() : nil
        let image = try Loader.open(file, shrink: divisor)
        var still = try image.resized(to: size)
        // A reduction can do without the last rows, and they may be what is missing.
        let isReduced = still !== image
        if isReduced { still = try still.withLastPixel(of: image) }
        still = try still.inSRGB(file.header.colour) { self.report(.decode, fraction: $0) }
        if isReduced { still = try still.part(size, left: 0, top: 0).computed() }
        try watch?.check()
        return still
    }

    /// Down the pyramid: each level from the one above it. The smallest comes first in the result,
    /// with the whole picture at that size, and with what the rendition shows of it.
    private func pyramid(
        _ pass: Pass, _ sequence: FrameSequence, of file: CheckedFile
    ) throws(Ending) -> [(print: PlannedRendition, level: FrameSequence, shown: FrameSequence)] {
        var level = sequence
        var levels: [(PlannedRendition, FrameSequence, FrameSequence)] = []
        for print in pass.renditions.reversed() {
            // Frame by frame attention would wander: what moves is cut in the middle.
            let byAttention = print.spec.fit == .smart && !sequence.isMoving
            try developing(file) { () throws(VipsFailure) in
                level = try level.map { (frame) throws(VipsFailure) in
                    try frame.resized(to: print.geometry.level).computed()
                }
                let shown = try level.map { (frame) throws(VipsFailure) in
                    try frame.framed(print.geometry, byAttention: byAttention)
                }
                levels.append((print, level, shown))
            }
        }
        return levels.reversed()
    }

    private func accept(_ file: CheckedFile, _ image: Raster) throws(Ending) {
        let (hash, color) = try developing(file) { () throws(VipsFailure) in
            let size = image.size.fitted(to: ThumbHash.longestSide, freeScales: false)
            let small = try image.resized(to: size).computed()
            return try small.withPixels { pixels in
                (
                    ThumbHash(pixels: pixels, size: size, bands: small.bands),
                    RGB(dominantIn: pixels, bands: small.bands)
                )
            }
        }
        let size = file.uprightSize
        send(
            .accepted(
                ImageFacts(
                    mediaType: file.header.mediaType, width: size.width, height: size.height,
                    frames: file.header.frames ?? 1, placeholder: hash.base64, color: color)))
    }

    /// Encodes a rendition, or repeats the bytes of one that is the same: of a photograph smaller
    /// than the bounds of both.
    private func deliver(
        _ sequence: FrameSequence, _ print: PlannedRendition, of file: CheckedFile
    ) throws(Ending) {
        let (spec, start) = (print.spec, output.size)
        if let same = made[print.content] {
            guard output.repeats(same) else {
                throw .failed(Problem(.internal, "The rendition \(spec.name) has no room left."))
            }
        } else {
            try encode(sequence, spec, of: file)
            made[print.content] = start..<output.size
        }
        send(
            .rendition(
                name: spec.name, width: sequence.size.width, height: sequence.size.height,
                mediaType: spec.format, bytes: output.size - start))
    }

    private func encode(
        _ sequence: FrameSequence, _ spec: RenditionSpec, of file: CheckedFile
    ) throws(Ending) {
        let name = spec.name
        let encoder = Encoder(spec)
        let pixels = sequence.size.area * sequence.frames.count
        report(
            .encode, rendition: name, silentPixels: encoder.isMeasured(sequence) ? nil : pixels)
        do {
            try encoder.encode(sequence, to: output) {
                self.report(.encode, rendition: name, fraction: $0)
            }
        } catch {
            if file.input.memory.wasShort { throw .failed(Problem(.outOfMemory)) }
            let reason = output.isFull ? "has no room left" : "could not be encoded"
            throw .failed(Problem(.internal, "The rendition \(name) \(reason)."))
        }
    }

    // MARK: Reports

    private func report(
        _ stage: Progress.Stage, rendition: String? = nil, fraction: Double? = nil,
        silentPixels: Int? = nil
    ) {
        let progress = Progress(
            step: step, steps: steps, stage: stage, rendition: rendition,
            fraction: fraction.map { min(1, max(0, $0)) }, silentPixels: silentPixels)
        if meter.admits(progress, at: .now) { send(.progress(progress)) }
    }

    /// What no photograph can be blamed for.
    private static let ours: Set<Problem.Code> = [.internal, .outOfMemory]

    private func refusing<Result>(
        _ body: () throws(Problem) -> Result
    ) throws(Ending) -> Result {
        do throws(Problem) {
            return try body()
        } catch {
            throw Self.ours.contains(error.code) ? .failed(error) : .refused(error)
        }
    }

    /// The file passed the check of its header, so what fails now is damage in its pixels, unless
    /// memory was short, or the file itself was taken away. Where it may be either, the photograph is
    /// not blamed.
    private func developing<Result>(
        _ file: CheckedFile, _ body: () throws(VipsFailure) -> Result
    ) throws(Ending) -> Result {
        do throws(VipsFailure) {
            return try body()
        } catch {
            if let trouble = file.input.trouble { throw .failed(trouble) }
            let isShort = file.input.memory.wasShort
            throw isShort ? .failed(Problem(.outOfMemory)) : .refused(Problem(.damaged))
        }
    }
}
