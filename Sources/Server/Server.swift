// `revela`: the server and what belongs to running it.

import ArgumentParser

@main
struct Revela: AsyncParsableCommand {
    static let version = "0.1.0"

    static let configuration = CommandConfiguration(
        commandName: "revela",
        abstract: "Drop photos on a page and watch each one arrive, be checked and be developed.",
        version: version,
        subcommands: [Serve.self, Doctor.self, Backup.self, Restore.self],
        defaultSubcommand: Serve.self)
}
