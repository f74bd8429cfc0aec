// The HTTP server: one port for pages, API, uploads and the three transports.

package import Domain
import Foundation
import HTTPTypes
package import Hummingbird
package import Logging
import NIOCore
package import ServiceLifecycle

package struct WebServer: Service {
    package struct Settings: Sendable {
        package var host = "127.0.0.1"
        package var port = 8080
        /// The folder of the pages.
        package var pages = "Public"
        package var access = Access()

        package init() {}
    }

    let batches: BatchController
    let images: ImageController
    let archives: ArchiveController
    let service: ServiceController
    let pages: StaticFiles
    private let settings: Settings
    private let logger: Logger
    private let onRunning: @Sendable (_ port: Int) async -> Void

    /// - Parameter onRunning: called with the port once the server accepts connections.
    package init(
        _ settings: Settings, store: any Store, blobs: any BlobStore, feed: ChangeFeed,
        limits: Limits, capabilities: @escaping @Sendable () -> Capabilities, logger: Logger,
        onRunning: @escaping @Sendable (_ port: Int) async -> Void
    ) {
        let now: @Sendable () -> Date = { Date() }
        let access = settings.access
        let commands = ImageCommands(store: store, blobs: blobs, now: now)
        self.settings = settings
        self.logger = logger
        self.onRunning = onRunning
        batches = BatchController(store: store, feed: feed, access: access, now: now)
        images = ImageController(store: store, blobs: blobs, commands: commands, access: access)
        archives = ArchiveController(store: store, blobs: blobs)
        service = ServiceController(store: store, limits: limits, capabilities: capabilities)
        pages = StaticFiles(folder: settings.pages)
    }

    package func run() async throws {
        let application = Application(
            router: router(),
            configuration: .init(address: .hostname(settings.host, port: settings.port)),
            onServerRunning: { channel in await onRunning(channel.localAddress?.port ?? 0) },
            logger: logger)
        try await application.run()
    }
}
