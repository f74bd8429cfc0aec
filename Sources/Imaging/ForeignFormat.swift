// Files that are photographs, or nearly, and are not taken in: whoever sent one is told what it is.
// Nothing is decoded here; a few tags of a TIFF are read, since most raw files are one.

internal import Domain

enum ForeignFormat {
    /// Raw files that begin in a way of their own.
    private static let raws: [(offset: Int, [UInt8])] = [
        (8, Array("CR\u{2}".utf8)),  // Canon CR2
        (6, Array("HEAPCCDR".utf8)),  // Canon CRW
        (0, Array("FUJIFILMCCD-RAW".utf8)),
        (0, Array("IIRO".utf8)), (0, Array("IIRS".utf8)), (0, Array("MMOR".utf8)),  // Olympus
        (0, Array("IIU\0".utf8)),  // Panasonic and Leica
        (0, Array("FOVb".utf8)),  // Sigma
        (0, Array("\0MRM".utf8)),  // Minolta
    ]

    /// What to tell of a file of none of our formats; nil where there is nothing to tell.
    static func code(of bytes: inout HeaderBytes) throws(HeaderFault) -> Problem.Code? {
        for (offset, signature) in raws where try matches(signature, at: offset, &bytes) {
            return .rawPhoto
        }
        for (order, number) in [
            ("II", [42, 0]), ("MM", [0, 42]), ("II", [43, 0]), ("MM", [0, 43]),
        ] as [(String, [UInt8])] {
            guard try matches(Array(order.utf8) + number, at: 0, &bytes) else { continue }
            let isRaw = try TIFFDirectory(&bytes, isLittle: order == "II")?.isRaw ?? false
            return isRaw ? .rawPhoto : .tiffImage
        }
        return nil
    }

    /// A file that ends before it does not match.
    private static func matches(
        _ signature: [UInt8], at offset: Int, _ bytes: inout HeaderBytes
    ) throws(HeaderFault) -> Bool {
        do throws(HeaderFault) {
            return try bytes.matches(signature, at: offset)
        } catch .truncated {
            return false
        }
    }
}

/// The first directory of a TIFF (TIFF 6.0, section 2), as far as it tells cameras from scanners.
private struct TIFFDirectory {
    private static let mostTags = 512
    /// Compressions that programs other than cameras write.
    private static let common: Set<Int> = [1, 2, 3, 4, 5, 6, 7, 8, 32_773, 32_946]

    private var tags: [Int: Int] = [:]

    /// Nil for a BigTIFF, and where the directory is not in the file.
    init?(_ bytes: inout HeaderBytes, isLittle: Bool) throws(HeaderFault) {
        func number(_ offset: Int, _ count: Int) throws(HeaderFault) -> Int {
            isLittle
                ? try bytes.littleEndian(offset, count) : try bytes.bigEndian(offset, count)
        }
        do throws(HeaderFault) {
            guard try number(2, 2) == 42 else { return nil }
            let start = try number(4, 4)
            for index in 0..<min(try number(start, 2), Self.mostTags) {
                let entry = start + 2 + 12 * index
                // A short number stands in the first half of its field.
                let isShort = try number(entry + 2, 2) == 3
                tags[try number(entry, 2)] = try number(entry + 8, isShort ? 2 : 4)
            }
        } catch .truncated {
            return nil
        }
    }

    /// A DNG says so. Other cameras' files have a maker and further directories behind a small
    /// picture, mosaics of colour filters, or a compression of their own.
    var isRaw: Bool {
        let (make, subdirectories, dngVersion) = (tags[271], tags[330], tags[50_706])
        let (compression, photometric) = (tags[259] ?? 1, tags[262] ?? 2)
        if dngVersion != nil || [32_803, 34_892].contains(photometric) { return true }
        return make != nil && (subdirectories != nil || !Self.common.contains(compression))
    }
}
