// Bytes that never change, named by what they are.

package struct Blob: Codable, Hashable, Sendable {
    /// SHA-256 in lower-case hexadecimal: the blob's name.
    package let sha256: String
    /// Bytes.
    package let size: Int

    package init(sha256: String, size: Int) {
        self.sha256 = sha256
        self.size = size
    }
}
