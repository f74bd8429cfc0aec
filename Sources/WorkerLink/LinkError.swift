// What can go wrong between the two processes, as a closed set.

internal import Glibc

/// A failure of the link itself, never of a photograph.
package enum LinkError: Error, Sendable, Hashable {
    /// A frame that is no message of the expected type.
    case undecodable(expected: String)
    /// A frame over `Frame.maximumSize`, or with more descriptors than one frame carries.
    case tooLarge
    /// A message came with another number of descriptors than it needs.
    case descriptors(expected: Int, actual: Int)
    /// The other end is gone.
    case closed
    /// A system call failed with this errno.
    case system(String, Int32)

    /// Turns the C half's convention, a negated errno, into an error.
    static func check(_ call: String, _ result: Int32) throws(LinkError) -> Int32 {
        guard result >= 0 else { throw .system(call, -result) }
        return result
    }
}

extension LinkError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .undecodable(let expected): "a message is no \(expected)"
        case .tooLarge: "a message is too large"
        case .descriptors(let expected, let actual):
            "a message came with \(actual) descriptors instead of \(expected)"
        case .closed: "the other end is gone"
        case .system(let call, let code): "\(call): \(String(cString: strerror(code)))"
        }
    }
}
