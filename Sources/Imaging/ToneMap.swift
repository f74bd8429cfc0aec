// From a high dynamic range to what paper shows. Everything up to white paper keeps its proportions
// at half the light, and what is brighter shares the other half: the "reference white tone mapping"
// of SMPTE ST 2094-50, which Chromium uses too. docs/decisions/0023-declared-colour.md says why.

internal import Glibc

enum ToneMap {
    /// The light of white paper, in cd/m² (BT.2408).
    static let paperWhite = 203.0
    /// The brightest light that is told apart, in cd/m²: of mastering displays the most common.
    static let peak = 1000.0

    /// Where the half range ends, in paper whites, and the light it has then.
    private static let knee = (x: 1.0, y: 0.5)
    /// How straight the curve leaves the knee and arrives.
    private static let bend = 0.65

    /// What becomes of the largest of a colour's three amounts of BT.2020; 1 is white before and
    /// after. All three are scaled alike, so that the colour stays.
    static func mapped(_ light: Double) -> Double {
        let end = (x: peak / paperWhite, y: 1.0)
        if light <= knee.x { return light * knee.y }
        if light >= end.x { return end.y }
        // A quadratic Bézier curve, by the part of the way at which it has this light.
        let middle = (
            x: (1 - bend) * knee.x + bend * knee.x * end.y / knee.y,
            y: (1 - bend) * knee.y + bend * end.y
        )
        let a = knee.x - 2 * middle.x + end.x
        let b = 2 * (middle.x - knee.x)
        let way = (-b + (b * b + 4 * a * (light - knee.x)).squareRoot()) / (2 * a)
        let rest = 1 - way
        return rest * rest * knee.y + 2 * rest * way * middle.y + way * way * end.y
    }

    /// By what a colour of BT.2020 is multiplied whose largest amount is this.
    static func gain(_ largest: Double) -> Double {
        largest > 0 ? mapped(largest) / largest : 1
    }

    /// HLG's light of the scene as its display's (BT.2100, table 5, with gamma 1.2), in paper
    /// whites: `luminance` is the scene's.
    static func displayGain(_ luminance: Double) -> Double {
        luminance > 0 ? pow(luminance, 0.2) * peak / paperWhite : 0
    }
}
