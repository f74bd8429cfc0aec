// The worker's trade: a request comes in, reports go out. Every end of a request is a report, for
// the input is hostile and the worker must outlive it.

internal import CVips
package import Domain

/// libvips and libmagic, started and warm. One request at a time, on one thread.
package final class ImageProcessor {
    private let magic: Magic
    /// Whether formats with risky decoders are taken where a request allows them.
    package var acceptsRisky = false

    package struct Unavailable: Error {
        package let reason: String
    }

    /// Starts the libraries.
    package init() throws(Unavailable) {
        do {
            try Vips.start()
        } catch {
            throw Unavailable(reason: "libvips does not start: \(error.message)")
        }
        do {
            magic = try Magic()
        } catch {
            throw Unavailable(reason: "libmagic has no database")
        }
    }

    /// Runs every codec once, so that nothing needs to be opened later, and says which this build
    /// of the libraries has.
    package func warmUp() -> Codecs {
        _ = magic.mediaType(of: [0xFF, 0xD8, 0xFF, 0xE0] + Array(repeating: 0, count: 60))
        return Codecs.warmed()
    }

    package static var versions: [String: String] {
        ["libvips": Vips.version, "libmagic": Magic.version]
    }

    /// Answers one request. `input` is the photograph; the renditions are written to `output`,
    /// one after another. The last report sent is a last word.
    package func answer(
        _ request: RenderRequest, input: Int32, output: Int32?,
        send: @escaping (RenderReport) -> Void
    ) {
        switch request {
        case .sniff(let available, let total, let limits):
            let check = check(limits)
            send(.sniffed(check.sniff(descriptor: input, available: available, total: total)))
        case .process(let recipe, let wanted, let limits, let known):
            let check = check(limits)
            do throws(RenderPipeline.Ending) {
                guard let output else { throw .failed(Problem(.internal, "There is no output.")) }
                try RenderPipeline(
                    check: check, wanted: RenderPipeline.specs(recipe, wanted: wanted),
                    output: OutputFile(descriptor: output), accepts: known == nil, send: send
                ).run(input)
                send(.done)
            } catch {
                switch error {
                case .refused(let problem): send(.refused(problem))
                case .failed(let problem): send(.failed(problem))
                }
            }
        }
    }

    /// When there is nothing to do: gives back what was used. 80 MB become 60.
    package func tidy() { cvips_trim() }

    private func check(_ limits: ImageLimits) -> FileCheck {
        var limits = limits
        limits.acceptsRisky = limits.acceptsRisky && acceptsRisky
        return FileCheck(magic: magic, limits: limits)
    }
}
