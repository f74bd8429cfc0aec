// ThumbHash by Evan Wallace (https://evanw.github.io/thumbhash/): a picture of some 25 bytes, for
// the place of one that is still to come. A short cosine transform of lightness, two colour
// differences and alpha, in four bits a coefficient.

internal import FoundationEssentials
internal import Glibc

struct ThumbHash {
    /// The longest side the algorithm is meant for.
    static let longestSide = 100

    let bytes: [UInt8]

    var base64: String { Data(bytes).base64EncodedString() }

    /// From packed pixels of three bands, or four with alpha.
    init(pixels: UnsafeRawBufferPointer, size: PixelSize, bands: Int) {
        let planes = Planes(pixels, count: size.area, bands: bands)
        let hasAlpha = planes.hasAlpha
        let limit = hasAlpha ? 5.0 : 7.0
        let columns = max(1, Int((limit * Double(size.width) / Double(size.longer)).rounded()))
        let rows = max(1, Int((limit * Double(size.height) / Double(size.longer)).rounded()))
        let isLandscape = size.width > size.height

        let light = Channel(planes.light, size, max(3, columns), max(3, rows))
        let yellowBlue = Channel(planes.yellowBlue, size, 3, 3)
        let redGreen = Channel(planes.redGreen, size, 3, 3)
        let alpha = hasAlpha ? Channel(planes.alpha, size, 5, 5) : nil

        var head = quantized(light.mean, 63)
        head |= Int((31.5 + 31.5 * yellowBlue.mean).rounded()) << 6
        head |= Int((31.5 + 31.5 * redGreen.mean).rounded()) << 12
        head |= quantized(light.scale, 31) << 18
        head |= (hasAlpha ? 1 : 0) << 23
        var tail = isLandscape ? rows : columns
        tail |= quantized(yellowBlue.scale, 63) << 3
        tail |= quantized(redGreen.scale, 63) << 9
        tail |= (isLandscape ? 1 : 0) << 15

        var bytes = [head, head >> 8, head >> 16, tail, tail >> 8].map {
            UInt8(truncatingIfNeeded: $0)
        }
        if let alpha {
            bytes.append(UInt8(quantized(alpha.mean, 15) | quantized(alpha.scale, 15) << 4))
        }
        let nibbles = [light, yellowBlue, redGreen, alpha].compactMap { $0 }
            .flatMap(\.coefficients).map { UInt8(quantized($0, 15)) }
        for index in stride(from: 0, to: nibbles.count, by: 2) {
            bytes.append(nibbles[index] | (index + 1 < nibbles.count ? nibbles[index + 1] << 4 : 0))
        }
        self.bytes = bytes
    }
}

/// A share of one as a number of steps.
private func quantized(_ share: Double, _ steps: Double) -> Int {
    Int((steps * min(1, max(0, share))).rounded())
}

/// The picture as lightness, two colour differences and alpha, composed over its mean colour.
private struct Planes {
    var light: [Double] = []
    var yellowBlue: [Double] = []
    var redGreen: [Double] = []
    var alpha: [Double] = []
    var hasAlpha: Bool { alpha.contains { $0 < 1 } }

    init(_ pixels: UnsafeRawBufferPointer, count: Int, bands: Int) {
        func color(_ index: Int, _ band: Int) -> Double {
            Double(pixels[index * bands + band]) / 255
        }
        alpha = (0..<count).map { bands == 4 ? color($0, 3) : 1 }
        let weight = alpha.reduce(0, +)
        let mean = (0..<3).map { band in
            weight == 0 ? 0 : (0..<count).reduce(0) { $0 + alpha[$1] * color($1, band) } / weight
        }
        for index in 0..<count {
            let share = alpha[index]
            let red = mean[0] * (1 - share) + share * color(index, 0)
            let green = mean[1] * (1 - share) + share * color(index, 1)
            let blue = mean[2] * (1 - share) + share * color(index, 2)
            light.append((red + green + blue) / 3)
            yellowBlue.append((red + green) / 2 - blue)
            redGreen.append(red - green)
        }
    }
}

/// The low frequencies of one plane: a triangle of coefficients, scaled to 0…1 around ½.
private struct Channel {
    var mean = 0.0
    var scale = 0.0
    var coefficients: [Double] = []

    init(_ plane: [Double], _ size: PixelSize, _ columns: Int, _ rows: Int) {
        for row in 0..<rows {
            let down = (0..<size.height).map {
                cos(Double.pi / Double(size.height) * Double(row) * (Double($0) + 0.5))
            }
            var column = 0
            while column * rows < columns * (rows - row) {
                let across = (0..<size.width).map {
                    cos(Double.pi / Double(size.width) * Double(column) * (Double($0) + 0.5))
                }
                var sum = 0.0
                for y in 0..<size.height {
                    for x in 0..<size.width {
                        sum += plane[x + y * size.width] * across[x] * down[y]
                    }
                }
                sum /= Double(size.area)
                if row == 0 && column == 0 {
                    mean = sum
                } else {
                    coefficients.append(sum)
                    scale = max(scale, abs(sum))
                }
                column += 1
            }
        }
        if scale > 0 { coefficients = coefficients.map { 0.5 + 0.5 / scale * $0 } }
    }
}
