// The screen a GIF's images are drawn on, one after another. What none of them covers is transparent,
// as in every browser: the background colour of the format has gone out of use.

struct GIFScreen {
    private let file: GIFFile
    private var bytes: HeaderBytes
    /// Red, green, blue and alpha.
    private var pixels: [UInt8]
    private var next = 0
    /// What the image drawn last leaves behind.
    private var left: (image: GIFImage, before: [UInt8]?)?

    init(_ file: GIFFile, _ bytes: HeaderBytes) {
        self.file = file
        self.bytes = bytes
        pixels = [UInt8](repeating: 0, count: file.screen.area * 4)
    }

    /// Draws the next image and returns the whole screen; nil where its pixels are not all there.
    mutating func drawn() throws(HeaderFault) -> [UInt8]? {
        guard next < file.images.count else { return nil }
        let image = file.images[next]
        next += 1
        disposeOfLast()
        guard let own = try GIFPixels(image, &bytes) else { return nil }
        left = (image, image.control.disposal == .restore ? pixels : nil)
        draw(own.indices, of: image, try colours(of: image))
        return pixels
    }

    private mutating func disposeOfLast() {
        guard let (image, before) = left.take() else { return }
        switch image.control.disposal {
        case .keep: return
        case .restore: pixels = before ?? pixels
        case .clear:
            let width = columns(of: image).count * 4
            for row in rows(of: image) {
                let start = ((image.top + row) * file.screen.width + image.left) * 4
                pixels.replaceSubrange(start..<start + width, with: repeatElement(0, count: width))
            }
        }
    }

    /// 256 colours of four bytes; those that no palette has are black.
    private mutating func colours(of image: GIFImage) throws(HeaderFault) -> [UInt8] {
        var colours = [UInt8](repeating: 0, count: 1024)
        for index in 0..<256 { colours[4 * index + 3] = 255 }
        if let palette = image.palette {
            for index in 0..<palette.count {
                for band in 0..<3 {
                    colours[4 * index + band] = try bytes[palette.offset + 3 * index + band]
                }
            }
        }
        if let transparent = image.control.transparent { colours[4 * Int(transparent) + 3] = 0 }
        return colours
    }

    private mutating func draw(_ indices: [UInt8], of image: GIFImage, _ colours: [UInt8]) {
        let (screen, columns, rows) = (file.screen, columns(of: image), rows(of: image))
        pixels.withUnsafeMutableBufferPointer { pixels in
            for row in rows {
                var target = ((image.top + row) * screen.width + image.left) * 4
                for column in columns {
                    let colour = 4 * Int(indices[row * image.size.width + column])
                    if colours[colour + 3] != 0 {
                        for band in 0..<4 { pixels[target + band] = colours[colour + band] }
                    }
                    target += 4
                }
            }
        }
    }

    // What of an image lies on the screen.

    private func columns(of image: GIFImage) -> Range<Int> {
        0..<max(0, min(image.size.width, file.screen.width - image.left))
    }

    private func rows(of image: GIFImage) -> Range<Int> {
        0..<max(0, min(image.size.height, file.screen.height - image.top))
    }
}
