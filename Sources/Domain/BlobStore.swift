// Where bytes are kept: uploads under way in a staging area, finished files by their content.

package protocol BlobStore: Sendable {
    // MARK: Staging

    /// Makes an empty staging file for a new upload.
    func stage(_ id: Upload.ID) async throws
    /// Writes `chunks` one after another from `offset`. The bytes are not durable until `sync`.
    /// - Throws: `disk-full` where there is no room.
    func append(_ chunks: [Chunk], to id: Upload.ID, at offset: Int) async throws
    /// Returns when all appended bytes are on disk.
    func sync(_ id: Upload.ID) async throws
    /// Writes the staged files of `parts` one after another into the empty staging file of `id`;
    /// not durable until `sync`. Returns how many bytes that are.
    func append(contentsOf parts: [Upload.ID], to id: Upload.ID) async throws -> Int
    /// Cuts the staging file to `offset` bytes, those that were acknowledged.
    /// - Throws: `BytesMissing` where there are fewer, `no-such-upload` where there is no file.
    func truncate(_ id: Upload.ID, to offset: Int) async throws
    /// Opens the staging file for reading; the caller closes the descriptor.
    func openStaged(_ id: Upload.ID) async throws -> Int32
    /// Gives the first `size` staged bytes their content's name as well; nothing can be appended
    /// after it. Durable when it returns; the staging file stays until `discard`, so a crash
    /// between the two loses nothing. Doing it again is harmless.
    /// - Throws: as `truncate`.
    func promote(_ id: Upload.ID, size: Int) async throws -> Blob
    /// Whether `promote` was called for the upload, which then has all its bytes and takes no more. A
    /// crash may hide it only where a blob is a copy.
    func isPromoted(_ id: Upload.ID) async throws -> Bool
    /// Removes the staging file, if it is there.
    func discard(_ id: Upload.ID) async throws
    /// The uploads that have a staging file.
    func staged() async throws -> [Upload.ID]

    // MARK: Blobs

    /// Copies the bytes of `descriptor` in `range` into a blob; each is read once. Durable when it
    /// returns.
    func add(contentsOf descriptor: Int32, in range: Range<Int>) async throws -> Blob
    /// Opens a blob for reading; the caller closes the descriptor.
    /// - Throws: `BlobMissing` where it is gone.
    func open(_ blob: Blob) async throws -> Int32
    /// The names of blobs that nobody has made or promoted in the last `age` seconds.
    func names(olderThan age: Double) async throws -> [String]
    /// The names of blobs that this process has made or promoted, and not in the last `age` seconds;
    /// each is told once.
    func made(olderThan age: Double) async throws -> [String]
    /// Removes the blob, unless somebody has made or promoted the same content in the last `age`
    /// seconds: it may be in use by now, though it was not when it was found. False where it stays.
    @discardableResult
    func remove(_ name: String, olderThan age: Double) async throws -> Bool
    /// Returns where a file could be made just now.
    /// - Throws: `unavailable` where none can, `disk-full` where there is no room for one.
    func probe() async throws
    /// Bytes that can still be written, on the fullest of the disks.
    func freeBytes() async throws -> Int
}

/// A staging file holds fewer bytes than were acknowledged.
package struct BytesMissing: Error {
    package init() {}
}

/// A blob that the store of batches names is not there any more.
package struct BlobMissing: Error {
    package let blob: Blob

    package init(_ blob: Blob) { self.blob = blob }
}

/// Bytes in somebody else's memory, lent for one write.
package struct Chunk: Sendable {
    package let count: Int
    package let withBytes: @Sendable ((UnsafeRawBufferPointer) throws -> Void) throws -> Void

    package init(
        count: Int,
        withBytes: @escaping @Sendable ((UnsafeRawBufferPointer) throws -> Void) throws -> Void
    ) {
        self.count = count
        self.withBytes = withBytes
    }
}
