// Whether a failure may be want of memory. A decoder's words say nothing of it: the same sentence
// stands for a file that is cut short. What this process was refused does.

internal import CAllocation

struct MemoryWatch {
    private let before = callocation_failures()

    /// What a decoder may have asked the system for itself, for a thread's stack or a mapping.
    private static let margin: UInt64 = 16 << 20

    /// Whether a request for memory has failed since, or one would fail now.
    var wasShort: Bool {
        callocation_failures() != before || callocation_has(Self.margin) == 0
    }
}
