import Testing

@testable import Imaging

@Suite struct SizeTests {
    @Test(arguments: [
        // A phone's 12 megapixels: half its size is taken as it is.
        (4032, 3024, 2048, 2016, 1512),
        (3024, 4032, 2048, 1512, 2016),
        // An eighth lies too far away from 320, so it is resized.
        (4032, 3024, 320, 320, 240),
        (2560, 1920, 320, 320, 240),
        // Six percent above, and a little more.
        (4340, 100, 2048, 2170, 50),
        (4344, 100, 2048, 2048, 47),
        // Half of one pixel is none.
        (4032, 1, 2048, 2048, 1),
        // Never larger.
        (300, 200, 320, 300, 200),
        (1, 16_000, 320, 1, 320),
    ])
    func takesAFreeScaleWithinSixPercent(
        _ width: Int, _ height: Int, _ bound: Int, _ wantedWidth: Int, _ wantedHeight: Int
    ) {
        let size = PixelSize(width: width, height: height).fitted(to: bound, freeScales: true)
        #expect(size == PixelSize(width: wantedWidth, height: wantedHeight))
    }

    @Test func resizesOtherFormatsToTheBound() {
        let size = PixelSize(width: 4032, height: 3024).fitted(to: 2048, freeScales: false)
        #expect(size == PixelSize(width: 2048, height: 1536))
    }

    @Test func decodesAtTheLargestScaleThatCoversTheTarget() {
        let size = PixelSize(width: 4032, height: 3024)
        #expect(size.divisor(covering: PixelSize(width: 320, height: 240)) == 8)
        #expect(size.divisor(covering: PixelSize(width: 504, height: 378)) == 8)
        #expect(size.divisor(covering: PixelSize(width: 505, height: 378)) == 4)
        #expect(size.divisor(covering: PixelSize(width: 4032, height: 3024)) == 1)
    }
}
