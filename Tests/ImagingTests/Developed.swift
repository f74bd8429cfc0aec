// One development, run in the test's own process.

import Domain
import Testing

@testable import Imaging

struct Developed {
    private(set) var reports: [RenderReport] = []
    private(set) var files: [String: [UInt8]] = [:]

    /// Develops a file by the recipe; the whole of it is wanted.
    init(
        _ file: [UInt8], _ recipe: Recipe = .web, limits: ImageLimits = .everything
    ) throws {
        let processor = try ImageProcessor()
        processor.acceptsRisky = true
        let input = try MemorySample(file)
        let output = try MemorySample()
        var reports: [RenderReport] = []
        withoutActuallyEscaping({ reports.append($0) }) { send in
            processor.answer(
                .process(recipe: recipe, wanted: recipe.renditions.map(\.name), limits: limits),
                input: input.descriptor, output: output.descriptor, send: send)
        }
        self.reports = reports
        var rest = try output.contents()[...]
        for case .rendition(let name, _, _, _, let bytes) in reports {
            files[name] = Array(rest.prefix(bytes))
            rest = rest.dropFirst(bytes)
        }
    }

    var lastWord: RenderReport? { reports.last }

    /// The code it was refused with.
    var refusal: Problem.Code? {
        if case .refused(let problem) = lastWord { problem.code } else { nil }
    }

    var facts: ImageFacts? {
        reports.lazy.compactMap { if case .accepted(let facts) = $0 { facts } else { nil } }.first
    }

    /// Names and sizes in the order they were delivered.
    var renditions: [(name: String, size: PixelSize)] {
        reports.compactMap { report in
            guard case .rendition(let name, let width, let height, _, _) = report else {
                return nil
            }
            return (name, PixelSize(width: width, height: height))
        }
    }

    func picture(_ name: String, _ mediaType: MediaType = .png) throws -> Picture {
        try Picture(file: try #require(files[name]), mediaType)
    }
}

extension ImageLimits {
    /// The default limits, risky formats included.
    static var everything: ImageLimits {
        var limits = ImageLimits()
        limits.acceptsRisky = true
        return limits
    }
}

extension Recipe {
    /// One lossless rendition, so that pixels can be compared.
    static func exact(_ side: Int) -> Recipe {
        Recipe(
            name: "exact",
            renditions: [RenditionSpec(name: "only", longerSide: side, format: .png)])
    }
}

/// That two colours lie within a distance of each other in every band.
func expectClose(
    _ actual: [Int], _ wanted: [Int], within distance: Int,
    sourceLocation: SourceLocation = #_sourceLocation
) {
    let isClose =
        actual.count == wanted.count && zip(actual, wanted).allSatisfy { abs($0 - $1) <= distance }
    #expect(
        isClose, "\(actual) is not within \(distance) of \(wanted)", sourceLocation: sourceLocation)
}
