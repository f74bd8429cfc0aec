// How a picture is scaled and cut for a rendition: the arithmetic, for every shape.

import Domain
import TestSupport
import Testing

@testable import Imaging

@Suite struct FramingTests {
    private static func framing(
        _ width: Int, _ height: Int, _ boundWidth: Int?, _ boundHeight: Int?,
        _ fit: RenditionSpec.Fit = .inside, enlarge: Bool = false
    ) -> Framing {
        let spec = RenditionSpec(
            name: "only", width: boundWidth, height: boundHeight, fit: fit, enlarge: enlarge)
        return PixelSize(width: width, height: height).framing(for: spec, freeScales: false)
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
        let framing = Self.framing(width, height, boundWidth, boundHeight)
        #expect(framing.size == PixelSize(width: wantedWidth, height: wantedHeight))
        #expect(framing.level == framing.size && framing.cut == framing.size)
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
        let framing = Self.framing(width, height, boundWidth, boundHeight, .cover)
        #expect(framing.size == PixelSize(width: wantedWidth, height: wantedHeight))
        #expect(framing.cut == framing.size)
    }

    @Test func enlargesOnlyWhenAsked() {
        #expect(
            Self.framing(100, 50, 400, 400, enlarge: true).size
                == PixelSize(width: 400, height: 200))
        #expect(
            Self.framing(100, 50, 400, 400, .cover, enlarge: true).size
                == PixelSize(width: 400, height: 400))
        #expect(Self.framing(100, 50, 400, 400).size == PixelSize(width: 100, height: 50))
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
            let framing = Self.framing(width, height, bound, other, fit, enlarge: enlarge)
            let hint = "seed \(seed): \(width) × \(height) \(fit) \(bound) × \(other)"
            #expect(framing.level.width <= width && framing.level.height <= height, "\(hint)")
            #expect(
                framing.cut.width <= framing.level.width
                    && framing.cut.height <= framing.level.height, "\(hint)")
            #expect(framing.cut.shorter > 0 && framing.size.shorter > 0, "\(hint)")
            #expect(framing.size.width <= bound && framing.size.height <= other, "\(hint)")
            if !enlarge { #expect(framing.size == framing.cut, "\(hint)") }
            if enlarge, fit != .inside {
                #expect(framing.size == PixelSize(width: bound, height: other), "\(hint)")
            }
        }
    }
}
