// GIF89a: a screen, then blocks of sub-blocks up to the trailer. What is missing behind the last whole
// image is no part of the picture.

internal import Domain

extension ImageHeader {
    static func gif(
        _ bytes: inout HeaderBytes, _ extent: Extent
    ) throws(HeaderFault) -> ImageHeader {
        var header = ImageHeader(
            mediaType: .gif,
            width: try bytes.littleEndian(6, 2), height: try bytes.littleEndian(8, 2),
            frames: nil)
        guard extent == .whole else { return header }
        let file = try GIFFile(&bytes)
        guard file.count > 0 else { throw .malformed }
        header.width = file.screen.width
        header.height = file.screen.height
        header.frames = file.count
        header.isInterlaced = file.isInterlaced
        header.gif = file
        return header
    }
}

/// A colour table in the file.
struct GIFPalette: Hashable, Sendable {
    let offset: Int
    let count: Int

    /// The table that the packed field announces; nil for none.
    init?(_ packed: UInt8, at offset: Int) {
        guard packed & 0x80 != 0 else { return nil }
        self.offset = offset
        count = 2 << Int(packed & 7)
    }
}

/// One image on the screen.
struct GIFImage: Hashable, Sendable {
    let left: Int
    let top: Int
    let size: PixelSize
    let isInterlaced: Bool
    let palette: GIFPalette?
    let control: GIFControl
    /// Where the size of its first code is; the sub-blocks of its pixels follow.
    let data: Int
}

/// A graphic control extension (section 23).
struct GIFControl: Hashable, Sendable {
    /// What becomes of an image when its time is over.
    enum Disposal: Hashable, Sendable { case keep, clear, restore }

    var disposal = Disposal.keep
    /// In hundredths of a second.
    var delay = 0
    var transparent: UInt8?

    init() {}

    init(packed: UInt8, delay: Int, index: UInt8) {
        switch packed >> 2 & 7 {
        case 2: disposal = .clear
        // 4 by those who took the third bit for the number 3.
        case 3, 4: disposal = .restore
        default: disposal = .keep
        }
        self.delay = delay
        transparent = packed & 1 == 1 ? index : nil
    }
}

/// What a GIF holds, and where.
struct GIFFile: Hashable, Sendable {
    /// A sub-block holds up to 255 bytes, and encoders fill them: 200 MiB need 830,000.
    private static let mostBlocks = 2_000_000
    /// No limit lets more be decoded; what lies behind them is only counted.
    private static let mostImages = 10_000

    private(set) var screen: PixelSize
    private(set) var palette: GIFPalette?
    private(set) var images: [GIFImage] = []
    private(set) var count = 0
    private(set) var isInterlaced = false
    /// How often it is shown; 0 is for ever.
    private(set) var loops = 1
    private var control = GIFControl()
    private var blocks = 0

    init(_ bytes: inout HeaderBytes) throws(HeaderFault) {
        screen = PixelSize(
            width: try bytes.littleEndian(6, 2), height: try bytes.littleEndian(8, 2))
        palette = GIFPalette(try bytes[10], at: 13)
        try walk(&bytes, from: 13 + (palette?.count ?? 0) * 3)
    }

    /// To the trailer, or to the end of the file between two blocks, or in the last image where all
    /// of its pixels are there. A file cut between two images differs from one without a trailer in
    /// nothing.
    private mutating func walk(_ bytes: inout HeaderBytes, from start: Int) throws(HeaderFault) {
        var offset = start
        while count == 0 || offset < bytes.available || !bytes.isWhole {
            switch try bytes[offset] {
            case 0x3B: return
            // A block that ends before it begins: some programs leave them behind an image.
            case 0x00: try passSubBlocks(&bytes, &offset)
            case 0x21:
                let announcesImage = try bytes[offset + 1] == 0xF9
                do throws(HeaderFault) {
                    try passExtension(&bytes, &offset)
                } catch .truncated where count > 0 && !announcesImage {
                    return
                }
            case 0x2C:
                try noteImage(&bytes, &offset)
                do throws(HeaderFault) {
                    try passSubBlocks(&bytes, &offset)
                } catch .truncated {
                    guard try lastIsWhole(&bytes) else { throw .truncated }
                    return
                }
            default: throw .malformed
            }
        }
    }

    private func lastIsWhole(_ bytes: inout HeaderBytes) throws(HeaderFault) -> Bool {
        guard let image = images.last, images.count == count else { return false }
        return try GIFPixels(image, &bytes) != nil
    }

    private mutating func passExtension(
        _ bytes: inout HeaderBytes, _ offset: inout Int
    ) throws(HeaderFault) {
        let label = try bytes[offset + 1]
        let content = offset + 3
        if label == 0xF9, try bytes[offset + 2] == 4 {
            control = GIFControl(
                packed: try bytes[content], delay: try bytes.littleEndian(content + 1, 2),
                index: try bytes[content + 3])
        }
        // The Netscape extension: how often it is shown again (11 characters, then 3 bytes).
        if label == 0xFF, try bytes.matches([11] + Array("NETSCAPE2.0".utf8), at: offset + 2),
            try bytes.matches([3, 1], at: content + 11)
        {
            let again = try bytes.littleEndian(content + 13, 2)
            loops = again == 0 ? 0 : again + 1
        }
        offset += 2
        try passSubBlocks(&bytes, &offset)
    }

    /// The image descriptor (section 20); its control serves it alone.
    private mutating func noteImage(
        _ bytes: inout HeaderBytes, _ offset: inout Int
    ) throws(HeaderFault) {
        var fields: [Int] = []
        for index in 0..<4 { fields.append(try bytes.littleEndian(offset + 1 + 2 * index, 2)) }
        let packed = try bytes[offset + 9]
        let own = GIFPalette(packed, at: offset + 10)
        let image = GIFImage(
            left: fields[0], top: fields[1], size: PixelSize(width: fields[2], height: fields[3]),
            isInterlaced: packed & 0x40 != 0, palette: own ?? palette, control: control,
            data: offset + 10 + (own?.count ?? 0) * 3)
        // The screen grows to the first image where that is larger.
        if count == 0 {
            screen.width = max(screen.width, image.left + image.size.width)
            screen.height = max(screen.height, image.top + image.size.height)
        }
        if image.isInterlaced { isInterlaced = true }
        if images.count < Self.mostImages { images.append(image) }
        count += 1
        control = GIFControl()
        // The size of the first code is a byte.
        offset = image.data + 1
    }

    private mutating func passSubBlocks(
        _ bytes: inout HeaderBytes, _ offset: inout Int
    ) throws(HeaderFault) {
        while true {
            blocks += 1
            guard blocks <= Self.mostBlocks else { throw .malformed }
            let length = Int(try bytes[offset])
            offset += 1 + length
            if length == 0 { return }
        }
    }
}
