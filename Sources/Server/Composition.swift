// Builds every part once and connects them; nothing else here.

import BlobStorage
import Domain
import Foundation
import Jobs
import Logging
import SQLiteStore
import ServiceLifecycle
import Web

struct Composition {
    private let services: ServiceGroup

    init(_ settings: Settings, logger: Logger) async throws {
        try FileManager.default.createDirectory(
            atPath: settings.dataFolder, withIntermediateDirectories: true)
        let store = try SQLiteStore(path: settings.dataFolder + "/revela.sqlite")
        let blobs = try FolderBlobStore(at: settings.dataFolder)
        let feed = ChangeFeed(store: store)
    }

    /// Serves until SIGTERM or SIGINT, then ends every stream and hands back every job.
    func run() async throws { try await services.run() }
}
