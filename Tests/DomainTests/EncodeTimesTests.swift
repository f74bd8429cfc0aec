import Domain
import Testing

@Suite("What is expected of an encode")
struct EncodeTimesTests {
    @Test("nothing, of a format never seen")
    func unknown() {
        var times = EncodeTimes()
        _ = times.learn(.jpegXL, pixels: 1_000_000, milliseconds: 10)
        #expect(times.expected(.avif, pixels: 1_000_000) == nil)
    }

    @Test("the mean of the first few as ratios, then what follows the newest")
    func learns() {
        var times = EncodeTimes()
        _ = times.learn(.avif, pixels: 1_000_000, milliseconds: 100)
        let second = times.learn(.avif, pixels: 1_000_000, milliseconds: 400)
        #expect((199.9...200.1).contains(second.rate) && second.count == 2)
        for _ in 0..<40 { _ = times.learn(.avif, pixels: 1_000_000, milliseconds: 1000) }
        let expected = times.expected(.avif, pixels: 1_000_000) ?? 0
        #expect((990...1000).contains(expected))
    }

    @Test("the rate of the nearest size known")
    func nearest() {
        var times = EncodeTimes()
        _ = times.learn(.avif, pixels: 100_000, milliseconds: 100)
        _ = times.learn(.avif, pixels: 4_000_000, milliseconds: 1600)
        #expect(times.expected(.avif, pixels: 3_000_000) == 1200)
        #expect(times.expected(.avif, pixels: 50_000) == 50)
    }

    @Test("is the same after a restart")
    func kept() {
        var times = EncodeTimes()
        let learned = times.learn(.avif, pixels: 2_000_000, milliseconds: 900)
        #expect(EncodeTimes([learned]).expected(.avif, pixels: 2_000_000) == 900)
    }
}
