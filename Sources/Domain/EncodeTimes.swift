// How long an encoder that measures nothing usually takes here, learned from what it took before.

import Foundation

/// The rate of one format at one size, as this server has met it.
package struct EncodeTime: Sendable, Hashable {
    package let format: MediaType
    /// Pictures of 2ⁿ and fewer than 2ⁿ⁺¹ pixels: small ones cost more a pixel.
    package let scale: Int
    /// Milliseconds a megapixel: the geometric mean of the first few, then one that follows the
    /// newest. Geometric, because one encode that a busy machine held up ten times as long says
    /// little of the next one.
    package let rate: Double
    /// How many encodes it is learned from.
    package let count: Int

    package init(format: MediaType, scale: Int, rate: Double, count: Int) {
        self.format = format
        self.scale = scale
        self.rate = rate
        self.count = count
    }
}

/// All that was learned. It guesses nothing for a format it has never seen encoded.
package struct EncodeTimes: Sendable {
    private struct Key: Hashable {
        let format: MediaType
        let scale: Int
    }
    private var times: [Key: EncodeTime] = [:]

    package init(_ learned: [EncodeTime] = []) {
        for time in learned { times[Key(format: time.format, scale: time.scale)] = time }
    }

    /// Milliseconds that a picture of so many pixels usually takes; by the nearest size known.
    package func expected(_ format: MediaType, pixels: Int) -> Double? {
        let scale = Self.scale(of: pixels)
        let known = times.values.filter { $0.format == format }
        let nearest = known.min {
            (abs($0.scale - scale), $0.scale) < (abs($1.scale - scale), $1.scale)
        }
        return nearest.map { $0.rate * Double(pixels) / 1_000_000 }
    }

    /// Takes note of an encode; returns what is now known of its format and size.
    package mutating func learn(
        _ format: MediaType, pixels: Int, milliseconds: Double
    ) -> EncodeTime {
        let key = Key(format: format, scale: Self.scale(of: pixels))
        let seen = milliseconds / (Double(max(1, pixels)) / 1_000_000)
        let old = times[key]
        let count = (old?.count ?? 0) + 1
        let weight = max(Self.leastWeight, 1 / Double(count))
        let rate = pow(old?.rate ?? seen, 1 - weight) * pow(seen, weight)
        let time = EncodeTime(format: format, scale: key.scale, rate: rate, count: count)
        times[key] = time
        return time
    }

    /// The share of the newest encode: the machine's load changes, and photographs differ.
    private static let leastWeight = 0.2

    private static func scale(of pixels: Int) -> Int {
        Int.bitWidth - 1 - max(1, pixels).leadingZeroBitCount
    }
}
