// `revela serve`: runs until it is told to stop.

import ArgumentParser
import Logging

struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Serves the pages and the API.")

    @OptionGroup var flags: Flags

    func run() async throws {
        let settings = try await Settings(flags)
        var logger = Logger(label: "revela", factory: StreamLogHandler.standardError)
        logger.logLevel = settings.logLevel
        let composition = try await Composition(settings, logger: logger)
        try await composition.run()
    }
}
