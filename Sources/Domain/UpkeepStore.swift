// What keeps a store small, and shows whether it can be used.

package import Foundation

package protocol UpkeepStore: Sendable {
    /// Returns where the store can be read and is where what it acknowledges will be found.
    /// - Throws: `unavailable` where it is not.
    func probe() async throws
    /// At most `limit` batches whose end has come and that nobody has deleted, the first to end first.
    func endedBatches(at date: Date, limit: Int) async throws -> [Batch.ID]
    /// Removes a slice of what deleted batches held, so small that nobody waits for it. False where
    /// nothing is left.
    func purge() async throws -> Bool
    /// Forgets the requests whose time is over; they count no more whether or not it is called.
    func forgetKeys(at date: Date) async throws
    /// Which of `names` (SHA-256) no image or rendition uses.
    func unreferenced(_ names: [String]) async throws -> [String]
    /// At most `limit` blobs that lost the last image or rendition which used them, in the order of
    /// their names, those behind `name`. Some may be in use again.
    func releasedBlobs(after name: String?, limit: Int) async throws -> [String]
    /// Tells no more of those among `names` that are `removed` or in use again.
    func forgetReleased(_ names: [String], removed: Set<String>) async throws
}
