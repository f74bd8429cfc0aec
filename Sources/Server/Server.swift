// `revela`: the server and what belongs to running it.

import ArgumentParser
import CCommit

@main
struct Revela: AsyncParsableCommand {
    static let version = "0.1.0"

    /// The version, and the commit where the build was told it.
    static let versionAndCommit = {
        let commit = String(cString: revela_commit())
        return commit.isEmpty ? version : "\(version) (\(commit))"
    }()

    static let configuration = CommandConfiguration(
        commandName: "revela",
        abstract: "Drop photos on a page and watch each one arrive, be checked and be developed.",
        version: versionAndCommit,
        subcommands: [
            Serve.self, Invite.self, Keys.self, Batches.self, Grants.self, Doctor.self, Backup.self,
            Restore.self,
        ],
        defaultSubcommand: Serve.self)
}
