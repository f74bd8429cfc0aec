// What a client may say over its WebSocket, and how often.

import Domain
import NIOCore

/// `{"id":1,"cancel":"i_…"}`, the same with `retry` or `info`, or `{"id":2,"ping":…}`. With
/// `"key":"…"` it is done once, as by an `Idempotency-Key`.
struct SocketCommand {
    enum Kind {
        case image(ImageCommand, Image.ID, IdempotencyKey?)
        /// What comes back: a number, a text, true, false or null.
        case ping(JSON)
    }

    /// One object without others in it; what is longer or deeper is no command.
    private static let bounds = JSON.Bounds(depth: 1, values: 8)

    /// What the client calls the command: a number or a text, sent back with the reply. Null where
    /// it cannot be told.
    let id: JSON
    let kind: Result<Kind, Problem>

    init(_ text: ByteBuffer) {
        guard let json = try? JSON(parsing: String(buffer: text), within: Self.bounds),
            case .object(let members) = json
        else {
            id = .null
            kind = .failure(
                Problem(.badRequest, "A command is a JSON object without others in it."))
            return
        }
        switch members["id"] {
        case .some(.int(let number)): id = .int(number)
        case .some(.string(let name)) where name.utf8.count <= 64: id = .string(name)
        default:
            id = .null
            kind = .failure(
                Problem(.badRequest, "A command needs an id: a number or a short text."))
            return
        }
        kind = Result { () throws(Problem) in try Self.kind(members) }
    }

    private static func kind(_ members: [String: JSON]) throws(Problem) -> Kind {
        if let value = members["ping"] { return .ping(value) }
        for command in ImageCommand.allCases {
            guard let name = members[command.rawValue] else { continue }
            guard let image = name.stringValue.flatMap({ Image.ID($0) }) else {
                throw Problem(.noSuchImage)
            }
            return .image(command, image, try key(members))
        }
        throw Problem(.badRequest, "The commands are cancel, retry, info and ping.")
    }

    private static func key(_ members: [String: JSON]) throws(Problem) -> IdempotencyKey? {
        guard let key = members["key"] else { return nil }
        guard let word = key.stringValue else { throw Problem(.badRequest, "A key is a text.") }
        return try IdempotencyKey(word)
    }
}

/// A token bucket (so many at once, so many a second), a bound on commands under way, and the end
/// of patience.
struct CommandAllowance {
    enum Verdict: Equatable { case allow, refuse, refuseAll }

    private let limits: EventsLimits
    private var tokens: Double
    private var filledAt: NIODeadline?
    private var running = 0
    private var refused = 0

    init(_ limits: EventsLimits) {
        self.limits = limits
        tokens = Double(limits.commandBurst)
    }

    mutating func take(at now: NIODeadline) -> Verdict {
        if let filledAt {
            let seconds = Double((now - filledAt).nanoseconds) / 1e9
            tokens = min(
                Double(limits.commandBurst), tokens + seconds * Double(limits.commandsPerSecond))
        }
        filledAt = now
        guard tokens >= 1, running < limits.commandBurst else {
            refused += 1
            return refused >= limits.refusedCommands ? .refuseAll : .refuse
        }
        tokens -= 1
        refused = max(0, refused - 1)
        return .allow
    }

    mutating func begin() { running += 1 }
    mutating func end() { running -= 1 }
}
