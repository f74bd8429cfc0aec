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

    /// For the bytes that the upload has announced and not yet sent.
    func reserve(for upload: Upload) {
        let bytes = bytes(of: upload, behind: upload.offset)
        missing.withLock { $0[upload.id] = Promise(batch: upload.batch, bytes: bytes) }
    }

    /// The upload holds `durable` of its bytes.
    func note(_ durable: Int, of upload: Upload) {
        missing.withLock { missing in
            missing[upload.id]?.bytes = bytes(of: upload, behind: durable)
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
