// What a worker may say, and when: every lie here would otherwise reach a page or a database.

import Domain
import Jobs
import Testing

@Suite struct ReportValidatorTests {
    private static let request = RenderRequest.process(
        recipe: .web, wanted: ["thumb", "large"], limits: ImageLimits())

    private static func facts(
        width: Int = 4032, height: Int = 3024, frames: Int = 1, placeholder: String = "AAgCBw=="
    ) -> RenderReport {
        .accepted(
            ImageFacts(
                mediaType: .jpeg, width: width, height: height, frames: frames,
                placeholder: placeholder))
    }

    private static func rendition(
        _ name: String = "thumb", width: Int = 320, height: Int = 240,
        mediaType: MediaType = .webp, bytes: Int = 100
    ) -> RenderReport {
        .rendition(name: name, width: width, height: height, mediaType: mediaType, bytes: bytes)
    }

    private static func progress(
        _ step: Int, of steps: Int = 4, _ fraction: Double? = nil, rendition: String? = nil,
        silentPixels: Int? = nil
    ) -> RenderReport {
        .progress(
            Progress(
                step: step, steps: steps, stage: .encode, rendition: rendition, fraction: fraction,
                silentPixels: silentPixels))
    }

    @Test func takesAnHonestConversation() throws {
        var validator = ReportValidator(Self.request)
        let said: [RenderReport] = [
            Self.progress(0), Self.facts(), Self.progress(1, rendition: "thumb"), Self.rendition(),
            Self.progress(2, of: 4, 0.5), Self.rendition("large", width: 2016, height: 1512), .done,
        ]
        for report in said { try validator.admit(report) }
    }

    @Test(arguments: [
        [rendition()],
        [facts(), facts()],
        [facts(width: 0)], [facts(width: 70_000)], [facts(frames: 0)], [facts(frames: 1000)],
        [facts(placeholder: "<script>")], [facts(placeholder: String(repeating: "A", count: 65))],
        [facts(), rendition("medium")], [facts(), rendition("../thumb")],
        [facts(), rendition(), rendition()],
        [facts(), rendition(width: 400)], [facts(), rendition(width: 0)],
        [facts(width: 100, height: 80), rendition()],
        [facts(), rendition(mediaType: .png)], [facts(), rendition(bytes: 0)],
        [facts(), rendition(bytes: -1)],
        [.done], [facts(), .done], [facts(), rendition(), .done],
        [progress(2), progress(1)], [progress(1, of: 4, 0.5), progress(1, of: 4, 0.4)],
        [progress(5)], [progress(-1)], [progress(0, of: 0)], [progress(0, of: 1000)],
        [progress(0, of: -1)], [progress(-1, of: -1)], [progress(0, of: .min)],
        [progress(.max, of: .max)], [progress(1, silentPixels: 0)],
        [progress(1, silentPixels: -1)], [progress(1, silentPixels: .max)],
        [progress(1, of: 4, 1.5)], [progress(1, of: 4, -0.5)], [progress(1, rendition: "other")],
        [.refused(Problem(.notOwner))], [.failed(Problem(.notAnImage))],
        [.refused(Problem(.damaged, "\u{1B}[31mred"))],
        [.refused(Problem(.damaged, String(repeating: "a", count: 301)))],
        [.sniffed(.fits)],
    ])
    func refusesALie(_ said: [RenderReport]) throws {
        var validator = ReportValidator(Self.request)
        for report in said.dropLast() { try validator.admit(report) }
        let last = try #require(said.last)
        #expect(throws: WorkerFailure.self) { try validator.admit(last) }
    }

    /// Both bounds count, and enlarging only where it was asked for.
    @Test(arguments: [
        (RenditionSpec.Fit.inside, false, 300, 100, true), (.inside, false, 322, 107, true),
        (.inside, false, 323, 100, false), (.inside, false, 300, 109, false),
        (.cover, false, 300, 100, true), (.cover, false, 301, 100, false),
        (.cover, false, 300, 90, true), (.inside, true, 300, 100, true),
    ])
    func holdsSizesAgainstTheRecipe(
        _ fit: RenditionSpec.Fit, _ enlarge: Bool, _ width: Int, _ height: Int, _ isGood: Bool
    ) throws {
        let spec = RenditionSpec(
            name: "only", width: 300, height: 100, fit: fit, enlarge: enlarge)
        var validator = ReportValidator(
            .process(
                recipe: Recipe(name: "one", renditions: [spec]), wanted: ["only"],
                limits: ImageLimits()))
        try validator.admit(enlarge ? Self.facts(width: 30, height: 10) : Self.facts())
        let said = Self.rendition("only", width: width, height: height)
        if isGood {
            try validator.admit(said)
        } else {
            #expect(throws: WorkerFailure.violation("a rendition of another size")) {
                try validator.admit(said)
            }
        }
    }

    @Test func answersASniffWithAVerdictOnly() throws {
        let request = RenderRequest.sniff(available: 1, total: nil, limits: ImageLimits())
        var validator = ReportValidator(request)
        #expect(throws: WorkerFailure.self) { try validator.admit(.done) }
        #expect(throws: WorkerFailure.self) { try validator.admit(Self.facts()) }
        try validator.admit(.sniffed(.undecided))
    }
}
