// Bytes promised to uploads that have begun and not yet come, so that the disk is not promised
// twice.

import Domain
import Synchronization

final class Room: Sendable {
    private struct Promise {
        let batch: Batch.ID
        var bytes: Int
    }

    private let missing = Mutex<[Upload.ID: Promise]>([:])

    var reserved: Int { missing.withLock { $0.values.reduce(0) { $0 + $1.bytes } } }

    func reserve(_ bytes: Int, for upload: Upload) {
        missing.withLock { $0[upload.id] = Promise(batch: upload.batch, bytes: bytes) }
    }

    /// The upload holds `durable` of its bytes.
    func note(_ durable: Int, of upload: Upload) {
        missing.withLock { missing in
            missing[upload.id]?.bytes = max(0, (upload.length ?? durable) - durable)
        }
    }

    func release(_ id: Upload.ID) { missing.withLock { $0[id] = nil } }

    /// The batch is deleted, and all its uploads with it.
    func releaseAll(in batch: Batch.ID) {
        missing.withLock { missing in missing = missing.filter { $0.value.batch != batch } }
    }
}
