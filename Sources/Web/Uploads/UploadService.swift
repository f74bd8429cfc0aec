// How files come in, whatever the protocol: created, received, finished or refused. The protocols
// only read and write headers.
//
// The order is always the same: bytes on disk, then their number in the store, then the answer.
// The last byte is the commit that queues the work: one transaction writes the state, the job and
// the event.

package import Domain
package import Foundation
package import Logging
import Synchronization

package final class UploadService: Sendable {
    /// Looks at the first `written` bytes of an upload. A refusal ends it there; the upload goes
    /// on meanwhile.
    package typealias Inspector =
        @Sendable (_ upload: Upload, _ written: Int) async -> RenderReport.Verdict

    let store: any BatchStore & UploadStore & UpkeepStore
    let blobs: any BlobStore
    let feed: ChangeFeed
    package let limits: Limits
    package let settings: UploadSettings
    let now: @Sendable () -> Date
    let logger: Logger
    let active: ActiveUploads
    let requests: UploadRequests
    let creations: RateLimit
    let ownerRefusals = OwnerRefusals()
    let keys = KeysUnderWay()
    let startedAt = ContinuousClock.now
    /// Whether the blobs of servers before this one were not yet held against the store.
    let folderUnseen = Mutex(true)

    package init(
        store: any BatchStore & UploadStore & UpkeepStore, blobs: any BlobStore, feed: ChangeFeed,
        limits: Limits,
        settings: UploadSettings = UploadSettings(), logger: Logger,
        inspect: Inspector? = nil, now: @escaping @Sendable () -> Date = { Date() }
    ) {
        self.store = store
        self.blobs = blobs
        self.feed = feed
        self.limits = limits
        self.settings = settings
        self.logger = logger
        self.now = now
        active = ActiveUploads(inspect: inspect)
        creations = RateLimit("uploads", perMinute: settings.perMinute)
        requests = UploadRequests(limit: settings.concurrent, bufferBytes: settings.bufferBytes)
    }

    // MARK: Beginning

    /// Makes the image and its upload, before any byte; or gives what the same request has made.
    /// - Parameter asker: who is limited by address; nil is nobody.
    /// - Throws: `file-too-large`, `empty-file`, `batch-full`, `owner-full`, `disk-full`, `key-reused`,
    ///   `too-many-requests`.
    func create(
        _ metadata: UploadMetadata, length: Int?, resumable: Bool, in batch: Batch.ID,
        by asker: Asker?, under key: RequestKey?
    ) async throws -> Made<Upload> {
        try creations.count(asker)
        try limits.check(size: length)
        var metadata = metadata
        metadata.name = FileName.cleaned(metadata.name, limits: limits)
        let upload = Upload(
            batch: batch, image: metadata.isPart ? nil : .random(), resumable: resumable,
            length: length, metadata: try metadata.text,
            expiresAt: key == nil ? now().advanced(by: settings.firstByte) : expiry)
        do {
            try requests.requirePlace(for: asker ?? .unknown)
            try await reserve(for: upload, by: asker)
            let made = try await stage(upload, named: metadata.name, under: key)
            if !made.isNew { try await discard(upload.id) }
            return made
        } catch {
            try await discard(upload.id)
            // What is there already needs no more.
            guard let key, let known = try await store.upload(under: key, in: batch, at: now())
            else { throw error }
            return Made(known, isNew: false)
        }
    }

    /// The file before the row, so that who cannot be served now leaves nothing behind.
    private func stage(
        _ upload: Upload, named name: String, under key: RequestKey?
    ) async throws -> Made<Upload> {
        try await active.hold(upload.id, Stop()) {
            try await blobs.stage(upload.id)
            return try await ownerRefusals.counting {
                guard upload.image != nil else {
                    return try await store.createPart(
                        upload, limits: limits, under: key, at: now())
                }
                return try await store.createUpload(
                    upload, name: name, limits: limits, under: key, at: now())
            }
        }
    }

    /// When an upload ends that gets no byte after now.
    var expiry: Date { now().advanced(by: settings.lifetime) }

    /// Reserves room on the disk for the bytes that the upload has announced.
    /// - Throws: `disk-full` where they would leave less than the floor, once all have come that
    ///   were announced.
    func reserve(for upload: Upload, by asker: Asker?) async throws {
        try active.reserve(try await freeBytes(), for: upload, by: asker)
    }

    /// Bytes that uploads may still take.
    func freeBytes() async throws -> Int { try await blobs.freeBytes() - settings.diskFloor }

    // MARK: Receiving

    /// Takes the whole body into the upload and returns the upload as it then stands.
    ///
    /// What arrived before an interruption is kept and acknowledged, unless it has a digest that
    /// can no more be checked.
    /// - Parameter held: bytes at the body's beginning that came before.
    /// - Throws: `Interruption`; `Refused`; `length-exceeded`, `file-too-large`, `digest-mismatch`,
    ///   and then nothing of the body since the last commit is kept.
    func receive(
        _ body: IncomingBody, into upload: Upload, behind held: Int = 0,
        digest: RequestDigest? = nil, progress: Receiver.Progress? = nil
    ) async throws -> Upload {
        // Whoever brought no bytes for long has lost its reservation.
        if !active.isReserved(upload.id) { try await reserve(for: upload, by: body.limited) }
        try await resume(upload)
        var receiver = Receiver(
            upload, isProvisional: digest != nil, uploads: self, stop: body.stop,
            progress: progress)
        defer {
            active.note(receiver.durable, of: upload)
            rest(upload)
        }
        do {
            try await requests.run(
                body.stop, in: upload.batch, isResumable: upload.resumable
            ) {
                try await pour(body, behind: Held(held), for: upload, into: &receiver, digest)
            }
        } catch let refused as Refused {
            try await end(upload, .rejected(refused.problem))
            throw refused
        }
        var upload = upload
        upload.offset = receiver.durable
        upload.expiresAt = receiver.expiresAt
        return upload
    }

    /// The sender of an idle upload is back: its batch waits for it again.
    private func resume(_ upload: Upload) async throws {
        guard upload.isIdle, let image = upload.image else { return }
        do {
            try await store.record(.resumed, of: image, in: upload.batch, at: now())
        } catch let problem as Problem where problem.code == .wrongState {
            throw Problem(.uploadGone)
        }
    }

    private func pour(
        _ body: IncomingBody, behind held: Held, for upload: Upload,
        into receiver: inout Receiver, _ digest: RequestDigest?
    ) async throws {
        var (digest, held) = (digest, held)
        do {
            // What is there behind the acknowledged bytes came in a request that failed.
            try await receiver.rollBack()
            try await body.forEach { buffer in
                digest?.update(buffer)
                try await receiver.receive(held.rest(of: buffer))
            }
            let trailer = digest?.expected.isEmpty == true ? try await body.trailer() : nil
            try digest?.check(trailer: trailer)
            try await receiver.complete()
        } catch let interruption as Interruption {
            try receiver.requireWelcome()
            if interruption == .cancelled { throw interruption }
            if digest == nil { try await receiver.commit() } else { try await receiver.rollBack() }
            // Nobody comes back to an upload that says it is whole: if the last byte has come,
            // the end of the request does not matter any more.
            guard receiver.isWhole else { throw interruption }
            try await receiver.complete()
        } catch let problem as Problem where problem.code == .noSuchUpload {
            // Its image was cancelled, and its file with it.
            throw Problem(.uploadGone)
        } catch let problem as Problem where problem.code.isOfTheBody {
            try await receiver.rollBack()
            throw problem
        }
    }

    func show(_ upload: Upload, received: Int) {
        guard let image = upload.image else { return }
        feed.show(Live(received: received), of: image, in: upload.batch)
    }

    private func rest(_ upload: Upload) {
        guard let image = upload.image else { return }
        feed.rest(image, in: upload.batch)
    }

    // MARK: Ending

    /// All bytes are there: gives them their name, queues the work, and forgets the upload's file.
    /// Doing it again after a crash is harmless.
    /// - Throws: `digest-mismatch` where the client announced another content; `upload-gone` where
    ///   the image was cancelled meanwhile.
    func finish(_ upload: Upload) async throws -> Image {
        guard let image = upload.image else { throw Problem(.wrongState) }
        if upload.length == nil {
            try limits.check(size: upload.offset)
            try await blobs.sync(upload.id)
            try await store.commit(
                offset: upload.offset, length: upload.offset, of: upload.id, until: nil,
                limits: limits)
        }
        let blob = try await blobs.promote(upload.id, size: upload.offset)
        if let expected = try UploadMetadata(of: upload).sha256, expected != blob.sha256 {
            let problem = Problem(.digestMismatch, "The file is not the one that was announced.")
            try await end(upload, .rejected(problem))
            throw problem
        }
        let finished: Image
        do {
            finished = try await store.record(
                .uploaded(blob), of: image, in: upload.batch, at: now())
        } catch let problem as Problem where problem.code == .wrongState {
            try await blobs.discard(upload.id)
            throw Problem(.uploadGone)
        }
        try await discard(upload.id)
        return finished
    }

    /// Ends the image without its bytes, unless it has ended already, and forgets what came.
    func end(_ upload: Upload, _ change: Change) async throws {
        if let image = upload.image {
            do {
                try await store.record(change, of: image, in: upload.batch, at: now())
            } catch let problem as Problem
                where [.wrongState, .noSuchImage, .noSuchBatch, .batchDeleted]
                .contains(problem.code)
            {
                // Somebody ended it before us.
            }
        }
        try await discard(upload.id)
    }

    /// The image was ended by another way: ends the request that sends its bytes, and forgets them.
    func forget(_ upload: Upload) async throws {
        active.interrupt(upload.id, .cancelled)
        try await discard(upload.id)
    }

    /// The batch was deleted, and its uploads with it: ends the requests that send their bytes. The
    /// files are swept.
    func forgetAll(in batch: Batch.ID) {
        requests.end(in: batch)
        active.forgetAll(in: batch)
    }

    /// Forgets what came of an upload's bytes.
    func discard(_ id: Upload.ID) async throws {
        active.forget(id)
        try await blobs.discard(id)
    }
}

extension Date {
    func advanced(by duration: Duration) -> Date {
        addingTimeInterval(Double(duration.components.seconds))
    }
}

extension Problem.Code {
    /// Whether the bytes themselves are at fault, and not the place they go to.
    fileprivate var isOfTheBody: Bool {
        switch self {
        case .digestMismatch, .lengthExceeded, .fileTooLarge, .badRequest: true
        default: false
        }
    }
}
