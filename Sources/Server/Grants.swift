// `revela grants`: the rights that stand.

import ArgumentParser
import Domain
import Foundation
import SQLiteStore
import Web

struct Grants: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Lists and withdraws drop links, signed grants, invitations and who took one.",
        discussion:
            "The server may run meanwhile, and follows within a few seconds. See also revela keys.",
        subcommands: [List.self, Withdraw.self], defaultSubcommand: List.self)

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Lists rights, without secrets. Links that are over come last.")

        @OptionGroup var flags: Flags

        @OptionGroup var length: ListLength

        @Flag(help: "Print JSON, a line for each.")
        var json = false

        func run() async throws {
            let (now, limit) = (Date(), length.limit + 1)
            let (links, invitations, rights) = try await withStore(flags) {
                (
                    try await $0.links(limit: limit),
                    try await $0.invitations(at: now, limit: limit),
                    try await $0.heldRights(limit: limit)
                )
            }
            for link in length.first(of: links) {
                print(json ? link.told(at: now).text : link.line(at: now))
            }
            for invitation in length.first(of: invitations) {
                print(json ? invitation.told.text : invitation.line)
            }
            for right in length.first(of: rights) { print(json ? right.told.text : right.line) }
        }
    }

    struct Withdraw: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Withdraws a right: what is unfinished is given up, and what came stays.")

        @OptionGroup var flags: Flags

        @Argument(help: "The right, as the list has it.")
        var id: String

        func run() async throws {
            if let link = DropLink.ID(id) {
                let note: [String: JSON] = ["command": "grants withdraw", "grant": .string(id)]
                try await give(.endLink(link), flags, noting: note)
                print("\(id) is over \(try await soon(flags)).")
            } else if AppKey.ID(id) != nil {
                throw ValidationError("\(id) is a key: revela keys withdraw \(id)")
            } else if id.count == WaitingInvitation.shortLength, id.allSatisfy(\.isHexDigit) {
                try await withdrawByHash()
            } else {
                throw ValidationError("\(id) is no right's name.")
            }
        }

        private func withdrawByHash() async throws {
            let id = id.lowercased()
            let note: [String: JSON] = ["command": "grants withdraw", "grant": .string(id)]
            do {
                try await withStore(flags, noting: note) { try await $0.withdrawInvitation(id) }
                print("The invitation \(id) is withdrawn.")
            } catch let problem as Problem where problem.code == .noSuchInvitation {
                do {
                    try await withStore(flags, noting: note) {
                        try await $0.withdrawRights(ofHolder: id)
                    }
                    print("\(id) may begin no more batches. What they have begun stays theirs.")
                } catch let problem as Problem where problem.code == .noSuchGrant {
                    throw ValidationError("There is no invitation and no holder \(id).")
                }
            }
        }
    }
}

extension LinkOverview {
    fileprivate func told(at date: Date) -> JSON {
        var members: [String: JSON] = [
            "kind": .string(key == nil ? "drop link" : "grant"), "id": .string(link.id.rawValue),
            "title": .string(link.title), "over": .bool(isOver(at: date)),
            "until": .string(link.until.timestamp), "guests": .int(guests),
            "images": .int(images), "bytes": .int(bytes),
        ]
        members["key"] = key.map { .string($0.rawValue) }
        members["batch"] = hasBatch ? .string(link.batch.rawValue) : nil
        members["maxFiles"] = link.files.map { .int($0) }
        members["maxBytes"] = link.bytes.map { .int($0) }
        members["maxFileBytes"] = link.fileBytes.map { .int($0) }
        members["waiting"] = isEnding ? "withdraw" : nil
        return .object(members)
    }

    fileprivate func line(at date: Date) -> String {
        let columns = [
            link.id.rawValue, key.map { "grant of \($0)" } ?? "drop link",
            isOver(at: date) ? "over" : "until \(link.until.minute)",
            isEnding ? "to be withdrawn" : nil,
            key == nil ? guests.of("guest") : nil,
            link.files.map { "\(images) of \($0) photos" } ?? images.of("photo"),
            bytes.inWords + (link.bytes.map { " of \($0.inWords)" } ?? ""),
            hasBatch ? link.batch.rawValue : nil, link.title,
        ]
        return columns.compactMap(\.self).filter { !$0.isEmpty }.joined(separator: "  ")
    }
}

extension WaitingInvitation {
    /// Of the names that are shown, as those of holders.
    fileprivate static let shortLength = 12

    private var shortName: String { String(name.prefix(Self.shortLength)) }

    fileprivate var told: JSON {
        [
            "kind": "invitation", "id": .string(shortName), "may": .string(right.rawValue),
            "until": .string(until.timestamp),
        ]
    }

    fileprivate var line: String {
        "\(shortName)  invitation  until \(until.minute)  may \(right.rawValue)"
    }
}

extension HeldRight {
    fileprivate var told: JSON {
        [
            "kind": "holder", "id": .string(holder.shortName), "may": .string(right.rawValue),
            "since": .string(since.timestamp),
        ]
    }

    fileprivate var line: String {
        "\(holder.shortName)  holder  since \(since.minute)  may \(right.rawValue)"
    }
}
