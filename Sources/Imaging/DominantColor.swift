// The colour a page can show before it knows anything else: the one most pixels are near.

internal import Domain

extension RGB {
    /// The mean of the fullest of 512 boxes of colours, from packed pixels of three bands, or four
    /// with alpha, which weighs them. Nil where all is transparent.
    init?(dominantIn pixels: UnsafeRawBufferPointer, bands: Int) {
        var boxes = [(weight: Int, red: Int, green: Int, blue: Int)](
            repeating: (0, 0, 0, 0), count: 512)
        for start in stride(from: 0, to: pixels.count - bands + 1, by: bands) {
            let (red, green, blue) = (
                Int(pixels[start]), Int(pixels[start + 1]), Int(pixels[start + 2])
            )
            let weight = bands == 4 ? Int(pixels[start + 3]) : 255
            let box = (red / 32) * 64 + (green / 32) * 8 + blue / 32
            boxes[box].weight += weight
            boxes[box].red += red * weight
            boxes[box].green += green * weight
            boxes[box].blue += blue * weight
        }
        guard let fullest = boxes.max(by: { $0.weight < $1.weight }), fullest.weight > 0 else {
            return nil
        }
        func mean(_ sum: Int) -> UInt8 { UInt8((sum + fullest.weight / 2) / fullest.weight) }
        self.init(red: mean(fullest.red), green: mean(fullest.green), blue: mean(fullest.blue))
    }
}
