// Bytes promised to uploads that have begun and not yet come, so that the disk is not promised
// twice.

import Domain
import Synchronization

final class Room: Sendable {
    private let missing = Mutex<[Upload.ID: Int]>([:])

    var reserved: Int { missing.withLock { $0.values.reduce(0, +) } }

    func reserve(_ bytes: Int, for id: Upload.ID) { missing.withLock { $0[id] = bytes } }

    /// The upload holds `durable` of its bytes.
    func note(_ durable: Int, of upload: Upload) {
        missing.withLock { missing in
            guard missing[upload.id] != nil else { return }
            missing[upload.id] = max(0, (upload.length ?? durable) - durable)
        }
    }

    func release(_ id: Upload.ID) { missing.withLock { $0[id] = nil } }
}
