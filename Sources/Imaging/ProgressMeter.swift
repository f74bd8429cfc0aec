// Which progress is worth telling: every step, and in between at most ten a second, as often as a
// subscriber hears of it, never backwards.

internal import Domain

struct ProgressMeter {
    private static let interval = Duration.milliseconds(100)

    private var last: Progress?
    private var lastTime: ContinuousClock.Instant?

    /// Whether to tell this. Within a step a fraction counts only when it is larger, and late
    /// enough after the last one.
    mutating func admits(_ progress: Progress, at now: ContinuousClock.Instant) -> Bool {
        if let last, let lastTime {
            guard progress.step >= last.step else { return false }
            let sameStep = progress.step == last.step && progress.stage == last.stage
            if sameStep {
                guard progress.fraction ?? 0 > last.fraction ?? 0 else { return false }
                guard now - lastTime >= Self.interval else { return false }
            }
        }
        last = progress
        lastTime = now
        return true
    }
}
