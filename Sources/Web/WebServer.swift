// The HTTP server: one port for pages, API, uploads and the three transports.

package import Domain
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdCore
package import Logging
import NIOCore
import ServiceLifecycle

package struct WebServer: Service {
    package struct Settings: Sendable {
        package var host = "127.0.0.1"
        package var port = 8080
        /// The folder of the pages.
        package var pages = "Public"
        package var access = Access()
        /// Whether anyone may begin batches, however they came.
        package var isOpen = false
        /// Batches that may be begun from one address in a minute; 0 is any number.
        package var batchesPerMinute = 60
        /// Days for which a batch is kept; nil is for ever.
        package var keepDays: Int?
        /// The same for who may begin one only since everybody may, where it is less.
        package var strangerKeepDays: Int? = 30
        /// Whether the comparing page may make faults on purpose, on its own connections.
        package var makesFaults = false
        /// Between two heartbeats of a stream.
        package var heartbeatSeconds = 15
        /// Connections open at a time; the others wait to be accepted. Nil for any number.
        package var connections: Int?
        /// Who brings it may read `/metrics`; without one only this machine may.
        package var metricsToken: String?

        package init() {}
    }

    let batches: BatchController
    let images: ImageController
    let archives: ArchiveController
    let uploadRoutes: UploadController
    let service: ServiceController
    let admission: Admission
    let drops: DropController
    let manageLinks: ManageLinkController
    let silence = SilenceController()
    let metrics: MetricsController
    let faults: FaultController?
    let pages: StaticFiles
    let plainPage: PlainPage
    private let events: EventsHub
    private let uploads: UploadService
    let settings: Settings
    let audit: AuditLog?
    private let instructions: Instructions
    private let logger: Logger
    private let onRunning: @Sendable (_ port: Int) async -> Void

    /// - Parameter onRunning: called with the port once the server accepts connections.
    package init(
        _ settings: Settings, store: any Store, grants: any GrantStore, blobs: any BlobStore,
        feed: ChangeFeed,
        uploads: UploadService, capabilities: @escaping @Sendable () async -> Capabilities,
        metrics: @escaping @Sendable () async throws -> [Metric] = { [] },
        audit: AuditLog? = nil,
        logger: Logger, onRunning: @escaping @Sendable (_ port: Int) async -> Void
    ) {
        let access = settings.access
        let commands = ImageCommands(store: store, uploads: uploads, now: uploads.now)
        self.settings = settings
        self.audit = audit
        self.logger = logger
        self.uploads = uploads
        self.onRunning = onRunning
        let admission = Admission(
            settings: settings, grants: grants, uploads: uploads,
            beginnings: RateLimit("batches", perMinute: settings.batchesPerMinute),
            untrusted: UntrustedProxies(logger))
        self.admission = admission
        let drops = DropController(grants: grants, store: store, admission: admission)
        self.drops = drops
        manageLinks = ManageLinkController(
            store: store, grants: grants, access: access, now: uploads.now)
        let tickets = Tickets()
        batches = BatchController(
            store: store, feed: feed, access: access, admission: admission, uploads: uploads,
            drops: drops, tickets: tickets)
        instructions = Instructions(
            store: store, grants: grants, batches: batches, logger: logger)
        images = ImageController(store: store, blobs: blobs, commands: commands, access: access)
        let turns = AnswerTurns()
        archives = ArchiveController(store: store, blobs: blobs, access: access, turns: turns)
        uploadRoutes = UploadController(uploads, batches, access)
        service = ServiceController(
            store: store, blobs: blobs, uploads: uploads, capabilities: capabilities,
            makesFaults: settings.makesFaults)
        pages = StaticFiles(folder: settings.pages)
        plainPage = PlainPage(store: store, access: access, turns: turns)
        var configuration = EventsConfiguration(
            feed: feed, store: store, commands: commands, access: access, tickets: tickets,
            audit: audit, logger: logger)
        configuration.timing.heartbeat = .seconds(Int64(settings.heartbeatSeconds))
        configuration.faults = settings.makesFaults ? FaultTable() : nil
        faults = configuration.faults.map {
            FaultController(table: $0, access: access, uploads: uploads)
        }
        let events = EventsHub(configuration)
        self.events = events
        self.metrics = MetricsController(
            metrics: {
                try await metrics()
                    + Self.metrics(streams: events.streamCount, uploads, feed, admission)
            }, token: settings.metricsToken)
    }

    private static func metrics(
        streams: Int, _ uploads: UploadService, _ feed: ChangeFeed, _ admission: Admission
    ) -> [Metric] {
        [
            Metric("revela_streams", help: "Open event streams.", Double(streams)),
            Metric(
                "revela_subscribers", help: "Subscriptions to batches.",
                Double(feed.subscriberCount)),
            Metric(
                "revela_uploads_sending", help: "Requests that send bytes now.",
                Double(uploads.requests.sending)),
            Metric(
                "revela_uploads_promised_bytes",
                help: "Bytes that uploads have announced and not yet sent.",
                Double(uploads.active.reservedBytes)),
            Metric(
                "revela_rate_refusals_total", .counter,
                help: "What was refused since its address had begun too many in a minute.",
                by: "of",
                [
                    "batches": Double(admission.beginnings.refusals),
                    "uploads": Double(uploads.creations.refusals),
                ]),
            Metric(
                "revela_owner_refusals_total", .counter,
                help: "What was refused since its owner has as much as they may.", by: "of",
                uploads.ownerRefusals.counts.mapValues(Double.init)),
            Metric(
                "revela_shares_lost_total", .counter,
                help: "What an address with more than others gave up to them.", by: "of",
                [
                    "places": Double(uploads.requests.displaced),
                    "room": Double(uploads.active.lostReservations),
                ]),
        ]
    }

    /// Reads the keys of apps anew, which `revela keys` changes beside this process, and takes back what those
    /// that were withdrawn have given.
    package func readKeys() async throws {
        settings.access.keys.replace(with: try await admission.grants.keys())
        while true {
            let batches = try await admission.grants.denyGrantsOfWithdrawnKeys(
                limit: 100, at: uploads.now())
            if batches.isEmpty { return }
            try await uploads.giveUpAll(in: Set(batches))
        }
    }

    /// Reads who has taken a manage link. Once, before any request: only this process changes it.
    package func readDevices() async throws {
        var page: [Device]
        var place: Owner?
        repeat {
            page = try await admission.grants.devices(after: place, limit: 1_000)
            page.forEach(settings.access.devices.add)
            place = page.last?.holder
        } while !page.isEmpty
    }

    /// Follows what was changed and told beside this process: the keys, and what the operator wants done.
    package func followOperator() async throws {
        try await readKeys()
        try await instructions.carryOut()
    }

    /// Deletes the batches whose end has come. From time to time.
    package func deleteEnded() async throws { try await batches.deleteEnded() }

    /// Ends the streams politely. Runs after the server has stopped taking requests.
    package var drain: EventsDrain { EventsDrain(events) }

    package func run() async throws {
        let application = Application(
            responder: MethodOverride(inner: router().buildResponder()),
            server: HTTPServerBuilder { EventsChannel(responder: $0, hub: events) },
            configuration: .init(
                address: .hostname(settings.host, port: settings.port),
                availableConnectionsDelegate: settings.connections.map {
                    MaximumAvailableConnections($0)
                }),
            onServerRunning: { channel in await onRunning(channel.localAddress?.port ?? 0) },
            logger: logger)
        try await withThrowingTaskGroup(of: Bool.self) { group in
            group.addTask {
                try await application.run()
                return true
            }
            group.addTask {
                try await endUploads()
                return false
            }
            while try await group.next() == false {}
            group.cancelAll()
        }
    }

    /// How long an upload that cannot be resumed may go on when the server stops: with the time to
    /// say goodbye, less than the server's own end.
    private static let uploadPatience = Duration.seconds(4)

    private func endUploads() async throws {
        try await gracefulShutdown()
        uploads.requests.close()
        try await Task.sleep(for: Self.uploadPatience)
        uploads.requests.closeAll()
    }
}

extension UploadController {
    /// For the batches of `batches`, with the rights that `access` finds.
    fileprivate init(_ uploads: UploadService, _ batches: BatchController, _ access: Access) {
        self.init(
            uploads: uploads,
            authorize: batches.batchToFill,
            makeBatch: batches.makeForUpload,
            mayAdd: { id, request, context in
                let batch = try await batches.store.batch(id)
                // A page of another site is nobody here.
                let bearer = try? access.writer(request.head, from: context.peer)
                return batch.rights(of: bearer ?? nil, at: uploads.now()).contains(.add)
            },
            whoAsks: { request, context in
                let asker = access.asker(of: request.head, from: context.peer)
                let isLimited = access.isLimited(request.head, from: context.peer)
                return (asker, isLimited ? asker : nil)
            },
            locate: { path, request, context in
                access.url(of: path, for: request.head, from: context.peer)
            })
    }
}
