// What is decoded, at which scale and how often, and which renditions come of each decode.

internal import Domain

/// A rendition with its sizes.
struct PlannedRendition {
    let spec: RenditionSpec
    let geometry: CropGeometry
    /// Frames shown: 1, or all of an animation's.
    let frames: Int

    /// All that its bytes depend on, of one photograph.
    struct Content: Hashable {
        let geometry: CropGeometry
        let frames: Int
        let isSmart: Bool
        let format: MediaType
        let quality: Int
        let metadata: RenditionSpec.Metadata
        let background: String
    }

    var content: Content {
        Content(
            geometry: geometry, frames: frames, isSmart: spec.fit == .smart, format: spec.format,
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
    var renditions: [PlannedRendition]
}

/// One decode for all renditions that are wanted; an animation's stills have one of their own, and
/// come before what moves.
struct RenderPlan {
    /// The pixels of all frames of an animated rendition; with more it shows the first frame.
    static let mostAnimationPixels = 25_000_000

    private(set) var passes: [Pass] = []
    private let file: CheckedFile

    init(_ file: CheckedFile, _ wanted: [RenditionSpec]) {
        self.file = file
        let renditions = wanted.map { spec in
            let geometry = file.uprightSize.geometry(
                for: spec, freeScales: file.header.mediaType == .jpeg)
            let frames = file.shownFrames(by: spec, at: geometry.size)
            return PlannedRendition(spec: spec, geometry: geometry, frames: frames)
        }.sorted { $0.geometry.level.area < $1.geometry.level.area }
        for kind in [renditions.filter { $0.frames == 1 }, renditions.filter { $0.frames > 1 }] {
            guard let largest = kind.last else { continue }
            passes.append(pass(largest.geometry.level, kind, frames: largest.frames))
        }
        if passes.isEmpty {
            // Nothing is wanted but the check, and its placeholder.
            let size = file.uprightSize.fitted(to: ThumbHash.longestSide, freeScales: true)
            passes = [pass(size, [])]
        }
    }

    private func pass(_ size: PixelSize, _ renditions: [PlannedRendition], frames: Int = 1) -> Pass
    {
        let isScalable = [.jpeg, .webp].contains(file.header.mediaType)
        let divisor = isScalable ? file.uprightSize.divisor(covering: size) : 1
        return Pass(divisor: divisor, size: size, frames: frames, renditions: renditions)
    }
}

extension CheckedFile {
    /// How many frames a rendition of this size shows: all of them, where it can move and is not too
    /// long for that; else the first.
    fileprivate func shownFrames(by spec: RenditionSpec, at size: PixelSize) -> Int {
        let count = isAnimation ? header.frames ?? 1 : 1
        let canMove = spec.animated && [.webp, .gif].contains(spec.format)
        return canMove && size.area <= RenderPlan.mostAnimationPixels / max(1, count) ? count : 1
    }
}
