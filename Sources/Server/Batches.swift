// `revela batches`: all batches of an installation.

import ArgumentParser
import Domain
import Foundation
import SQLiteStore
import Web

struct Batches: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Lists all batches, by size, age or end, deletes them and says when they end.",
        discussion: """
            The server may run meanwhile, and follows within a few seconds. A batch's name is the \
            right to read it.
            """,
        subcommands: [List.self, Delete.self, Expire.self], defaultSubcommand: List.self)

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Lists batches.")

        @OptionGroup var flags: Flags

        @Option(
            help:
                "What comes first: the largest (size), the oldest (age), or, of those that end, the first to end (expiry)."
        )
        var by = BatchOverview.Order.size

        @OptionGroup var length: ListLength

        @Flag(help: "Print JSON, a line for each.")
        var json = false

        func run() async throws {
            let found = try await withStore(flags) {
                try await $0.batches(by: by, limit: length.limit + 1)
            }
            for batch in length.first(of: found) { print(json ? batch.told.text : batch.line) }
        }
    }

    struct Delete: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Deletes a batch with all its photos, as its owner could.")

        @OptionGroup var flags: Flags

        @Argument(help: "The batch, as the list has it.")
        var batch: String

        func run() async throws {
            let id = try named(batch)
            let note: [String: JSON] = [
                "command": "batches delete", "batch": .string(id.shortName),
            ]
            try await give(.deleteBatch(id), flags, noting: note)
            let when = try await soon(flags)
            print("\(id) is deleted \(when). Its address answers 410 from then on.")
        }
    }

    struct Expire: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Says when a batch ends, sooner or later than it would.")

        @OptionGroup var flags: Flags

        @Argument(help: "The batch, as the list has it.")
        var batch: String

        @Option(help: "So many days from now, 1 to 36500.")
        var days: Int?

        @Option(help: "At this time, such as 2030-01-31 (in UTC) or 2030-01-31T12:00:00Z.")
        var at: String?

        @Flag(help: "Keep it for ever.")
        var never = false

        func validate() throws {
            guard [days != nil, at != nil, never].filter(\.self).count == 1 else {
                throw ValidationError("Give one of --days, --at and --never.")
            }
            if let days, !(1...36_500).contains(days) {
                throw ValidationError("--days is \(days), and must be 1 to 36500.")
            }
        }

        func run() async throws {
            let id = try named(batch)
            let end = try end()
            let note: [String: JSON] = [
                "command": "batches expire", "batch": .string(id.shortName),
                "expiresAt": end.map { .string($0.timestamp) } ?? .null,
            ]
            try await give(.rescheduleBatch(id, to: end), flags, noting: note)
            let what = end.map { "ends \($0.minute)" } ?? "has no end"
            print("\(id) \(what). That is set \(try await soon(flags)).")
        }

        private func end() throws -> Date? {
            if let days { return Date() + Double(days) * .day }
            guard let at else { return nil }
            guard let end = Date(timestamp: at) ?? Date(timestamp: at + "T00:00:00Z") else {
                throw ValidationError(
                    "\(at) is no time such as 2030-01-31 or 2030-01-31T12:00:00Z.")
            }
            guard end > Date() else {
                throw ValidationError("\(at) has passed: revela batches delete deletes a batch.")
            }
            return end
        }
    }
}

/// How long a list is at most.
struct ListLength: ParsableArguments {
    @Option(help: "How many at most, 1 to 10000.")
    var limit = 100

    private static let range = 1...10_000

    func validate() throws {
        guard Self.range.contains(limit) else {
            throw ValidationError("--limit is \(limit), and must be 1 to 10000.")
        }
    }

    /// Of a list that was asked for one more: where that is there, it is said that there are more.
    func first<Element>(of found: [Element]) -> some Collection<Element> {
        if found.count > limit {
            let more = "There are more than \(limit): --limit shows up to 10000.\n"
            FileHandle.standardError.write(Data(more.utf8))
        }
        return found.prefix(limit)
    }
}

private func named(_ text: String) throws -> Batch.ID {
    guard let id = Batch.ID(text) else { throw ValidationError("\(text) is no batch's name.") }
    return id
}

/// Leaves an instruction for the server.
/// - Parameter note: for the audit log.
func give(
    _ instruction: Instruction, _ flags: Flags, noting note: [String: JSON]
) async throws {
    let missing: [Problem.Code] = [.noSuchBatch, .batchDeleted, .noSuchDropLink]
    do {
        try await withStore(flags, noting: note) { try await $0.give(instruction) }
    } catch let problem as Problem where missing.contains(problem.code) {
        throw ValidationError(problem.detail)
    }
}

/// When the server does what it was told.
func soon(_ flags: Flags) async throws -> String {
    let folder = try await Settings(flags).dataFolder
    return DataFolder.isTaken(folder)
        ? "within \(Composition.secondsToFollow) seconds, by the running server"
        : "at the server's next start, since none runs now"
}

extension BatchOverview.Order: ExpressibleByArgument {}

extension BatchOverview {
    fileprivate var told: JSON {
        var members: [String: JSON] = [
            "id": .string(id.rawValue), "images": .int(images), "bytes": .int(bytes),
            "createdAt": .string(createdAt.timestamp), "keeper": .string(keeper.shortName),
        ]
        members["name"] = name.map { .string($0) }
        members["changedAt"] = changedAt.map { .string($0.timestamp) }
        members["expiresAt"] = expiresAt.map { .string($0.timestamp) }
        switch origin {
        case .owner: members["cameBy"] = "owner"
        case .dropLink(let link):
            members["cameBy"] = "drop link"
            members["link"] = .string(link.rawValue)
        case .grant(let link, let key):
            members["cameBy"] = "grant"
            members["link"] = .string(link.rawValue)
            members["key"] = .string(key.rawValue)
        }
        switch waiting {
        case .deleteBatch: members["waiting"] = "delete"
        case .rescheduleBatch: members["waiting"] = "expire"
        case .endLink, nil: break
        }
        return .object(members)
    }

    fileprivate var line: String {
        let columns = [
            id.rawValue, images.of("photo"), bytes.inWords, "begun \(createdAt.minute)",
            changedAt.map { "changed \($0.minute)" }, expiresAt.map { "ends \($0.minute)" },
            cameBy, wait, name,
        ]
        return columns.compactMap(\.self).joined(separator: "  ")
    }

    private var cameBy: String {
        switch origin {
        case .owner: "of \(keeper.shortName)"
        case .dropLink(let link): "by \(link), of \(keeper.shortName)"
        case .grant(let link, let key): "by \(link), a grant of \(key)"
        }
    }

    private var wait: String? {
        switch waiting {
        case .deleteBatch: "to be deleted"
        case .rescheduleBatch(_, to: let end): end.map { "to end \($0.minute)" } ?? "to have no end"
        case .endLink, nil: nil
        }
    }
}

extension Date {
    /// In UTC, to the minute.
    var minute: String { timestamp.prefix(16).replacing("T", with: " ") + "Z" }
}

extension Int {
    /// So many of something.
    func of(_ noun: String) -> String { self == 1 ? "1 \(noun)" : "\(self) \(noun)s" }

    /// Bytes in the unit that suits them.
    var inWords: String {
        let units = ["KiB", "MiB", "GiB", "TiB"]
        guard self >= 1 << 10 else { return "\(self) bytes" }
        let power = Swift.min((bitWidth - leadingZeroBitCount - 1) / 10, units.count)
        let tenths = Int((Double(self) / Double(1 << (10 * power)) * 10).rounded())
        return "\(tenths / 10).\(tenths % 10) \(units[power - 1])"
    }
}
