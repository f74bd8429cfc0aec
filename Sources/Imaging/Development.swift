// The development of one photograph, as a list of steps: check, decode, shrink, to sRGB, upright,
// then down a pyramid, and an encode for each rendition.

internal import Domain

final class Development {
    enum Ending: Error {
        /// The input is at fault.
        case refused(Problem)
        /// We are.
        case failed(Problem)
    }

    private let check: FileCheck
    private let orders: [Order]
    /// Whether to tell what the photograph is.
    private let accepts: Bool
    private let send: (RenderReport) -> Void
    private var meter = ProgressMeter()
    private var step = 0
    private var steps = 0

    init(
        check: FileCheck, orders: [Order], accepts: Bool, send: @escaping (RenderReport) -> Void
    ) {
        self.check = check
        self.orders = orders
        self.accepts = accepts
        self.send = send
    }

    static func orders(
        _ recipe: Recipe, wanted: [String], outputs: [Int32]
    ) throws(Ending) -> [Order] {
        var orders: [Order] = []
        for (name, output) in zip(wanted, outputs) {
            guard let spec = recipe.renditions.first(where: { $0.name == name })
            else { throw .failed(Problem(.invalidRecipe)) }
            orders.append(Order(spec: spec, output: output))
        }
        return orders
    }

    func run(_ input: Int32) throws(Ending) {
        steps = orders.count + 1
        report(.check)
        let file = try refusing { () throws(Problem) in try check.check(descriptor: input) }
        let plan = DevelopmentPlan(file, orders)
        try refusing { () throws(Problem) in
            try MemoryForecast(plan, for: file).check(check.limits, for: file)
        }
        steps = orders.count + plan.passes.count
        for (index, pass) in plan.passes.enumerated() {
            let film = try decode(file, pass)
            let levels = try pyramid(pass, film, of: file)
            if index == 0, accepts { try accept(file, (levels.first?.level ?? film).frames[0]) }
            step += 1
            for level in levels {
                try encode(level.shown, level.print.order)
                step += 1
            }
        }
    }

    // MARK: Steps

    private func decode(_ file: CheckedFile, _ pass: Pass) throws(Ending) -> Film {
        report(.decode)
        let film = try decodedFilm(file, pass)
        // Some decoders are content with half of a file, if it ends while they read.
        if let trouble = file.input.trouble { throw .failed(trouble) }
        return film
    }

    private func decodedFilm(_ file: CheckedFile, _ pass: Pass) throws(Ending) -> Film {
        let stored = file.orientation >= 5 ? pass.size.turned : pass.size
        return try developing(file) { () throws(VipsFailure) in
            let image = try Loader.open(file, shrink: pass.divisor, allFrames: pass.frames > 1)
            guard pass.frames > 1 else {
                return Film(
                    try image.resized(to: stored).inSRGB()
                        .computed { self.report(.decode, fraction: $0) }
                        .upright())
            }
            return try Film(roll: image) { (frame, index, count) throws(VipsFailure) in
                let developed = try frame.resized(to: stored).inSRGB().computed().upright()
                self.report(.decode, fraction: Double(index + 1) / Double(count))
                return developed
            }
        }
    }

    /// Down the pyramid: each level from the one above it. The smallest comes first in the result,
    /// with the whole picture at that size, and with what the rendition shows of it.
    private func pyramid(
        _ pass: Pass, _ film: Film, of file: CheckedFile
    ) throws(Ending) -> [(print: Print, level: Film, shown: Film)] {
        var level = film
        var levels: [(Print, Film, Film)] = []
        for print in pass.prints.reversed() {
            // Frame by frame attention would wander: what moves is cut in the middle.
            let byAttention = print.order.spec.fit == .smart && !film.isMoving
            try developing(file) { () throws(VipsFailure) in
                level = try level.map { (frame) throws(VipsFailure) in
                    try frame.resized(to: print.framing.level).computed()
                }
                let shown = try level.map { (frame) throws(VipsFailure) in
                    try frame.framed(print.framing, byAttention: byAttention)
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

    private func encode(_ film: Film, _ order: Order) throws(Ending) {
        let name = order.spec.name
        report(.encode, rendition: name)
        let file = OutputFile(descriptor: order.output)
        do {
            try Encoder(order.spec).encode(film, to: file) {
                self.report(.encode, rendition: name, fraction: $0)
            }
        } catch {
            throw .failed(Problem(.internal, "The rendition \(name) could not be encoded."))
        }
        send(
            .rendition(
                name: name, width: film.size.width, height: film.size.height,
                mediaType: order.spec.format, bytes: file.size))
    }

    // MARK: Reports

    private func report(
        _ stage: Progress.Stage, rendition: String? = nil, fraction: Double? = nil
    ) {
        let progress = Progress(
            step: step, steps: steps, stage: stage, rendition: rendition,
            fraction: fraction.map { min(1, max(0, $0)) })
        if meter.admits(progress, at: .now) { send(.progress(progress)) }
    }

    private func refusing<Result>(
        _ body: () throws(Problem) -> Result
    ) throws(Ending) -> Result {
        do throws(Problem) {
            return try body()
        } catch {
            throw error.code == .internal ? .failed(error) : .refused(error)
        }
    }

    /// The file passed the check of its header, so what fails now is damage in its pixels, unless
    /// memory ran out, or the file itself was taken away.
    private func developing<Result>(
        _ file: CheckedFile, _ body: () throws(VipsFailure) -> Result
    ) throws(Ending) -> Result {
        do throws(VipsFailure) {
            return try body()
        } catch {
            if let trouble = file.input.trouble { throw .failed(trouble) }
            throw error.isMemory ? .failed(Problem(.outOfMemory)) : .refused(Problem(.damaged))
        }
    }
}

extension VipsFailure {
    fileprivate var isMemory: Bool {
        message.contains("out of memory") || message.contains("nsufficient memory")
    }
}
