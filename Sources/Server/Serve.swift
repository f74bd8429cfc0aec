// `revela serve`: runs until it is told to stop.

import ArgumentParser

struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Serves the pages and the API.")

    @OptionGroup var flags: Flags

    func run() async throws {
        let settings = try await Settings(flags)
        try await Composition(settings).run()
    }
}
