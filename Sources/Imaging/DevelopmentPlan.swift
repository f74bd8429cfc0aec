// What is decoded, at which scale and how often, and which renditions come of each decode.

internal import Domain

/// A rendition with its sizes.
struct Print {
    let spec: RenditionSpec
    let framing: Framing
    /// Frames shown: 1, or all of an animation's.
    let frames: Int

    /// All that its bytes depend on, of one photograph.
    struct Content: Hashable {
        let framing: Framing
        let frames: Int
        let isSmart: Bool
        let format: MediaType
        let quality: Int
        let metadata: RenditionSpec.Metadata
        let background: String
    }

    var content: Content {
        Content(
            framing: framing, frames: frames, isSmart: spec.fit == .smart, format: spec.format,
            quality: spec.quality, metadata: spec.metadata, background: spec.background)
    }
}

/// Renditions that are made from one decode, the smallest first.
struct Pass {
    /// The scale the decoder gives for free.
    var divisor: Int
    /// The size the decoded picture is brought to, upright.
    var size: PixelSize
    var frames: Int
    var prints: [Print]
}

/// One decode for all renditions that are wanted; an animation's stills have one of their own, and
/// come before what moves.
struct DevelopmentPlan {
    private(set) var passes: [Pass] = []
    private let file: CheckedFile

    init(_ file: CheckedFile, _ wanted: [RenditionSpec]) {
        self.file = file
        let prints = wanted.map { spec in
            let framing = file.uprightSize.framing(
                for: spec, freeScales: file.header.mediaType == .jpeg)
            let frames = file.shownFrames(by: spec, at: framing.size)
            return Print(spec: spec, framing: framing, frames: frames)
        }.sorted { $0.framing.level.area < $1.framing.level.area }
        for kind in [prints.filter { $0.frames == 1 }, prints.filter { $0.frames > 1 }] {
            guard let largest = kind.last else { continue }
            passes.append(pass(largest.framing.level, kind, frames: largest.frames))
        }
        if passes.isEmpty {
            // Nothing is wanted but the check, and its placeholder.
            let size = file.uprightSize.fitted(to: ThumbHash.longestSide, freeScales: true)
            passes = [pass(size, [])]
        }
    }

    private func pass(_ size: PixelSize, _ prints: [Print], frames: Int = 1) -> Pass {
        let isScalable = [.jpeg, .webp].contains(file.header.mediaType)
        let divisor = isScalable ? file.uprightSize.divisor(covering: size) : 1
        return Pass(divisor: divisor, size: size, frames: frames, prints: prints)
    }
}

extension CheckedFile {
    fileprivate func shownFrames(by spec: RenditionSpec, at size: PixelSize) -> Int {
        isAnimation ? spec.shownFrames(of: header.frames ?? 1, area: size.area) : 1
    }
}
