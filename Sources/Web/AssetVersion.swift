// The pages with their scripts, styles and words, as they lie together at one moment. Pages name
// those files below the version's own path, so a browser keeps them for good, asks for nothing again
// at a reload, and never mixes the modules of two versions (docs/decisions/0012-asset-versions.md).

import Foundation
import Synchronization

struct AssetVersion: Sendable {
    static let path = "/assets/"
    /// What pages name by the version; all else (icons, manifest) has an address of its own.
    static let folders = ["js", "css", "i18n"]
    /// The upload page at `/`, and at the address of a batch, where it needs its modules in another order.
    static let uploadPage = "/index.html"
    static let batchPage = "/batches/index.html"

    let name: String
    let files: [String: StaticFile]
    /// When each file was last changed, by its path.
    let dates: [String: Date]

    /// - Throws: what Foundation throws where a file cannot be read.
    init(folder: String, dates: [String: Date]) throws {
        var contents: [String: Data] = [:]
        for path in dates.keys {
            contents[path] = try Data(contentsOf: URL(fileURLWithPath: folder + path))
        }
        let pages = contents.filter { $0.key.hasSuffix(".html") }
        var files = contents.filter { pages[$0.key] == nil }.mapValues { StaticFile($0) }
        let preload = ModulePreload(files: contents)
        let list = files.map { path, file in "\(path) \(file.tag)\n" }.sorted().joined()
        let name = StaticFile.tag(of: Data(list.utf8))
        let add = { (path: String, data: Data, isBatch: Bool) in
            let page = preload.adding(to: String(decoding: data, as: UTF8.self), ofBatch: isBatch)
            files[path] = StaticFile(Data(Self.naming(name, in: page).utf8))
        }
        for (path, data) in pages { add(path, data, false) }
        if let data = pages[Self.uploadPage] { add(Self.batchPage, data, true) }
        self.name = name
        self.files = files
        self.dates = dates
    }

    private static func naming(_ version: String, in page: String) -> String {
        folders.reduce(page) { text, folder in
            text.replacingOccurrences(
                of: "\"/\(folder)/", with: "\"\(path)\(version)/\(folder)/")
        }
    }
}

/// The latest version, and a few before it for pages that were opened with them.
final class AssetVersions: Sendable {
    private static let kept = 4
    private let folder: String
    private let known = Mutex<[AssetVersion]>([])

    init(folder: String) { self.folder = folder }

    /// Looks at every file's date; reads them all where one has changed.
    func latest() throws -> AssetVersion {
        let dates = changes()
        if let latest = known.withLock({ $0.first }), latest.dates == dates { return latest }
        let version = try AssetVersion(folder: folder, dates: dates)
        known.withLock { known in
            known = [version] + known.filter { $0.name != version.name }.prefix(Self.kept - 1)
        }
        return version
    }

    /// - Returns: nil for an asset version of another version of the program, and for none at all.
    func version(named name: String) throws -> AssetVersion? {
        if let version = known.withLock({ $0.first { $0.name == name } }) { return version }
        let latest = try latest()
        return latest.name == name ? latest : nil
    }

    private func changes() -> [String: Date] {
        let files = FileManager.default
        let inFolders = AssetVersion.folders.flatMap { name in
            (files.subpaths(atPath: "\(folder)/\(name)") ?? []).map { "/\(name)/\($0)" }
        }
        let pages = (try? files.contentsOfDirectory(atPath: folder)) ?? []
        let all = inFolders + pages.filter { $0.hasSuffix(".html") }.map { "/\($0)" }
        return Dictionary(
            uniqueKeysWithValues: all.compactMap { path in
                guard !path.contains("/."),
                    let attributes = try? files.attributesOfItem(atPath: folder + path),
                    attributes[.type] as? FileAttributeType == .typeRegular,
                    let date = attributes[.modificationDate] as? Date
                else { return nil }
                return (path, date)
            })
    }
}
