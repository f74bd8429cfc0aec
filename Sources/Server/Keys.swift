// `revela keys`: keys with which apps sign grants.

import ArgumentParser
import Domain
import Foundation
import SQLiteStore
import Web

struct Keys: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Makes, lists and withdraws keys, with which apps sign grants for their users.",
        discussion:
            "The server may run meanwhile, and follows within a few seconds. See docs/apps.md.",
        subcommands: [Add.self, List.self, Withdraw.self], defaultSubcommand: List.self)

    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Makes a key and prints it. Its secret is printed only now.")

        @OptionGroup var flags: Flags

        @Option(help: "What you call it.")
        var name: String

        @Option(
            help:
                "Origin whose pages may use its grants, such as https://albums.example; may be repeated."
        )
        var origin: [String] = []

        @Flag(
            help:
                "Let its grants manage all batches that came by it, and not only add to their own.")
        var manage = false

        @Flag(help: "Print JSON.")
        var json = false

        func run() async throws {
            let key = AppKey(
                name: name, mayManage: manage, origins: try origin.map { try Settings.origin($0) })
            try await withStore(flags, noting: ["command": "keys add", "key": key.told]) {
                try await $0.addKey(key, at: Date())
            }
            guard !json else {
                var told = key.told.members
                told["secret"] = .string(key.secret)
                print(JSON.object(told).text)
                return
            }
            print("key     \(key.id)")
            print("secret  \(key.secret)")
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Lists the keys, without secrets.")

        @OptionGroup var flags: Flags

        @Flag(help: "Print JSON, a line for each.")
        var json = false

        func run() async throws {
            for key in try await withStore(flags, { try await $0.keys() }) {
                let rights = key.mayManage ? "add, manage" : "add"
                let line = ["\(key.id)", rights, key.name] + key.origins
                print(json ? key.told.text : line.joined(separator: "  "))
            }
        }
    }

    struct Withdraw: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Withdraws a key: its grants are over, and what they have not sent whole.")

        @OptionGroup var flags: Flags

        @Argument(help: "The key, as the list has it.")
        var key: String

        func run() async throws {
            guard let id = AppKey.ID(key) else { throw ValidationError("\(key) is no key's name.") }
            do {
                try await withStore(
                    flags, noting: ["command": "keys withdraw", "key": .string(key)]
                ) { try await $0.withdrawKey(id) }
            } catch let problem as Problem where problem.code == .noSuchGrant {
                throw ValidationError("There is no key \(key), or it was withdrawn.")
            }
        }
    }
}

extension AppKey {
    fileprivate var told: JSON {
        [
            "key": .string(id.rawValue), "name": .string(name), "manage": .bool(mayManage),
            "origins": .array(origins.map { .string($0) }),
        ]
    }
}

/// The database of an installation, beside a server that may run.
/// - Parameter note: for the audit log, where it was done.
func withStore<Success: Sendable>(
    _ flags: Flags, noting note: [String: JSON]? = nil,
    _ body: (SQLiteStore) async throws -> Success
) async throws -> Success {
    let settings = try await Settings(flags)
    let database = settings.dataFolder + "/revela.sqlite"
    guard FileManager.default.fileExists(atPath: database) else {
        throw ValidationError(
            "\(settings.dataFolder) has no database: start the server once, or give --data.")
    }
    let store = try SQLiteStore(path: database)
    let result: Success
    do {
        result = try await body(store)
    } catch {
        try store.close()
        throw error
    }
    try store.close()
    if let note { try settings.audit()?.note(note) }
    return result
}
