// What one turn makes of a job, and where that stands in the whole.

import Domain
import Synchronization
import WorkerLink

final class Turn: Sendable {
    let job: Job
    /// The renditions of this turn, in order, each with the file it goes to.
    let making: [String]
    let outputs: [MemoryFile]

    private struct State {
        var preview: Rendition?
        var side: (width: Int, height: Int)?
        var encode: (rendition: String, since: ContinuousClock.Instant)?
    }
    private let state: Mutex<State>

    init(_ job: Job, making: [String]) throws {
        self.job = job
        self.making = making
        outputs = try making.map { try MemoryFile(name: $0) }
        let document = job.image.document
        var state = State()
        if let width = document["width"]?.intValue, let height = document["height"]?.intValue {
            state.side = (width, height)
        }
        self.state = Mutex(state)
    }

    var isLast: Bool { making.count == job.wanted.count }

    /// The rendition of a turn that is not the last. It is recorded with the turn's end, so that
    /// no job is queued while its worker still speaks.
    var preview: Rendition? { state.withLock { $0.preview } }
    func keep(_ rendition: Rendition) { state.withLock { $0.preview = rendition } }

    func note(_ facts: ImageFacts) { state.withLock { $0.side = (facts.width, facts.height) } }

    // MARK: Progress

    /// The worker's progress among the steps of all turns: each has one decode, and an encode a
    /// rendition. So progress goes on where the turn before left it.
    func placed(_ progress: Progress) -> Progress {
        var progress = progress
        let made = job.image.renditionNames.count
        if made > 0 {
            progress.step += made + 1
            progress.steps += made + 1
        }
        let left = job.wanted.count - making.count
        if left > 0 { progress.steps += left + 1 }
        return progress
    }

    // MARK: Time

    /// The format and pixels of the rendition whose encode begins or goes on; nil in other steps
    /// and where the encode measures itself.
    func unmeasuredEncode(_ progress: Progress) -> (format: MediaType, pixels: Int)? {
        guard progress.stage == .encode, progress.fraction == nil,
            let name = progress.rendition,
            let spec = job.recipe.renditions.first(where: { $0.name == name })
        else { return nil }
        return state.withLock { state in
            if state.encode?.rendition != name { state.encode = (name, .now) }
            return state.side.map { (spec.format, spec.pixels(from: $0.width, $0.height)) }
        }
    }

    /// How long the encode of this rendition took, which has just come.
    func encodeTime(of rendition: String) -> Duration? {
        state.withLock { state in
            guard let encode = state.encode.take(), encode.rendition == rendition else {
                return nil
            }
            return .now - encode.since
        }
    }
}

extension RenditionSpec {
    /// About how many pixels it has, made from a photo of these sides.
    fileprivate func pixels(from width: Int, _ height: Int) -> Int {
        let scale = min(1, Double(longerSide) / Double(max(width, height, 1)))
        return Int(Double(width) * scale) * Int(Double(height) * scale)
    }
}
