// How a picture is scaled and cut for a rendition: the arithmetic, for every shape.

import Domain
import TestSupport
import Testing

@testable import Imaging

@Suite struct CropGeometryTests {
    private static func geometry(
        _ width: Int, _ height: Int, _ boundWidth: Int?, _ boundHeight: Int?,
        _ fit: RenditionSpec.Fit = .inside, enlarge: Bool = false
    ) -> CropGeometry {
        let spec = RenditionSpec(
            name: "only", width: boundWidth, height: boundHeight, fit: fit, enlarge: enlarge)
        return PixelSize(width: width, height: height).geometry(for: spec, freeScales: false)
    }

    @Test(
        arguments: [
            (4000, 3000, 1000, nil, 1000, 750), (4000, 3000, nil, 300, 400, 300),
            (4000, 3000, 1000, 300, 400, 300), (4000, 3000, 5000, nil, 4000, 3000),
            (3000, 4000, 1000, 1000, 750, 1000), (16_000, 1, 320, 320, 320, 1),
            (20_000, 10, nil, 10, 16_383, 8),
        ] as [(Int, Int, Int?, Int?, Int, Int)])
    func fitsInside(
        _ width: Int, _ height: Int, _ boundWidth: Int?, _ boundHeight: Int?, _ wantedWidth: Int,
        _ wantedHeight: Int
    ) {
        let geometry = Self.geometry(width, height, boundWidth, boundHeight)
        #expect(geometry.size == PixelSize(width: wantedWidth, height: wantedHeight))
        #expect(geometry.level == geometry.size && geometry.cut == geometry.size)
    }

    @Test(arguments: [
        (4000, 3000, 400, 400, 400, 400), (3000, 4000, 1200, 630, 1200, 630),
        // Too small to cover: the largest part of that shape.
        (200, 100, 320, 320, 100, 100), (300, 500, 400, 200, 300, 150),
        (16_000, 1, 300, 300, 1, 1), (1, 1, 300, 200, 1, 1),
    ])
    func covers(
        _ width: Int, _ height: Int, _ boundWidth: Int, _ boundHeight: Int, _ wantedWidth: Int,
        _ wantedHeight: Int
    ) {
        let geometry = Self.geometry(width, height, boundWidth, boundHeight, .cover)
        #expect(geometry.size == PixelSize(width: wantedWidth, height: wantedHeight))
        #expect(geometry.cut == geometry.size)
    }

    @Test func enlargesOnlyWhenAsked() {
        #expect(
            Self.geometry(100, 50, 400, 400, enlarge: true).size
                == PixelSize(width: 400, height: 200))
        #expect(
            Self.geometry(100, 50, 400, 400, .cover, enlarge: true).size
                == PixelSize(width: 400, height: 400))
        #expect(Self.geometry(100, 50, 400, 400).size == PixelSize(width: 100, height: 50))
    }

    /// Nothing is larger than the picture or the bounds, whatever the shapes.
    @Test(arguments: [UInt64(1), 2, 3])
    func staysWithinThePictureAndTheBounds(_ seed: UInt64) {
        var random = Dice(seed: seed)
        func side() -> Int { 1 + Int(random.next() % (random.next() % 2 == 0 ? 40 : 16_383)) }
        for round in 0..<20_000 {
            let (width, height, bound, other) = (side(), side(), side(), side())
            let fit = RenditionSpec.Fit.allCases[round % 3]
            let enlarge = round % 2 == 0
            let geometry = Self.geometry(width, height, bound, other, fit, enlarge: enlarge)
            let hint = "seed \(seed): \(width) × \(height) \(fit) \(bound) × \(other)"
            #expect(geometry.level.width <= width && geometry.level.height <= height, "\(hint)")
            #expect(
                geometry.cut.width <= geometry.level.width
                    && geometry.cut.height <= geometry.level.height, "\(hint)")
            #expect(geometry.cut.shorter > 0 && geometry.size.shorter > 0, "\(hint)")
            #expect(geometry.size.width <= bound && geometry.size.height <= other, "\(hint)")
            if !enlarge { #expect(geometry.size == geometry.cut, "\(hint)") }
            if enlarge, fit != .inside {
                #expect(geometry.size == PixelSize(width: bound, height: other), "\(hint)")
            }
        }
    }
}
