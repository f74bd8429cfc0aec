// What a worker may say, and when. It has decoded a stranger's file, so it may by now be the
// stranger's: every report is held against the request before anybody acts on it.

package import Domain

/// A request's reports so far. A value: `admit` is the whole of it.
package struct ReportValidator: Sendable {
    private let request: RenderRequest
    private var facts: ImageFacts?
    private var delivered: Set<String> = []
    private var progress: Progress?

    package init(_ request: RenderRequest) {
        self.request = request
        if case .process(_, _, _, let known) = request { facts = known }
    }

    /// Takes the next report or throws `violation`.
    package mutating func admit(_ report: RenderReport) throws(WorkerFailure) {
        switch (request, report) {
        case (.sniff, .sniffed(.refuse(let problem))): try admit(problem, among: Self.refusals)
        case (.sniff, .sniffed): return
        case (.process, .refused(let problem)): try admit(problem, among: Self.refusals)
        case (.process, .failed(let problem)), (.sniff, .failed(let problem)):
            try admit(problem, among: Self.failures)
        case (.process(_, let wanted, let limits, _), .accepted(let facts)):
            try admit(facts, limits, wanted)
        case (.process(_, let wanted, _, _), .progress(let progress)): try admit(progress, wanted)
        case (
            .process(let recipe, let wanted, _, _),
            .rendition(let name, let width, let height, let mediaType, let bytes)
        ):
            guard wanted.contains(name), delivered.insert(name).inserted,
                let spec = recipe.renditions.first(where: { $0.name == name }), let facts
            else { throw .violation("a rendition nobody asked for") }
            guard mediaType == spec.format, bytes > 0 else {
                throw .violation("a rendition of another kind")
            }
            let most = spec.bounds(for: facts)
            guard (1...most.width).contains(width), (1...most.height).contains(height) else {
                throw .violation("a rendition of another size")
            }
        case (.process(_, let wanted, _, _), .done):
            guard facts != nil, delivered == Set(wanted) else {
                throw .violation("it is done before it has delivered")
            }
        case (.sniff, _), (.process, .sniffed): throw .violation("an answer to no question")
        }
    }

    private mutating func admit(
        _ found: ImageFacts, _ limits: ImageLimits, _ wanted: [String]
    ) throws(WorkerFailure) {
        let sides = 1...max(limits.side, limits.jpegSide)
        guard facts == nil, MediaType.inputs.contains(found.mediaType),
            sides.contains(found.width), sides.contains(found.height),
            (1...limits.frames).contains(found.frames)
        else { throw .violation("impossible facts") }
        guard found.placeholder.utf8.count <= 64,
            found.placeholder.utf8.allSatisfy(Self.isBase64)
        else { throw .violation("an impossible placeholder") }
        facts = found
    }

    private mutating func admit(
        _ next: Progress, _ wanted: [String]
    ) throws(WorkerFailure) {
        guard (1...Self.mostSteps).contains(next.steps), (0...next.steps).contains(next.step),
            (0...1).contains(next.fraction ?? 0),
            (1...Self.mostPixels).contains(next.silentPixels ?? 1),
            next.rendition.map(wanted.contains) ?? true
        else { throw .violation("impossible progress") }
        if let progress {
            let backwards =
                next.step < progress.step
                || (next.step == progress.step && next.stage == progress.stage
                    && next.fraction ?? 1 < progress.fraction ?? 0)
            if backwards { throw .violation("progress runs backwards") }
        }
        progress = next
    }

    private func admit(
        _ problem: Problem, among codes: Set<Problem.Code>
    ) throws(WorkerFailure) {
        guard codes.contains(problem.code), problem.detail.utf8.count <= 300,
            problem.detail.unicodeScalars.allSatisfy({ $0.value >= 0x20 && $0.value != 0x7F })
        else { throw .violation("an impossible problem") }
    }

    private static let mostSteps = 64
    /// The largest rendition there can be, a still.
    private static let mostPixels = RenditionSpec.mostSide * RenditionSpec.mostSide

    private static let refusals: Set<Problem.Code> = [
        .emptyFile, .notAnImage, .unsupportedFormat, .rawPhoto, .tiffImage, .movingImage,
        .formatMismatch, .damaged, .tooManyPixels, .sideTooLong, .tooManyFrames,
    ]
    private static let failures: Set<Problem.Code> = [.internal, .outOfMemory, .invalidRecipe]

    private static func isBase64(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "/"),
            UInt8(ascii: "="):
            true
        default: false
        }
    }
}
