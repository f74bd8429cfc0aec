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

    @Flag(help: "Read the whole database and every photo's file, too.")
    var deep = false

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
        let isUsable = Self.showRoom(in: settings.dataFolder)
        let isWhole = try await deep ? DeepCheck(folder: settings.dataFolder).run() : true
        if sandbox.state != .full || !isUsable || !isWhole { throw ExitCode(1) }
    }

    /// Says why nothing could be uploaded; false where that is so.
    private static func showRoom(in folder: String) -> Bool {
        var status = statvfs()
        guard statvfs(folder, &status) == 0 else { return true }  // Not made yet.
        let floor = UploadSettings().diskFloor
        let (free, isMore) = UInt64(status.f_bavail)
            .multipliedReportingOverflow(by: UInt64(status.f_frsize))
        let hasRoom = isMore || free > UInt64(floor)
        let hasFiles = status.f_files == 0 || status.f_favail > 0
        if !hasRoom {
            print("  uploads   none: \(free >> 20) MiB are free, and \(floor >> 20) are kept free")
        }
        if !hasFiles {
            print("  uploads   none: the disk holds as many files as it can (no inodes)")
        }
        return hasRoom && hasFiles
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
