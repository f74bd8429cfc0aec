// `revela backup` and `revela restore`.

import ArgumentParser
import Foundation
import SQLiteStore

struct Backup: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Copies the data folder into an empty one, while the server may run.",
        discussion: """
            The copy is a data folder itself: the database as it was at one moment, and every original \
            and rendition it names, each checked by its SHA-256. Uploads under way are not copied.
            """)

    @Argument(help: "The folder to copy into: a new one, or an empty one.")
    var folder: String

    @OptionGroup var flags: Flags

    func run() async throws {
        let settings = try await Settings(flags)
        let (files, bytes) = try await FolderCopy(from: settings.dataFolder, to: absolute(folder))
            .run()
        print("\(files) files, \(bytes) bytes, each checked, and the database are in \(folder).")
    }
}

struct Restore: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Copies a backup into an empty data folder, with the server stopped.",
        discussion: """
            Every file is checked by its SHA-256. Pages that are open meanwhile begin anew when the \
            server is back, and show what the backup holds.
            """)

    @Argument(help: "The folder that 'revela backup' wrote.")
    var folder: String

    @OptionGroup var flags: Flags

    func run() async throws {
        let settings = try await Settings(flags)
        let copy = try FolderCopy(from: absolute(folder), to: settings.dataFolder)
        let (files, bytes) = try await copy.run { try $0.renewEpochs() }
        print(
            "\(files) files, \(bytes) bytes, each checked, and the database are in "
                + "\(settings.dataFolder).")
    }
}
