// AVIF and HEIC, ISO/IEC 14496-12 and 23008-12: boxes in boxes. Of the primary item's properties
// `ispe` holds the size and `colr` the colour.

internal import Domain

extension ImageHeader {
    private static let mostBoxes = 1_000
    /// A `meta` box of a grid of 48 tiles with its metadata takes some 10 KiB.
    private static let largestMeta = 4 << 20

    static func isoMedia(
        _ bytes: inout HeaderBytes, _ extent: Extent
    ) throws(HeaderFault) -> ImageHeader {
        let file = Box(type: "", start: 0, end: bytes.total ?? Int.max)
        let start = try Box.read(&bytes, at: 0, within: file)
        let mediaType = try brand(&bytes, start)
        var offset = start.end
        var hasData = false
        for _ in 0..<mostBoxes {
            let box = try Box.read(&bytes, at: offset, within: file)
            if box.type == "mdat" { hasData = true }
            if box.type == "meta" {
                var header = ImageHeader(
                    mediaType: mediaType, width: 0, height: 0, frames: nil)
                try note(propertiesOfPrimary(&bytes, box), &bytes, in: &header)
                if extent == .whole, !hasData { try checkData(&bytes, after: box, within: file) }
                return header
            }
            offset = box.end
        }
        throw .malformed
    }

    /// Still images only: an image sequence is a film.
    private static func brand(
        _ bytes: inout HeaderBytes, _ box: Box
    ) throws(HeaderFault) -> MediaType {
        guard box.type == "ftyp", box.end - box.start <= 1024 else { throw .malformed }
        var brands: [String] = [try bytes.fourCharacters(box.start)]
        for offset in stride(from: box.start + 8, to: box.end - 3, by: 4) {
            brands.append(try bytes.fourCharacters(offset))
        }
        switch brands[0] {
        case "avif": return .avif
        case let brand where heic.contains(brand): return .heic
        case let brand where films.contains(brand): throw .foreign(.movingImage)
        case let brand where general.contains(brand):
            if brands.contains("avif") { return .avif }
            if brands.contains(where: heic.contains) { return .heic }
            throw brands.contains(where: films.contains) ? .foreign(.movingImage) : .unsupported
        case "crx ": throw .foreign(.rawPhoto)
        // Videos and everything else in this container.
        default: throw .unknown
        }
    }

    private static let heic: Set<String> = ["heic", "heix", "heim", "heis"]
    private static let films: Set<String> = ["avis", "hevc", "hevx", "hevm", "hevs", "msf1"]
    /// Of any still picture in this container, or of any in AV1: the other brands say which.
    private static let general: Set<String> = ["mif1", "mif2", "miaf", "avio", "MA1A", "MA1B"]

    /// That every box behind the metadata is there to its end, up to the picture's data. What a
    /// camera leaves behind that, such as the film of a motion photo, is no part of the picture.
    private static func checkData(
        _ bytes: inout HeaderBytes, after box: Box, within file: Box
    ) throws(HeaderFault) {
        var offset = box.end
        for _ in 0..<mostBoxes where offset < file.end {
            let box = try Box.read(&bytes, at: offset, within: file)
            try bytes.reaches(box.end)
            if box.type == "mdat" { return }
            offset = box.end
        }
    }

    private static func propertiesOfPrimary(
        _ bytes: inout HeaderBytes, _ meta: Box
    ) throws(HeaderFault) -> [Box] {
        guard meta.end - meta.start <= largestMeta else { throw .malformed }
        try bytes.reaches(meta.end)
        // `meta` is a full box: version and flags come before its children.
        let children = try meta.children(&bytes, from: meta.start + 4, most: mostBoxes)
        guard let primary = children.first(where: { $0.type == "pitm" }),
            let properties = children.first(where: { $0.type == "iprp" })
        else { throw .malformed }
        let isWide = try bytes[primary.start] > 0
        let item = try bytes.bigEndian(primary.start + 4, isWide ? 4 : 2)

        let parts = try properties.children(&bytes, from: properties.start, most: mostBoxes)
        guard let container = parts.first(where: { $0.type == "ipco" }) else { throw .malformed }
        let list = try container.children(&bytes, from: container.start, most: mostBoxes)
        var found: [Box] = []
        for association in parts where association.type == "ipma" {
            for index in try associated(&bytes, association, with: item)
            where index >= 1 && index <= list.count {
                found.append(list[index - 1])
            }
        }
        return found
    }

    /// The size, and of the colour what is no profile: `nclx` holds code points of ITU-T H.273
    /// (14496-12, section 12.1.5).
    private static func note(
        _ properties: [Box], _ bytes: inout HeaderBytes, in header: inout ImageHeader
    ) throws(HeaderFault) {
        guard let size = properties.first(where: { $0.type == "ispe" }), size.count >= 12 else {
            throw .malformed
        }
        header.width = try bytes.bigEndian(size.start + 4, 4)
        header.height = try bytes.bigEndian(size.start + 8, 4)
        for box in properties where box.type == "colr" && box.count >= 10 {
            guard try bytes.fourCharacters(box.start) == "nclx" else { continue }
            let encoding = ColourEncoding(
                ofPhotograph: try bytes.bigEndian(box.start + 4, 2),
                transfer: try bytes.bigEndian(box.start + 6, 2))
            guard let encoding, !encoding.isSRGB else { continue }
            header.colour = DeclaredColour(encoding: encoding, beatsProfile: false)
        }
    }

    /// The property indices, counted from 1, that `ipma` gives to an item.
    private static func associated(
        _ bytes: inout HeaderBytes, _ box: Box, with wanted: Int
    ) throws(HeaderFault) -> [Int] {
        let itemSize = try bytes[box.start] < 1 ? 2 : 4
        let indexSize = try bytes[box.start + 3] & 1 == 0 ? 1 : 2
        let count = try bytes.bigEndian(box.start + 4, 4)
        var offset = box.start + 8
        var found: [Int] = []
        for _ in 0..<min(count, 65_536) {
            guard offset < box.end else { throw .malformed }
            let item = try bytes.bigEndian(offset, itemSize)
            let properties = Int(try bytes[offset + itemSize])
            offset += itemSize + 1
            for _ in 0..<properties {
                guard offset < box.end else { throw .malformed }
                // The highest bit says that a reader must understand the property.
                let index = try bytes.bigEndian(offset, indexSize)
                if item == wanted { found.append(index & (indexSize == 1 ? 0x7F : 0x7FFF)) }
                offset += indexSize
            }
        }
        return found
    }
}

/// A box: its type and where its contents are.
struct Box {
    let type: String
    let start: Int
    let end: Int
    /// Of its contents.
    var count: Int { end - start }

    /// The box at an offset; it must end within its parent. Size 0 means up to the parent's end,
    /// 1 a 64-bit size behind the type (14496-12 section 4.2).
    static func read(
        _ bytes: inout HeaderBytes, at offset: Int, within parent: Box
    ) throws(HeaderFault) -> Box {
        var size = try bytes.bigEndian(offset, 4)
        let type = try bytes.fourCharacters(offset + 4)
        var header = 8
        if size == 1 {
            guard try bytes[offset + 8] == 0 else { throw .malformed }
            size = try bytes.bigEndian(offset + 9, 7)
            header = 16
        }
        guard size == 0 || size >= header else { throw .malformed }
        let (end, overflow) = offset.addingReportingOverflow(size)
        guard !overflow else { throw .malformed }
        guard end <= parent.end else {
            // At the top the parent is the file, and it is what ends too early.
            throw parent.type.isEmpty ? .truncated : .malformed
        }
        return Box(type: type, start: offset + header, end: size == 0 ? parent.end : end)
    }

    func children(
        _ bytes: inout HeaderBytes, from start: Int, most: Int
    ) throws(HeaderFault) -> [Box] {
        var boxes: [Box] = []
        var offset = start
        while offset < end {
            guard boxes.count < most else { throw .malformed }
            let box = try Box.read(&bytes, at: offset, within: self)
            boxes.append(box)
            offset = box.end
        }
        return boxes
    }
}
