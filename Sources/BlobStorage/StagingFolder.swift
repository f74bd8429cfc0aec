// The uploads under way: a file each, named by the upload, and the descriptors kept open for those
// that move.

import Domain
import Glibc
import Synchronization

final class StagingFolder: Sendable {
    fileprivate struct OpenFiles {
        var files: [Upload.ID: (file: StagingFile, usedAt: Int)] = [:]
        var clock = 0
    }

    let directory: Descriptor
    /// Descriptors kept open at most.
    private let capacity: Int
    private let open = Mutex(OpenFiles())

    init(_ directory: Descriptor, capacity: Int) {
        self.directory = directory
        self.capacity = capacity
    }

    func create(_ id: Upload.ID) throws {
        let file = try StagingFile(try make(id.rawValue), in: directory, isNew: true)
        open.withLock { $0.keep(file, as: id, capacity: capacity) }
    }

    /// Makes a file and removes it: a folder that was deleted or is read-only takes none.
    /// - Throws: `unavailable`, `disk-full`.
    func probe() throws {
        let name = "probe-" + String(UInt64.random(in: .min ... .max), radix: 36)
        do {
            _ = try make(name)
        } catch let problem as Problem where problem.code == .diskFull {
            throw try directory.takesFiles()
                ? problem
                : Problem(.diskFull, "the disk holds as many files as it can (no inodes).")
        }
        try directory.unlink(name)
    }

    private func make(_ name: String) throws -> Descriptor {
        do {
            return Descriptor(try directory.open(name, O_RDWR | O_CREAT | O_EXCL))
        } catch let error as SystemError where [ENOENT, EACCES].contains(error.code) {
            throw Problem(.unavailable, "The data folder takes no files: \(error).")
        }
    }

    /// - Throws: `no-such-upload`.
    func file(_ id: Upload.ID) throws -> StagingFile {
        try open.withLock { open in
            if let file = open.use(id) { return file }
            let descriptor = Descriptor(try openExisting(id, O_RDWR))
            // Whoever made it may have died before its name was on disk: sync that once more.
            let file = try StagingFile(descriptor, in: directory, isNew: true)
            open.keep(file, as: id, capacity: capacity)
            return file
        }
    }

    func openExisting(_ id: Upload.ID, _ flags: Int32) throws -> Int32 {
        do {
            return try directory.open(id.rawValue, flags)
        } catch let error as SystemError where error.code == ENOENT {
            throw Problem(.noSuchUpload)
        }
    }

    func remove(_ id: Upload.ID) throws {
        open.withLock { $0.files[id] = nil }
        try directory.unlink(id.rawValue)
    }

    func names() throws -> [Upload.ID] { try directory.entries().compactMap { Upload.ID($0) } }
}

extension StagingFolder.OpenFiles {
    fileprivate mutating func use(_ id: Upload.ID) -> StagingFile? {
        clock += 1
        files[id]?.usedAt = clock
        return files[id]?.file
    }

    /// Closes the quarter used longest ago when there are too many. Whoever still works with one
    /// of them holds it open, and its running hash is only a shortcut.
    fileprivate mutating func keep(_ file: StagingFile, as id: Upload.ID, capacity: Int) {
        if files.count >= capacity {
            let oldest = files.sorted { $0.value.usedAt < $1.value.usedAt }.prefix(
                max(1, capacity / 4))
            for (id, _) in oldest { files[id] = nil }
        }
        clock += 1
        files[id] = (file, clock)
    }
}
