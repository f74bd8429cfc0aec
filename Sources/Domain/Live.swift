// What moves between events: bytes received, the percent of a rendition. Small, whole, unnumbered,
// only in memory: losing it harms nothing, because the document never depends on it.

/// One image in motion. An image without a value is not moving.
package struct Live: Codable, Sendable, Hashable {
    /// Durable bytes of the upload.
    package var received: Int?
    /// The attempt at processing, from 1.
    package var attempt: Int?
    package var step: Int?
    package var steps: Int?
    package var stage: Progress.Stage?
    package var rendition: String?
    /// 0 to 1 within the step; absent where nothing measures it.
    package var fraction: Double?
    /// What this step usually takes here, in milliseconds.
    package var expectedMs: Int?

    package init(received: Int) { self.received = received }

    package init(_ progress: Progress, attempt: Int, expectedMs: Int? = nil) {
        self.attempt = attempt
        self.step = progress.step
        self.steps = progress.steps
        self.stage = progress.stage
        self.rendition = progress.rendition
        self.fraction = progress.fraction.map { ($0 * 1000).rounded() / 1000 }
        self.expectedMs = expectedMs
    }

    var json: JSON {
        var members: [String: JSON] = [:]
        members["received"] = received.map(JSON.int)
        members["attempt"] = attempt.map(JSON.int)
        members["step"] = step.map(JSON.int)
        members["steps"] = steps.map(JSON.int)
        members["stage"] = stage.map { .string($0.rawValue) }
        members["rendition"] = rendition.map(JSON.string)
        members["fraction"] = fraction.map(JSON.number)
        members["expectedMs"] = expectedMs.map(JSON.int)
        return .object(members)
    }
}
