// `revela doctor`: looks at an installation and says what it found, and what to do where something
// stands in the way.

import ArgumentParser
import Domain
import Foundation
import Jobs
import Web
import WorkerLink

struct Doctor: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Checks the libraries, the formats, the sandbox, the data folder and the disk.",
        discussion: """
            Each line that says what to do names something that keeps photos from being taken. There \
            is none of them exactly where the exit status is 0.
            """)

    @OptionGroup var flags: Flags

    @Flag(help: "Read the whole database and every photo's file, too.")
    var deep = false

    func run() async throws {
        let settings = try await Settings(flags)
        let folder = settings.dataFolder
        print("Revela \(Revela.versionAndCommit)")
        print("  pages     \(settings.web.pages)")
        print("  data      \(folder) \(Self.about(folder))")
        print("  begin     \(settings.web.whoMayBegin)")
        if let trouble = settings.web.trouble { print("  limits    \(trouble)") }
        print("  files     \(try Descriptors.raiseLimit()) may be open at once\(try Self.few())")
        var troubles = Self.troubles(of: folder) + Self.troublesOfTheClock()
        print("  worker    \(settings.workerPath)")
        let hello = try await meetWorker(settings)
        show(hello)
        troubles += Self.troubles(of: hello.sandbox)
        for trouble in troubles { print("  to do     \(trouble)") }
        let isWhole = try await deep ? DeepCheck(folder: folder).run() : true
        if !troubles.isEmpty || !isWhole { throw ExitCode(1) }
    }

    private func show(_ hello: WorkerHello) {
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
}

// What stands in the way, a sentence each, with what to do.
extension Doctor {
    private static func troubles(of sandbox: WorkerHello.Sandbox) -> [String] {
        if sandbox.state == .full { return [] }
        var walls: [String] = []
        if !sandbox.landlock {
            walls.append(
                "Landlock is missing: it takes Linux 5.13, 'landlock' among the kernel's lsm=, and, in "
                    + "a container, a seccomp profile that lets landlock_* pass.")
        }
        if !sandbox.seccomp {
            walls.append(
                "seccomp is missing: it takes a kernel with CONFIG_SECCOMP_FILTER, and, in a container, "
                    + "a seccomp profile that lets seccomp pass.")
        }
        return walls.isEmpty ? ["A worker is not shut in: use the worker of this version."] : walls
    }

    private static func troubles(of folder: String) -> [String] {
        do {
            try DataFolder.check(folder)
        } catch {
            return ["\(error)"]
        }
        // Uploads and blobs may lie on two disks.
        var seen: Set<dev_t> = []
        let places = [folder, folder + "/staging", folder + "/blobs"].map(DataFolder.nearest)
        return places.filter { place in
            var status = stat()
            return stat(place, &status) == 0 && seen.insert(status.st_dev).inserted
        }.flatMap(troublesOfRoom)
    }

    /// Why nothing could be uploaded.
    private static func troublesOfRoom(in folder: String) -> [String] {
        guard let disk = disk(of: folder) else { return [] }
        var troubles: [String] = []
        let floor = UInt64(UploadSettings().diskFloor)
        if let free = disk.free, free <= floor {
            troubles.append(
                "Nothing can be uploaded: the disk of \(folder) has \(free >> 20) MiB left, and "
                    + "\(floor >> 20) are kept free. Make room, or choose another one with --data.")
        }
        if disk.isOutOfFiles {
            troubles.append(
                "Nothing can be uploaded: the disk of \(folder) holds as many files as it can (no "
                    + "inodes). Remove some, or choose another one with --data.")
        }
        return troubles
    }

    /// Bytes that are free, nil where there are more than a number can hold; nil where it is unknown.
    private static func disk(of folder: String) -> (free: UInt64?, isOutOfFiles: Bool)? {
        var status = statvfs()
        guard statvfs(folder, &status) == 0 else { return nil }
        let (free, isMore) = UInt64(status.f_bavail)
            .multipliedReportingOverflow(by: UInt64(status.f_frsize))
        return (isMore ? nil : free, status.f_files != 0 && status.f_favail == 0)
    }

    /// What was abandoned is removed by the time that has passed.
    private static func troublesOfTheClock() -> [String] {
        let began = Date()
        usleep(1_000)
        guard Date() == began else { return [] }
        return [
            "The clock stands still at \(began): have it set (timedatectl), or nothing expires."
        ]
    }

    private static func few() throws -> String {
        guard try Descriptors.raiseLimit() < 4_096 else { return "" }
        return "; thousands of followers need more (LimitNOFILE= of systemd, --ulimit nofile= of "
            + "Docker)"
    }

    private static func about(_ folder: String) -> String {
        var words: [String] = []
        if DataFolder.nearest(folder) != folder { words.append("not made yet") }
        if let free = disk(of: DataFolder.nearest(folder))?.free {
            words.append("\(free >> 30) GiB free")
        }
        if let owner = DataFolder.owner(of: folder), owner != geteuid() {
            words.append("of the user \(userName(owner))")
        }
        return "(\(words.joined(separator: ", ")))"
    }
}
