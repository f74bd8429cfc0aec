// The check of a whole file. Three readers must name the same format and size: our own parser,
// libmagic, and libvips' decoder for that format, called by name. Two sniffers that disagree are
// how a MATLAB file named .png once reached a decoder nobody had meant to run (CVE-2026-66066). A GIF
// has two readers: our parser is its decoder's.

internal import Domain

/// A file that passed the check.
struct CheckedFile {
    let input: InputFile
    let header: ImageHeader
    /// EXIF orientation, 1 to 8.
    let orientation: Int

    var size: Int { input.size }
    /// As its decoder is shown it.
    var source: PhotoSource {
        PhotoSource(input, hiding: header.hidden, adding: header.added)
    }
    var isAnimation: Bool { header.frames ?? 1 > 1 }

    /// As stored, before the orientation is applied.
    var storedSize: PixelSize { PixelSize(width: header.width, height: header.height) }
    /// As it is meant to be seen.
    var uprightSize: PixelSize { orientation >= 5 ? storedSize.rotated : storedSize }
}

struct FileCheck {
    let magic: Magic
    let limits: ImageLimits

    /// Checks a whole file; throws why it is refused.
    func check(descriptor: Int32) throws(Problem) -> CheckedFile {
        let input = try InputFile(descriptor: descriptor)
        guard input.size > 0 else { throw Problem(.emptyFile) }
        do throws(Problem) {
            return try check(input)
        } catch {
            throw input.trouble ?? error
        }
    }

    private func check(_ input: InputFile) throws(Problem) -> CheckedFile {
        var bytes = HeaderBytes(input, available: input.size, total: input.size)
        var header = try read(&bytes, of: input)
        try agree(header, with: input, available: input.size)
        try limits.check(header)
        if header.gif != nil { return CheckedFile(input: input, header: header, orientation: 1) }

        let image: Raster
        do {
            image = try Loader.open(
                PhotoSource(input, hiding: header.hidden, adding: header.added),
                as: header.mediaType)
        } catch {
            throw Problem(input.memory.wasShort ? .outOfMemory : .damaged)
        }
        try adopt(image, into: &header)
        try limits.check(header)
        // libjxl has turned the picture, and libvips still tells how.
        let orientation = header.mediaType == .jpegXL ? 1 : image.orientation
        return CheckedFile(input: input, header: header, orientation: orientation)
    }

    /// Looks at the first bytes of an upload still under way.
    func sniff(descriptor: Int32, available: Int, total: Int?) -> RenderReport.Verdict {
        if total == 0 { return .refuse(Problem(.emptyFile)) }
        guard available > 0 else { return .undecided }
        let input = InputFile(descriptor: descriptor, size: available)
        var bytes = HeaderBytes(input, available: available, total: total)
        do {
            let header = try ImageHeader.read(from: &bytes, .dimensions)
            try agree(header, with: input, available: available)
            try limits.check(header)
            return .fits
        } catch let problem as Problem {
            return .refuse(problem)
        } catch HeaderFault.needsMore {
            return .undecided
        } catch let fault as HeaderFault {
            return .refuse(problem(for: fault, of: input, available: available))
        } catch {
            return .undecided
        }
    }

    private func read(
        _ bytes: inout HeaderBytes, of input: InputFile
    ) throws(Problem) -> ImageHeader {
        do throws(HeaderFault) {
            return try ImageHeader.read(from: &bytes, .whole)
        } catch {
            throw problem(for: error, of: input, available: bytes.available)
        }
    }

    private func agree(
        _ header: ImageHeader, with input: InputFile, available: Int
    ) throws(Problem) {
        if MediaType.riskyInputs.contains(header.mediaType), !limits.acceptsRisky {
            throw Problem(.unsupportedFormat, "This format is accepted only in a whole sandbox.")
        }
        guard let opinion = opinion(input, available) else {
            throw Problem(.internal, "The file cannot be examined.")
        }
        guard Magic.agrees(opinion, with: header.mediaType) else { throw Problem(.formatMismatch) }
    }

    private func opinion(_ input: InputFile, _ available: Int) -> String? {
        let wanted = min(available, Magic.needed)
        let head = [UInt8](unsafeUninitializedCapacity: wanted) { buffer, count in
            count = max(0, input.read(at: 0, into: UnsafeMutableRawBufferPointer(buffer)))
        }
        return head.isEmpty ? nil : magic.mediaType(of: head)
    }

    /// A file our parser refuses, in the words that help most.
    private func problem(
        for fault: HeaderFault, of input: InputFile, available: Int
    ) -> Problem {
        switch fault {
        case .unknown:
            // An image by libmagic's word is one we do not take in.
            let opinion = opinion(input, available) ?? ""
            return Problem(opinion.hasPrefix("image/") ? .unsupportedFormat : .notAnImage)
        case .unsupported: return Problem(.unsupportedFormat)
        case .foreign(let code): return Problem(code)
        case .needsMore, .truncated, .malformed: return Problem(.damaged)
        }
    }

    /// Takes libvips' word on what only it counts, and refuses what it sees otherwise.
    private func adopt(_ image: Raster, into header: inout ImageHeader) throws(Problem) {
        let seen = PixelSize(width: image.width, height: image.height)
        let stored = PixelSize(width: header.width, height: header.height)
        switch header.mediaType {
        case .avif, .heic, .jpegXL:
            // These decoders turn and crop by themselves and can show less than is stored, never more.
            guard seen.longer <= stored.longer, seen.shorter <= stored.shorter else {
                throw Problem(.formatMismatch)
            }
        default:
            guard seen == stored else { throw Problem(.formatMismatch) }
        }
        header.width = seen.width
        header.height = seen.height
        header.frames = max(header.frames ?? 1, Self.isFilm(header) ? image.frames : 1)
    }

    /// HEIC and AVIF can hold several pictures, as of a burst: the first one is the photograph, and
    /// nothing decodes the others.
    private static func isFilm(_ header: ImageHeader) -> Bool {
        ![.heic, .avif, .jpegXL].contains(header.mediaType)
    }
}
