// Where batches, their logs, uploads and jobs are kept. A method that writes is a whole
// transaction: the state, the job and the events it causes are stored together or not at all, so
// no caller can forget an event. Tests/ContractTests says what every store owes.

package import Foundation

package protocol Store: Sendable {
    /// Adds an observer that is called after each commit, in the order of commits, one at a time,
    /// and before the write that caused it returns.
    func observe(_ observer: @escaping @Sendable (Commit) -> Void)

    /// Returns where the store can be read and is where what it acknowledges will be found.
    /// - Throws: `unavailable` where it is not.
    func probe() async throws

    // MARK: Batches

    /// - Parameter key: of the request, if it has one, as for all that is made or recorded under one:
    ///   kept in the same transaction, and where the same request came before, what it made is
    ///   given as it stands now, and nothing is recorded.
    /// - Parameter asker: who asked for it, for the turns of its photos.
    /// - Throws: `key-reused` where another request came under the key.
    func createBatch(
        _ id: Batch.ID, owner: Owner, asker: Asker, recipe: Recipe, under key: RequestKey?,
        at date: Date
    ) async throws -> Made<Batch>
    /// - Throws: `no-such-batch`, or `batch-deleted` for one that was.
    func batch(_ id: Batch.ID) async throws -> Batch
    /// At most `limit` of the owner's batches, the newest first, those behind `place` in that order.
    func batches(
        of owner: Owner, after place: BatchSummary.Place?, limit: Int
    ) async throws -> [BatchSummary]
    /// Records `batch.renamed` where `name` is not the batch's name already.
    func renameBatch(_ id: Batch.ID, to name: String?, at date: Date) async throws
    /// The whole document with the cursor it is at.
    func snapshot(of id: Batch.ID) async throws -> Snapshot
    /// At most `limit` of the batch's images in the order of their positions, those behind `position`.
    func images(of id: Batch.ID, after position: Int?, limit: Int) async throws -> ImagePage
    /// The files of at most `limit` images that have some of this kind, in the order of their positions,
    /// those behind `position`.
    /// - Parameter chosen: only of these; nil is all.
    func files(
        _ kind: ImageFiles.Kind, in id: Batch.ID, of chosen: [Image.ID]?, after position: Int?,
        limit: Int
    ) async throws -> [ImageFiles]
    /// At most `limit` events with a `seq` above `after`, in order, without gaps.
    func log(of id: Batch.ID, after seq: Int, limit: Int) async throws -> LogPage
    /// Takes the batch away: from here on nothing of it is found, nor of its images, uploads and jobs.
    /// What it held is still there until `purge` has removed it.
    func deleteBatch(_ id: Batch.ID) async throws
    /// Removes a slice of what deleted batches held, so small that nobody waits for it. False where
    /// nothing is left.
    func purge() async throws -> Bool
    /// Removes the batch if nothing has happened in it since it was made, and no upload is there.
    func deleteUnused(_ id: Batch.ID) async throws

    // MARK: Images and uploads

    /// Adds an image in state `uploading` and the upload that fills it, if the batch has room.
    /// - Throws: `batch-full` with the limit; `key-reused`.
    func createUpload(
        _ upload: Upload, name: String, limits: Limits, under key: RequestKey?, at date: Date
    ) async throws -> Made<Upload>
    /// Adds an upload without an image: a part.
    /// - Throws: `batch-full` with the limit, which holds for parts as for images; `key-reused`.
    func createPart(
        _ upload: Upload, limits: Limits, under key: RequestKey?, at date: Date
    ) async throws -> Made<Upload>
    /// Brings parts into another batch.
    func moveParts(_ parts: [Upload.ID], to batch: Batch.ID) async throws
    /// - Throws: `no-such-upload`.
    func upload(_ id: Upload.ID) async throws -> Upload
    /// What the same request has made before.
    /// - Throws: `key-reused`.
    func upload(under key: RequestKey, in batch: Batch.ID, at date: Date) async throws -> Upload?
    /// Whether the upload was made under a key, so that the request may come again.
    func isKeyed(_ upload: Upload.ID) async throws -> Bool
    /// Forgets the requests whose time is over; they count no more whether or not it is called.
    func forgetKeys(at date: Date) async throws
    /// Notes durable bytes (never fewer than before), a length that has become known, and until when
    /// the upload is kept (never shorter than before). What was not announced at creation counts
    /// against the batch's limit from here on.
    /// - Throws: `batch-full`, and then nothing is noted.
    func commit(
        offset: Int, length: Int?, of id: Upload.ID, until expiresAt: Date?, limits: Limits
    ) async throws
    /// At most `limit` uploads that are not complete: unfinished or abandoned, and all parts. In the
    /// order of their names, those behind `place`.
    func openUploads(after place: Upload.ID?, limit: Int) async throws -> [Upload]
    /// Forgets the upload, if it is there; its image stays as it is.
    func removeUpload(_ id: Upload.ID) async throws

    /// - Throws: `no-such-image`.
    func image(_ id: Image.ID, in batch: Batch.ID) async throws -> Image
    /// The upload that filled the image, while its owner may still want it.
    func upload(of image: Image.ID) async throws -> Upload?
    /// - Throws: `no-such-rendition`.
    func rendition(_ name: String, of image: Image.ID) async throws -> Rendition
    /// The original's bytes, once they are all there.
    func original(of image: Image.ID) async throws -> Blob?

    /// Moves an image and does all that follows from it: `uploaded` and `retried` queue its job,
    /// a final state ends its job and completes its upload, `removed` forgets it. An `uploaded`
    /// image of the same bytes as one that its owner has had developed by the same recipe is ready
    /// at once: `copied` follows in the same transaction, here and in `claimJob`.
    /// Under a key that came before the image is given as it stands, without a document where it
    /// is gone.
    /// - Throws: `wrong-state` where the state machine of `Change` does not allow it; `key-reused`.
    @discardableResult
    func record(
        _ change: Change, of image: Image.ID, in batch: Batch.ID, under key: RequestKey?,
        at date: Date
    ) async throws -> Image

    /// Several changes of one image, together.
    /// - Throws: as `record`, and then none is recorded.
    @discardableResult
    func record(
        _ changes: [Change], of image: Image.ID, in batch: Batch.ID, at date: Date
    ) async throws -> Image

    /// Whether the owner of `batch` has an original of so many bytes, in whichever batch.
    func hasOriginal(ofSize bytes: Int, for batch: Batch.ID) async throws -> Bool
    /// Records `uploaded` where the owner of `batch` has an original of these bytes already, in
    /// whichever batch: in one transaction, so that it cannot be removed in between. Nil, and
    /// nothing is recorded, where they have none; what others have does not count.
    /// - Throws: as `record`.
    func recordKnown(
        _ blob: Blob, of image: Image.ID, in batch: Batch.ID, at date: Date
    ) async throws -> Image?

    // MARK: Jobs

    /// Takes the next queued job, and records `image.processing` where a new attempt begins. The
    /// quick lane goes before the slow one, but for the slow lane's own turns (`Job.Lane`). In each
    /// lane turns go by who asked, then by owner, then by batch, whoever waits longest first: neither
    /// thousands of photos nor thousands of batches make somebody else wait for more than a turn.
    /// Costs the same however many wait.
    /// - Parameter standsBy: where none is queued, the transaction that queues the next one claims
    ///   for `boot` as well, once, and tells it as `Commit.claimed`: so claiming waits for no disk of
    ///   its own. Whoever stands by is replaced by the next who does.
    func claimJob(boot: String, standsBy: Bool, at date: Date) async throws -> Job?
    /// Nothing is claimed any more for who stands by. What was before has been told when this returns.
    func standDown() async throws
    /// Ends a turn: records `changes`, and queues the job in the slow lane where it is `postponed`; the
    /// attempt goes on there, so nothing is counted. Takes the next job as `claimJob` does, where
    /// `boot` is given and one can be had at once: all of it waits for the disk once.
    /// - Throws: `wrong-state` where the image was taken away meanwhile.
    func endPass(
        _ job: Job, with changes: [Change], postponed: Bool, claimingFor boot: String?,
        at date: Date
    ) async throws -> Job?
    /// Gives back a job whose attempt brought no result: it is queued again, or, at the limit of
    /// `loss`, ends as `failed` with `problem`. Without a loss it is nobody's fault and not counted.
    func release(_ job: Job, after loss: Job.Loss?, problem: Problem, at date: Date) async throws
    /// Queues again all that a server before `boot` was running; counts each as a loss of `server`.
    func recoverJobs(boot: String, at date: Date) async throws

    /// Jobs that wait or run, by lane; a gauge.
    func jobCounts() async throws -> [Job.Lane: JobCount]

    /// What was learned of encodes that measure nothing.
    func encodeTimes() async throws -> [EncodeTime]
    /// Replaces what was known of the format and size.
    func keep(_ time: EncodeTime) async throws

    // MARK: Blobs

    /// Which of `names` (SHA-256) no image or rendition uses.
    func unreferenced(_ names: [String]) async throws -> [String]
    /// At most `limit` blobs that lost the last image or rendition which used them, in the order of
    /// their names, those behind `name`. Some may be in use again.
    func releasedBlobs(after name: String?, limit: Int) async throws -> [String]
    /// Tells no more of those among `names` that are `removed` or in use again.
    func forgetReleased(_ names: [String], removed: Set<String>) async throws
}

extension Store {
    /// Takes the next queued job, or nothing.
    package func claimJob(boot: String, at date: Date) async throws -> Job? {
        try await claimJob(boot: boot, standsBy: false, at: date)
    }

    /// A batch that nobody asked for over a connection.
    package func createBatch(
        _ id: Batch.ID, owner: Owner, recipe: Recipe, under key: RequestKey?, at date: Date
    ) async throws -> Made<Batch> {
        try await createBatch(
            id, owner: owner, asker: .unknown, recipe: recipe, under: key, at: date)
    }

    /// The same for a request without a key.
    @discardableResult
    package func record(
        _ change: Change, of image: Image.ID, in batch: Batch.ID, at date: Date
    ) async throws -> Image {
        try await record(change, of: image, in: batch, under: nil, at: date)
    }
}

/// Jobs of one lane.
package struct JobCount: Sendable, Hashable {
    package let waiting: Int
    package let running: Int

    package init(waiting: Int, running: Int) {
        self.waiting = waiting
        self.running = running
    }
}

/// What a store has just made durable.
package enum Commit: Sendable {
    /// The batch as the events left it.
    case recorded(Batch, [Event])
    case deleted(Batch.ID)
    /// The job for the boot that stood by.
    case claimed(Job, boot: String)
}

/// The whole document, as JSON text, and the cursor it is at.
package struct Snapshot: Sendable, Hashable {
    package let batch: Batch
    package let document: String

    package init(batch: Batch, document: String) {
        self.batch = batch
        self.document = document
    }
}

/// Some of a batch's images, and what is said of all of them.
package struct ImagePage: Sendable, Hashable {
    package let batch: Batch
    package let images: [Image]
    /// Images of the batch that are ready.
    package let readyCount: Int

    package init(batch: Batch, images: [Image], readyCount: Int) {
        self.batch = batch
        self.images = images
        self.readyCount = readyCount
    }
}

/// The files of one image: what was made of it so far, or the one that came.
package struct ImageFiles: Sendable, Hashable {
    package enum Kind: String, Sendable, Hashable {
        case renditions, originals
    }

    package let image: Image.ID
    package let position: Int
    /// The image's.
    package let name: String
    /// Where originals are asked for.
    package let original: Blob?
    /// Where renditions are asked for, in the order of their names.
    package var renditions: [Rendition]

    package init(
        image: Image.ID, position: Int, name: String, original: Blob? = nil,
        renditions: [Rendition] = []
    ) {
        self.image = image
        self.position = position
        self.name = name
        self.original = original
        self.renditions = renditions
    }
}

/// A stretch of a log.
package struct LogPage: Sendable, Hashable {
    package let batch: Batch
    package let events: [Event]
    /// The oldest event still kept; events before it were trimmed.
    package let firstSeq: Int

    package init(batch: Batch, events: [Event], firstSeq: Int) {
        self.batch = batch
        self.events = events
        self.firstSeq = firstSeq
    }
}

/// A line in the list of somebody's batches.
package struct BatchSummary: Codable, Sendable, Hashable {
    package let id: String
    package let createdAt: String
    package let state: String
    package let images: Int
    package let name: String?
    /// URLs of the smallest renditions of a few of its images; empty before there are any.
    package let renditions: [String]

    /// Renditions at most.
    package static let renditionLimit = 3

    /// Where a batch stands among its owner's: it stays right when the batch is gone.
    package struct Place: Sendable, Hashable {
        /// As `Date.timestamp` writes it.
        package let createdAt: String
        package let id: String

        package init(createdAt: String, id: String) {
            self.createdAt = createdAt
            self.id = id
        }
    }

    package var place: Place { Place(createdAt: createdAt, id: id) }

    package init(
        id: String, createdAt: String, state: String, images: Int, name: String?,
        renditions: [String]
    ) {
        self.id = id
        self.createdAt = createdAt
        self.state = state
        self.images = images
        self.name = name
        self.renditions = renditions
    }
}
