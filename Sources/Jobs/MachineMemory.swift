// How much memory there is for photos, as the kernel tells it (proc(5), cgroups(7)): of the machine, and
// of each control group this server runs in, by either version of them.

import Foundation

package struct MachineMemory: Sendable {
    private let read: @Sendable (String) -> String?

    /// - Parameter read: gives the text of a file by its path; nil where there is none.
    package init(
        read: @escaping @Sendable (String) -> String? = {
            try? String(contentsOfFile: $0, encoding: .utf8)
        }
    ) {
        self.read = read
    }

    /// Bytes that this server and its workers may use in all; nil where nothing tells.
    package var total: Int? {
        let limits = groups.map(\.limit) + [kibibytes("MemTotal:")].compactMap(\.self)
        return limits.min()
    }

    /// Bytes that could be had just now; nil where nothing tells.
    package var available: Int? {
        let free = groups.map(\.free) + [kibibytes("MemAvailable:")].compactMap(\.self)
        return free.min()
    }

    private func kibibytes(_ name: String) -> Int? {
        read("/proc/meminfo").flatMap { Self.value(of: name, in: $0) }
            .map { $0.multipliedReportingOverflow(by: 1_024) }
            .map { $0.overflow ? .max : $0.partialValue }
    }

    /// The number behind a name at the beginning of a line.
    private static func value(of name: String, in text: String) -> Int? {
        for line in text.split(separator: "\n") {
            let words = line.split(separator: " ")
            if words.count >= 2, words[0] == name { return Int(words[1]) }
        }
        return nil
    }

    // MARK: Control groups

    private struct Group {
        let limit: Int
        let used: Int
        var free: Int { max(0, limit - min(limit, used)) }
    }

    /// How a version of control groups names its files.
    private struct Version {
        let folder: String
        let limit: String
        let used: String
        /// What the kernel takes back where memory is short: it counts as used, and is not.
        let cache: String

        static let first = Version(
            folder: "/sys/fs/cgroup/memory", limit: "memory.limit_in_bytes",
            used: "memory.usage_in_bytes", cache: "total_inactive_file")
        static let second = Version(
            folder: "/sys/fs/cgroup", limit: "memory.max", used: "memory.current",
            cache: "inactive_file")
    }

    /// The groups with a limit, from this process's own up to the root: each limit holds.
    private var groups: [Group] {
        guard let memberships = read("/proc/self/cgroup") else { return [] }
        return memberships.split(separator: "\n").flatMap { line -> [Group] in
            let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard fields.count == 3 else { return [] }
            if fields[0] == "0", fields[1].isEmpty { return groups(at: fields[2], of: .second) }
            guard fields[1].split(separator: ",").contains("memory") else { return [] }
            return groups(at: fields[2], of: .first)
        }
    }

    /// In a container the path can be the host's, where here is only its end: the root is looked at in
    /// any case.
    private func groups(at path: Substring, of version: Version) -> [Group] {
        let names = path.split(separator: "/").map(String.init)
        return (0...names.count).compactMap { depth in
            group(in: ([version.folder] + names.prefix(depth)).joined(separator: "/"), version)
        }
    }

    private func group(in folder: String, _ version: Version) -> Group? {
        guard let limit = number("\(folder)/\(version.limit)") else { return nil }
        let used = number("\(folder)/\(version.used)") ?? 0
        let cache =
            read("\(folder)/memory.stat").flatMap { Self.value(of: version.cache, in: $0) } ?? 0
        return Group(limit: limit, used: max(0, used - max(0, min(cache, used))))
    }

    /// No number is no limit: `max`.
    private func number(_ path: String) -> Int? {
        read(path).flatMap { Int($0.trimmingCharacters(in: .whitespacesAndNewlines)) }
            .flatMap { $0 >= 0 ? $0 : nil }
    }
}

/// What becomes of the memory there is.
package struct MemoryShare: Sendable, Hashable {
    /// For the server itself, its templates and idle workers.
    private static let kept = 160 << 20
    /// What a photograph of a camera or a phone may take while it is developed.
    private static let photo = 256 << 20
    private static let leastPhoto = 64 << 20

    /// Photos that are developed beside each other.
    package let jobs: Int
    /// What one photo alone may be expected to take, in bytes: larger ones are refused.
    package let mostPhoto: Int

    /// - Parameters:
    ///   - total: bytes for all; nil where nothing tells.
    ///   - wanted: photos at once, where memory does not matter.
    ///   - most: bytes for one photo, where memory does not matter.
    package init(of total: Int?, wanted: Int, most: Int) {
        guard let total else {
            (jobs, mostPhoto) = (wanted, most)
            return
        }
        let left = max(0, total - Self.kept)
        jobs = max(1, min(wanted, left / Self.photo))
        mostPhoto = min(most, max(Self.leastPhoto, left))
    }

    /// Whether another photo may be begun beside those that are developed now, where so many bytes
    /// could be had.
    package static func hasRoom(_ available: Int?) -> Bool { available.map { $0 >= photo } ?? true }
}
