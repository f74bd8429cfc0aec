// `revela invite`.

import ArgumentParser
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
        let database = settings.dataFolder + "/revela.sqlite"
        guard FileManager.default.fileExists(atPath: database) else {
            throw ValidationError(
                "\(settings.dataFolder) has no database: start the server once, or give --data.")
        }
        let store = try SQLiteStore(path: database)
        let now = Date()
        let address = try await settings.web.invite(
            store, port: settings.web.port, until: now + Self.lifetime, at: now)
        try store.close()
        print(address)
    }
}
