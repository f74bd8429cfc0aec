// Whether a photograph can be decoded at an eighth of its size for little: a baseline JPEG can. Its
// decoder skips most of each block; a progressive one must be unpacked whole before, and no other
// format has such scales. Markers are all that is read here, and nothing depends on the answer but
// the lane: a file that only pretends gains no more than a look from a worker.

import Foundation

enum QuickLook {
    /// A camera's file has about ten segments before its frame header; most of a stranger's are
    /// not worth more reads.
    private static let mostSegments = 64

    /// Whether the file begins as a JPEG of sequential DCT: SOF0 or SOF1 (ITU-T T.81, B.1.1.3).
    static func isBaselineJPEG(_ file: Int32) -> Bool {
        guard read(2, of: file, at: 0) == [0xFF, 0xD8] else { return false }
        var offset: off_t = 2
        for _ in 0..<mostSegments {
            guard let head = read(4, of: file, at: offset), head[0] == 0xFF else { return false }
            switch head[1] {
            case 0xC0, 0xC1: return true
            // DHT, JPG and DAC share the range of the frame headers.
            case 0xC4, 0xC8, 0xCC: break
            case 0xC2...0xCF, 0xDA, 0xD9: return false
            // A fill byte before the marker (B.1.1.2).
            case 0xFF:
                offset += 1
                continue
            default: break
            }
            offset += 2 + (off_t(head[2]) << 8 | off_t(head[3]))
        }
        return false
    }

    private static func read(_ count: Int, of file: Int32, at offset: off_t) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: count)
        return pread(file, &bytes, count, offset) == count ? bytes : nil
    }
}
