// SHA-256 of a file that is being written, kept up while the bytes come in order, so that nobody
// has to read the file again to learn its name.

import Hashing

/// The hash of a file's first `count` bytes.
struct RunningHash: Sendable {
    private var digest = SHA256()
    private(set) var count = 0

    /// Takes the bytes written at `offset` into account: they continue the hash, or they replace
    /// what it had seen, or they leave a gap and are read later.
    mutating func take(_ bytes: UnsafeRawBufferPointer, at offset: Int) {
        if offset < count { self = RunningHash() }
        guard offset == count else { return }
        digest.update(bytes)
        count += bytes.count
    }

    /// Lower-case hexadecimal.
    var name: String { digest.finalize().hexadecimal }
}
