// Our own reading of an image's header. It decides what a file is before any decoder written in
// C sees it; libmagic and libvips must agree with it afterwards.

internal import Domain

/// What an image file says of itself.
struct ImageHeader: Hashable, Sendable {
    var mediaType: MediaType
    /// Pixels as stored, before any orientation is applied.
    var width: Int
    var height: Int
    /// Frames counted so far; all of them when the whole file was read. Nil where this parser
    /// leaves counting to libvips.
    var frames: Int?
    /// A progressive JPEG or an interlaced PNG or GIF: decoded whole in memory.
    var isInterlaced = false
    /// What its numbers mean, where the file says so outside of a profile.
    var colour: DeclaredColour?
    /// Parts of the file that are hidden from the decoder, in order.
    var hidden: [Range<Int>] = []
    /// What the decoder is shown behind the file's end.
    var added: [UInt8] = []
    /// The images of a GIF, which is decoded here.
    var gif: GIFFile?

    /// How far to read.
    enum Extent { case dimensions, whole }

    /// Reads a header. `whole` also counts frames and looks for the end of the image.
    static func read(
        from bytes: inout HeaderBytes, _ extent: Extent
    ) throws(HeaderFault) -> ImageHeader {
        let header =
            switch try format(of: &bytes) {
            case .jpeg: try jpeg(&bytes, extent)
            case .png: try png(&bytes, extent)
            case .gif: try gif(&bytes, extent)
            case .webp: try webp(&bytes, extent)
            case .isoMedia: try isoMedia(&bytes, extent)
            case .jpegXL: try jpegXL(&bytes)
            }
        guard header.width > 0, header.height > 0 else { throw .malformed }
        return header
    }

    private enum Container { case jpeg, png, gif, webp, isoMedia, jpegXL }

    /// The container by its first bytes. A file too short to tell is unknown once it is whole.
    private static func format(of bytes: inout HeaderBytes) throws(HeaderFault) -> Container {
        let signatures: [(Container, offset: Int, [UInt8])] = [
            (.jpeg, 0, [0xFF, 0xD8, 0xFF]),
            (.png, 0, [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]),
            (.gif, 0, Array("GIF87a".utf8)),
            (.gif, 0, Array("GIF89a".utf8)),
            (.webp, 8, Array("WEBP".utf8)),
            (.isoMedia, 4, Array("ftyp".utf8)),
            (.jpegXL, 0, [0xFF, 0x0A]),
            (.jpegXL, 4, Array("JXL \r\n".utf8) + [0x87, 0x0A]),
        ]
        var undecided = false
        for (container, offset, signature) in signatures {
            do throws(HeaderFault) {
                guard try bytes.matches(signature, at: offset) else { continue }
                if container == .webp, try !bytes.matches("RIFF".utf8, at: 0) { continue }
                return container
            } catch .needsMore {
                undecided = true
            } catch {
                continue
            }
        }
        if undecided { throw .needsMore }
        throw try ForeignFormat.code(of: &bytes).map(HeaderFault.foreign) ?? .unknown
    }
}
