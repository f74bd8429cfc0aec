// What one pass makes of a job, and where that stands in the whole.

import Domain
import Synchronization
import WorkerLink

final class JobPass: Sendable {
    let job: Job
    /// What an earlier pass has found.
    let known: ImageFacts?
    /// The renditions of this pass, in order, and the file they go to.
    let making: [String]
    let output: MemoryFile

    private struct State {
        var held: [Change] = []
        var renditions = 0
        var encode: (rendition: String, what: SilentEncode, since: SuspendingClock.Instant)?
    }
    private let state: Mutex<State>

    init(_ job: Job, making: [String]) throws {
        self.job = job
        self.making = making
        output = try MemoryFile(name: "renditions")
        known = ImageFacts(job.image)
        state = Mutex(State())
    }

    var isLast: Bool { making.count == job.wanted.count }

    /// Whether the pass ends so soon after this that both are recorded together: of a quick pass
    /// everything, and of any the last rendition. Nor is a job queued while its worker still speaks.
    func isNearEnd(_ change: Change) -> Bool {
        guard case .renditionReady = change else { return job.lane == .quick }
        return state.withLock { state in
            state.renditions += 1
            return state.renditions == making.count
        }
    }

    func hold(_ change: Change) { state.withLock { $0.held.append(change) } }

    /// What is to be recorded with the end, in order; each once.
    func takeHeld() -> [Change] {
        state.withLock { state in
            defer { state.held = [] }
            return state.held
        }
    }

    // MARK: Progress

    /// The worker's progress among the steps of all passes: each has one decode, and an encode a
    /// rendition. So progress goes on where the pass before left it.
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

    /// The encode that begins or goes on; nil in other steps and where it measures itself.
    func silentEncode(_ progress: Progress) -> SilentEncode? {
        guard progress.stage == .encode, let name = progress.rendition,
            let pixels = progress.silentPixels,
            let spec = job.recipe.renditions.first(where: { $0.name == name })
        else { return nil }
        let silent = SilentEncode(format: spec.format, pixels: pixels)
        state.withLock { state in
            if state.encode?.rendition != name { state.encode = (name, silent, .now) }
        }
        return silent
    }

    /// The encode of this rendition, which has just come, and how long it took; nil where it
    /// measured itself.
    func ended(_ rendition: String) -> (encode: SilentEncode, took: Duration)? {
        state.withLock { state in
            guard let encode = state.encode.take(), encode.rendition == rendition else {
                return nil
            }
            return (encode.what, .now - encode.since)
        }
    }
}
