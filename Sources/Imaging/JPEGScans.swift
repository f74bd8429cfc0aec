// Whether a JPEG's scans hold a whole picture. A decoder makes no difference between a scan that was
// cut away and one that was never meant to be. That none of them ends early is the decoder's to say.

struct JPEGScans {
    /// By component: for each of its 64 coefficients the lowest bit that a scan has brought (T.81,
    /// G.1.1.1.2), or nil before there was one. A sequential scan brings all of them whole.
    private var bits: [UInt8: [Int?]] = [:]
    private let isProgressive: Bool
    private var offset: Int

    /// `frame` is where the frame header's length stands.
    init(
        _ bytes: inout HeaderBytes, frame: Int, isProgressive: Bool
    ) throws(HeaderFault) {
        self.isProgressive = isProgressive
        for index in 0..<Int(try bytes[frame + 7]) {
            bits[try bytes[frame + 8 + 3 * index]] = Array(repeating: nil, count: 64)
        }
        offset = frame + (try bytes.bigEndian(frame, 2))
    }

    /// Throws where something of the picture has no scan. One that was told to end may leave the
    /// finest bits out, which nobody sees and T.81 allows; one that only stops has lost them.
    consuming func check(_ bytes: inout HeaderBytes) throws(HeaderFault) {
        while !isComplete {
            switch try JPEGMarker.next(&bytes, &offset) {
            case 0x01, 0xD0...0xD7: continue
            case 0xD9:
                guard hasAllCoefficients else { throw .malformed }
                return
            case 0xDA: try noteScan(&bytes)
            default: try JPEGMarker.pass(&bytes, &offset)
            }
        }
    }

    private var isComplete: Bool { bits.values.allSatisfy { $0.allSatisfy { $0 == 0 } } }
    private var hasAllCoefficients: Bool { bits.values.allSatisfy { !$0.contains(nil) } }

    /// The scan header, B.2.3: length, components, spectral selection, bit positions. The search for
    /// the next marker steps over its data, in which FF is followed by 00 or a restart.
    private mutating func noteScan(_ bytes: inout HeaderBytes) throws(HeaderFault) {
        let count = Int(try bytes[offset + 2])
        let last = offset + 3 + 2 * count
        let (from, to) = (Int(try bytes[last]), Int(try bytes[last + 1]))
        let low = Int(try bytes[last + 2] & 0x0F)
        for index in 0..<count {
            let component = try bytes[offset + 3 + 2 * index]
            guard bits[component] != nil else { throw .malformed }
            if !isProgressive {
                bits[component] = Array(repeating: 0, count: 64)
            } else if from <= to, to < 64 {
                for coefficient in from...to { bits[component]?[coefficient] = low }
            }
        }
        try JPEGMarker.pass(&bytes, &offset)
    }
}
