// The development of one photograph, as a list of steps: check, decode, shrink, to sRGB, upright,
// then down a pyramid, and an encode for each rendition. The first rendition of a JPEG has a
// quick decode of its own at a small scale, so that it can be seen ten times sooner.

internal import Domain

final class Development {
    enum Ending: Error {
        /// The input is at fault.
        case refused(Problem)
        /// We are.
        case failed(Problem)
    }

    /// A wanted rendition with the file it goes to.
    struct Order {
        let spec: RenditionSpec
        let output: Int32
    }

    /// Renditions that are made from one decode, the smallest first.
    private struct Pass {
        var divisor: Int
        var size: PixelSize
        var renditions: [(order: Order, size: PixelSize)]
    }

    private let check: FileCheck
    private let orders: [Order]
    private let send: (RenderReport) -> Void
    private var meter = ProgressMeter()
    private var step = 0
    private var steps = 0

    init(check: FileCheck, orders: [Order], send: @escaping (RenderReport) -> Void) {
        self.check = check
        self.orders = orders
        self.send = send
    }

    static func orders(
        _ recipe: Recipe, wanted: [String], outputs: [Int32]
    ) throws(Ending) -> [Order] {
        var orders: [Order] = []
        for (name, output) in zip(wanted, outputs) {
            guard let spec = recipe.renditions.first(where: { $0.name == name }), spec.isFeasible
            else { throw .failed(Problem(.invalidRecipe)) }
            orders.append(Order(spec: spec, output: output))
        }
        return orders
    }

    func run(_ input: Int32) throws(Ending) {
        steps = orders.count + 1
        report(.check)
        let file = try refusing { () throws(Problem) in try check.check(descriptor: input) }
        let passes = passes(file)
        steps = orders.count + passes.count
        for (index, pass) in passes.enumerated() {
            var level = try decode(file, pass)
            if index == 0 { try accept(file, level) }
            step += 1
            var levels: [(Order, Raster)] = []
            for (order, size) in pass.renditions.reversed() {
                level = try developing { () throws(VipsFailure) in
                    try level.resized(to: size).computed()
                }
                levels.append((order, level))
            }
            for (order, image) in levels.reversed() {
                try encode(image, order)
                step += 1
            }
        }
    }

    // MARK: Planning

    private func passes(_ file: CheckedFile) -> [Pass] {
        let isJPEG = file.header.mediaType == .jpeg
        let renditions = orders.map { order in
            let size = file.uprightSize.fitted(to: order.spec.longerSide, freeScales: isJPEG)
            return (order: order, size: size)
        }.sorted { $0.size.area < $1.size.area }
        guard let smallest = renditions.first, let largest = renditions.last else {
            // Nothing is wanted but the check, and its placeholder.
            let size = file.uprightSize.fitted(to: ThumbHash.longestSide, freeScales: isJPEG)
            return [pass(file, size, [])]
        }
        let whole = pass(file, largest.size, renditions)
        let quick = pass(file, smallest.size, [smallest])
        guard renditions.count > 1, quick.divisor > whole.divisor else { return [whole] }
        return [quick, pass(file, largest.size, Array(renditions.dropFirst()))]
    }

    private func pass(
        _ file: CheckedFile, _ size: PixelSize, _ renditions: [(order: Order, size: PixelSize)]
    ) -> Pass {
        let isJPEG = file.header.mediaType == .jpeg
        let divisor = isJPEG ? file.uprightSize.divisor(covering: size) : 1
        return Pass(divisor: divisor, size: size, renditions: renditions)
    }

    // MARK: Steps

    private func decode(_ file: CheckedFile, _ pass: Pass) throws(Ending) -> Raster {
        report(.decode)
        let stored = file.orientation >= 5 ? pass.size.turned : pass.size
        return try developing { () throws(VipsFailure) in
            try Loader.open(file, shrink: pass.divisor)
                .resized(to: stored)
                .inSRGB()
                .computed { self.report(.decode, fraction: $0) }
                .upright()
        }
    }

    private func accept(_ file: CheckedFile, _ image: Raster) throws(Ending) {
        let hash = try developing { () throws(VipsFailure) in
            let size = image.size.fitted(to: ThumbHash.longestSide, freeScales: false)
            let small = try image.resized(to: size).computed()
            return try small.withPixels { pixels in
                ThumbHash(pixels: pixels, size: size, bands: small.bands)
            }
        }
        let size = file.uprightSize
        send(
            .accepted(
                ImageFacts(
                    mediaType: file.header.mediaType, width: size.width, height: size.height,
                    frames: file.header.frames ?? 1, placeholder: hash.base64)))
    }

    private func encode(_ image: Raster, _ order: Order) throws(Ending) {
        let name = order.spec.name
        report(.encode, rendition: name)
        let file = OutputFile(descriptor: order.output)
        do {
            let encoder = Encoder(format: order.spec.format, quality: order.spec.quality)
            try encoder.encode(image, to: file) {
                self.report(.encode, rendition: name, fraction: $0)
            }
        } catch {
            throw .failed(Problem(.internal, "The rendition \(name) could not be encoded."))
        }
        send(
            .rendition(
                name: name, width: image.width, height: image.height,
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
    /// memory ran out.
    private func developing<Result>(
        _ body: () throws(VipsFailure) -> Result
    ) throws(Ending) -> Result {
        do throws(VipsFailure) {
            return try body()
        } catch {
            throw error.isMemory ? .failed(Problem(.outOfMemory)) : .refused(Problem(.damaged))
        }
    }
}

extension RenditionSpec {
    /// What every encoder here can write: WebP ends at 16,383 a side.
    fileprivate var isFeasible: Bool {
        (1...16_383).contains(longerSide) && (1...100).contains(quality)
            && MediaType.outputs.contains(format)
    }
}

extension VipsFailure {
    fileprivate var isMemory: Bool {
        message.contains("out of memory") || message.contains("nsufficient memory")
    }
}
