// What a rendition may tell of its photograph: a list of what is kept, never of what is removed,
// so that a field nobody thought of stays behind. docs/decisions/0006-metadata.md says why.

internal import CVips
internal import Domain

extension Raster {
    /// The same pixels with no metadata but what `metadata` keeps, by libvips' names for it.
    func keeping(_ metadata: RenditionSpec.Metadata) throws(VipsFailure) -> Raster {
        let copy = try applying("copy")
        for field in copy.fields {
            if !metadata.kept.contains(field) {
                copy.remove(field)
            } else if let text = copy.text(field), let plain = ExifText(text)?.written {
                copy.setText(field, plain)
            }
        }
        return copy
    }
}

/// A text of EXIF as libvips tells it: `Ana (Ana, ASCII, 4 components, 4 bytes)`. To write it,
/// libvips cuts at the last bracket, which may be the author's own, or one that libexif puts
/// into its description of a copyright.
struct ExifText {
    let value: String

    init?(_ told: String) {
        let parts = told.split(separator: ", ").suffix(3)
        guard parts.count == 3, parts.first == "ASCII",
            let count = parts.dropFirst().first?.split(separator: " ").first.flatMap({ Int($0) }),
            count > 0
        else { return nil }
        // The components are bytes, and the last one is a zero.
        let bytes = told.utf8.prefix(count - 1)
        guard told.utf8.dropFirst(count - 1).starts(with: " (".utf8) else { return nil }
        value = String(decoding: bytes, as: UTF8.self)
    }

    /// The same with a tail that can be cut off.
    var written: String {
        let count = value.utf8.count + 1
        return "\(value) (, ASCII, \(count) components, \(count) bytes)"
    }
}

extension RenditionSpec.Metadata {
    fileprivate var kept: Set<String> {
        switch self {
        case .strip: []
        case .copyright: Self.authorship
        case .keep: Self.authorship.union(Self.camera)
        }
    }

    private static let authorship: Set<String> = ["exif-ifd0-Artist", "exif-ifd0-Copyright"]

    /// No place, no serial numbers or owner's name, no maker's notes, no thumbnail (it can show
    /// what was cut away), no XMP or IPTC (they repeat all of these).
    private static let camera: Set<String> = Set(
        ["ImageDescription", "Make", "Model", "DateTime"].map { "exif-ifd0-" + $0 }
            + [
                "ExposureTime", "FNumber", "ExposureProgram", "ISOSpeedRatings",
                "DateTimeOriginal", "DateTimeDigitized", "ShutterSpeedValue", "ApertureValue",
                "BrightnessValue", "ExposureBiasValue", "MaxApertureValue", "MeteringMode",
                "LightSource", "Flash", "FocalLength", "ExposureMode", "WhiteBalance",
                "FocalLengthIn35mmFilm", "SceneCaptureType", "LensMake", "LensModel",
            ].map { "exif-ifd2-" + $0 })
}
