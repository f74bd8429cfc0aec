// Bytes promised to uploads that have begun and not yet come, so that the disk is not promised
// twice. A promise weighs in full while bytes come; whoever brings none keeps nobody out for long.

import Domain
import Synchronization

final class Room: Sendable {
    private struct Promise {
        let batch: Batch.ID
        var bytes: Int
        /// Until when it weighs in full.
        var fullUntil: ContinuousClock.Instant

        func weight(at now: ContinuousClock.Instant) -> Int {
            now < fullUntil ? bytes : bytes / Room.idleShare
        }
    }

    /// How long a promise weighs in full before its first byte, and after each that came.
    private static let untilBegun = Duration.seconds(10)
    private static let untilIdle = Duration.seconds(60)
    /// The part of a promise that still weighs after it: most of those who are away come back.
    private static let idleShare = 64

    private let missing = Mutex<[Upload.ID: Promise]>([:])
    private let now: @Sendable () -> ContinuousClock.Instant

    init(now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }) { self.now = now }

    /// Promises an upload the bytes it has announced and not yet sent, where `free` bytes are enough
    /// for all promises: looked at and promised in one step.
    /// - Throws: `disk-full`.
    func reserve(_ free: Int, for upload: Upload) throws(Problem) {
        let bytes = bytes(of: upload, behind: upload.offset)
        let isWhole = upload.length == upload.offset
        let missed: Int? = missing.withLock { missing in
            let left = missing.reduce(free) {
                $1.key == upload.id ? $0 : $0.subtractingWithin($1.value.weight(at: now()))
            }
            // What has come needs no more room, however little there is.
            guard isWhole || left >= bytes else { return max(0, left) }
            let full = upload.offset > 0 ? Self.untilIdle : Self.untilBegun
            missing[upload.id] = Promise(
                batch: upload.batch, bytes: bytes, fullUntil: now() + full)
            return nil
        }
        guard let missed else { return }
        throw Problem(
            .diskFull, "The server has room for \(missed) more bytes.", limit: missed,
            actual: bytes)
    }

    /// Bytes promised and not yet come, whatever they weigh; a gauge.
    var promised: Int { missing.withLock { $0.values.reduce(0) { $0.addingWithin($1.bytes) } } }

    /// Whether the upload's promise weighs in full, so that it need not be made again.
    func isPromised(_ id: Upload.ID) -> Bool {
        missing.withLock { missing in missing[id].map { now() < $0.fullUntil } ?? false }
    }

    /// Promises what was promised before the server started, whatever room there is.
    func restore(for upload: Upload) {
        let bytes = bytes(of: upload, behind: upload.offset)
        missing.withLock {
            $0[upload.id] = Promise(batch: upload.batch, bytes: bytes, fullUntil: now())
        }
    }

    /// The upload holds `durable` of its bytes.
    func note(_ durable: Int, of upload: Upload) {
        missing.withLock { missing in
            missing[upload.id]?.bytes = bytes(of: upload, behind: durable)
            missing[upload.id]?.fullUntil = now() + Self.untilIdle
        }
    }

    private func bytes(of upload: Upload, behind offset: Int) -> Int {
        max(0, (upload.length ?? offset) - offset)
    }

    func release(_ id: Upload.ID) { missing.withLock { $0[id] = nil } }

    /// The batch is deleted, and all its uploads with it.
    func releaseAll(in batch: Batch.ID) {
        missing.withLock { missing in missing = missing.filter { $0.value.batch != batch } }
    }
}

extension Int {
    /// The sum, or the largest number there is.
    fileprivate func addingWithin(_ other: Int) -> Int {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? .max : sum
    }

    /// The difference, or the smallest number there is.
    fileprivate func subtractingWithin(_ other: Int) -> Int {
        let (difference, overflow) = subtractingReportingOverflow(other)
        return overflow ? .min : difference
    }
}
