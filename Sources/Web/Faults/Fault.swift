// A fault made on purpose, so that one sees how each transport gets over it: what it does, and for how
// long (docs/decisions/0034-faults-on-purpose.md).

import Domain
import NIOCore

struct Fault: Sendable, Equatable {
    enum Kind: Sendable, Equatable {
        /// Every byte comes later, by `jitter` more or less. The order stays.
        case delay(by: TimeAmount, jitter: TimeAmount)
        /// A connection lives so long and no longer.
        case cut(every: TimeAmount)
        /// An answer is kept until it is complete, as a buffering proxy does.
        case hold
        /// What is open is cut, and each request is answered with 502, as by a proxy that has lost its server.
        case badGateway
        /// Nothing more arrives, in neither direction, and nothing closes.
        case halfOpen
        /// A reader that takes so many bytes a second.
        case slow(bytesPerSecond: Int)
        /// What is open is closed, and nothing is answered.
        case outage
    }

    let kind: Kind
    let length: TimeAmount

    /// In the order in which pages offer them.
    static let names = ["delay", "cut", "hold", "bad-gateway", "half-open", "slow", "outage"]
}

extension Fault {
    /// - Throws: `bad-request` with the limit and the value that met it.
    init(reading members: [String: JSON]) throws(Problem) {
        length = .milliseconds(
            Int64(try members.number("ms", in: 100...30_000, otherwise: 3_000)))
        switch members["fault"]?.stringValue {
        case "delay":
            let delay = try members.number("delayMs", in: 1...5_000, otherwise: 400)
            let jitter = try members.number("jitterMs", in: 0...delay, otherwise: delay / 2)
            kind = .delay(by: .milliseconds(Int64(delay)), jitter: .milliseconds(Int64(jitter)))
        case "cut":
            let every = try members.number("everyMs", in: 100...30_000, otherwise: 1_000)
            kind = .cut(every: .milliseconds(Int64(every)))
        case "hold": kind = .hold
        case "bad-gateway": kind = .badGateway
        case "half-open": kind = .halfOpen
        case "slow":
            kind = .slow(
                bytesPerSecond: try members.number(
                    "bytesPerSecond", in: 100...1_000_000, otherwise: 1_000))
        case "outage": kind = .outage
        default:
            throw Problem(
                .badRequest, "fault must be one of: \(Self.names.joined(separator: ", ")).")
        }
    }
}

extension [String: JSON] {
    fileprivate func number(
        _ name: String, in range: ClosedRange<Int>, otherwise usual: Int
    ) throws(Problem) -> Int {
        guard let given = self[name] else { return usual }
        let number = given.intValue
        guard let number, range.contains(number) else {
            let isLow = number.map { $0 < range.lowerBound } ?? false
            throw Problem(
                .badRequest,
                "\(name) must be a whole number from \(range.lowerBound) to \(range.upperBound).",
                limit: isLow ? range.lowerBound : range.upperBound, actual: number)
        }
        return number
    }
}

/// What the requests of one run of the comparing page have in common: the beginning of `lane` in their query.
struct FaultyRun: Hashable, Sendable {
    static let longest = 32
    let name: String

    /// Nil where it is no name: 1 to 32 of a to z and 0 to 9.
    init?(_ name: some StringProtocol) {
        guard (1...Self.longest).contains(name.utf8.count),
            name.utf8.allSatisfy({ (97...122).contains($0) || (48...57).contains($0) })
        else { return nil }
        self.name = String(name)
    }

    /// The run that a request's `lane=RUN.WAY.NUMBER` names.
    init?(uri: String) {
        guard let query = uri.firstIndex(of: "?") else { return nil }
        let lane = uri[query...].dropFirst().split(separator: "&").first { $0.hasPrefix("lane=") }
        guard let lane else { return nil }
        self.init(lane.dropFirst("lane=".count).prefix { $0 != "." })
    }
}
