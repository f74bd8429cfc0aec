// `revela doctor`: looks at an installation and says what it found.

import ArgumentParser
import Domain
import Foundation
import Jobs
import Web
import WorkerLink

struct Doctor: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Checks the libraries, the formats, the sandbox and the disk.")

    @OptionGroup var flags: Flags

    func run() async throws {
        let settings = try await Settings(flags)
        print("Revela \(Revela.version)")
        print("  pages     \(settings.web.pages)")
        print("  data      \(settings.dataFolder)\(try freeSpace(at: settings.dataFolder))")
        print("  worker    \(settings.workerPath)")
        let hello = try await meetWorker(settings)
        for (library, version) in hello.versions.sorted(by: <) {
            print("  library   \(library) \(version)")
        }
        print("  reads     \(hello.inputs.map(\.fileExtension).joined(separator: ", "))")
        print("  writes    \(hello.outputs.map(\.fileExtension).joined(separator: ", "))")
        let sandbox = hello.sandbox
        print("  sandbox   \(sandbox.state.rawValue)")
        print("    Landlock  \(sandbox.landlock ? "holds" : "is missing")")
        print("    seccomp   \(sandbox.seccomp ? "holds" : "is missing")")
        print("    denied    \(sandbox.denied.joined(separator: ", "))")
        for action in sandbox.allowed { print("    a worker can \(action), and must not") }
        if sandbox.state != .full { throw ExitCode(1) }
    }

    private func meetWorker(_ settings: Settings) async throws -> WorkerHello {
        let logger = settings.logger
        var configuration = WorkerPoolConfiguration(executable: settings.workerPath, jobs: 1)
        configuration.spares = 0
        let pool = try WorkerPool(configuration, logger: logger)
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await pool.run() }
            defer { group.cancelAll() }
            return try await pool.firstHello()
        }
    }

    private func freeSpace(at folder: String) throws -> String {
        guard FileManager.default.fileExists(atPath: folder) else { return " (not made yet)" }
        let values = try URL(fileURLWithPath: folder).resourceValues(
            forKeys: [.volumeAvailableCapacityKey])
        guard let free = values.volumeAvailableCapacity else { return "" }
        return " (\(free >> 30) GiB free)"
    }
}
