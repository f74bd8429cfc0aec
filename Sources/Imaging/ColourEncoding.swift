// What the numbers of a picture without a profile mean, and how they become sRGB. libvips knows
// colour by profiles alone; a PNG's cICP, gAMA and cHRM and the nclx of AVIF and HEIC are read here.

internal import Glibc

/// A colour encoding that the file declares beside its profile, or instead of one.
struct DeclaredColour: Hashable, Sendable {
    let encoding: ColourEncoding
    let beatsProfile: Bool
}

struct ColourEncoding: Hashable, Sendable {
    let primaries: Primaries
    let transfer: Transfer

    /// Nil where the primaries span no colours.
    init?(primaries: Primaries, transfer: Transfer) {
        guard primaries.matrix != nil else { return nil }
        self.primaries = primaries
        self.transfer = transfer
    }

    /// By code points of ITU-T H.273, tables 2 and 3, as a PNG's cICP has them; nil where one of them
    /// says nothing.
    init?(primaries: Int, transfer: Int) {
        guard let primaries = Primaries(codePoint: primaries),
            let transfer = Transfer(codePoint: transfer)
        else { return nil }
        self.init(primaries: primaries, transfer: transfer)
    }

    /// By the same numbers in an AVIF or HEIC. There they come with photographs, and encoders write
    /// those of BT.709 and its kin, or none, with whatever they were given: sRGB, in practice.
    init?(ofPhotograph primaries: Int, transfer: Int) {
        let isVague = [1, 6, 11, 14, 15].contains(transfer)
        self.init(
            primaries: Primaries(codePoint: primaries) ?? .sRGB,
            transfer: isVague ? .sRGB : Transfer(codePoint: transfer) ?? .sRGB)
    }

    /// Whether there is nothing to convert.
    var isSRGB: Bool { self == ColourEncoding(primaries: .sRGB, transfer: .sRGB) }
}

/// How light follows from a number between 0 and 1.
enum Transfer: Hashable, Sendable {
    case sRGB
    case linear
    case power(Double)
    case smpte240, smpte428
    /// SMPTE ST 2084: absolute, up to 10,000 cd/m².
    case perceptualQuantizer
    /// ARIB STD-B67, shown as BT.2100 says on a display of 1,000 cd/m².
    case hybridLogGamma

    init?(codePoint: Int) {
        switch codePoint {
        // BT.709 and its kin are meant for the display of BT.1886.
        case 1, 6, 11, 14, 15: self = .power(2.4)
        case 4: self = .power(2.2)
        case 5: self = .power(2.8)
        case 7: self = .smpte240
        case 8: self = .linear
        case 13: self = .sRGB
        case 16: self = .perceptualQuantizer
        case 17: self = .smpte428
        case 18: self = .hybridLogGamma
        default: return nil
        }
    }

    var isHighRange: Bool { self == .perceptualQuantizer || self == .hybridLogGamma }

    /// 1 is white. For a high range 1 is what white paper would be, 203 cd/m² (BT.2408), and for
    /// HLG, light of the scene.
    func light(_ value: Double) -> Double {
        switch self {
        case .sRGB: value <= 0.040_45 ? value / 12.92 : pow((value + 0.055) / 1.055, 2.4)
        case .linear: value
        case .power(let exponent): pow(value, exponent)
        case .smpte240: value < 0.0912 ? value / 4 : pow((value + 0.1115) / 1.1115, 1 / 0.45)
        case .smpte428: pow(value, 2.6) * 52.37 / 48
        case .perceptualQuantizer: Self.perceptual(value) / ToneMap.paperWhite
        case .hybridLogGamma:
            value <= 0.5
                ? value * value / 3
                : (exp((value - 0.559_910_73) / 0.178_832_77) + 0.284_668_92) / 12
        }
    }

    /// In cd/m²; ST 2084, section 5.1.
    private static func perceptual(_ value: Double) -> Double {
        let (m1, m2) = (2610.0 / 16384, 2523.0 / 32)
        let (c1, c2, c3) = (3424.0 / 4096, 2413.0 / 128, 2392.0 / 128)
        let root = pow(value, 1 / m2)
        return 10_000 * pow(max(root - c1, 0) / (c2 - c3 * root), 1 / m1)
    }

    /// Light as sRGB's numbers, 0 to 1 (IEC 61966-2-1).
    static func encoded(_ light: Double) -> Double {
        let light = min(1, max(0, light))
        return light <= 0.003_130_8 ? 12.92 * light : 1.055 * pow(light, 1 / 2.4) - 0.055
    }
}
