// `revela invite`.

import ArgumentParser
import Domain
import Foundation
import SQLiteStore
import Web

struct Invite: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Prints an address that lets the browser which opens it first begin batches.",
        discussion: """
            It can be opened once, within an hour. The server may run meanwhile. Needed where the server \
            is reached through a proxy or from other machines, unless it runs with --open.
            """)

    @OptionGroup var flags: Flags

    /// Seconds in which an invitation can be taken.
    static let lifetime: TimeInterval = 3_600

    func run() async throws {
        let settings = try await Settings(flags)
        let now = Date()
        let address = try await withStore(flags, noting: ["command": "invite"]) {
            try await settings.web.invite(
                $0, port: settings.web.port, until: now + Self.lifetime, at: now)
        }
        print(address)
    }
}
