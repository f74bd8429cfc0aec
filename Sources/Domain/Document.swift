// The text of a whole document, held once for all who read it at the same place, however slowly: it
// is as large as all that is said of its photos together, and most readers begin with it.

import Synchronization

package final class Document: Sendable {
    /// Readers copy from it piece by piece, as they get on.
    package let text: String
    package let cursor: Cursor
    package let state: Batch.State
    private let onRelease: @Sendable () -> Void

    package convenience init(_ snapshot: Snapshot) { self.init(snapshot) {} }

    fileprivate init(_ snapshot: Snapshot, onRelease: @escaping @Sendable () -> Void) {
        text = snapshot.document
        cursor = snapshot.batch.cursor
        state = snapshot.batch.state
        self.onRelease = onRelease
    }

    deinit { onRelease() }
}

extension Document: Hashable {
    package static func == (one: Document, other: Document) -> Bool {
        one.cursor == other.cursor && one.text == other.text
    }

    package func hash(into hasher: inout Hasher) { hasher.combine(cursor) }
}

/// The documents that somebody reads, by their batches: each is read from the store once for all who
/// ask at the same time, and held as long as somebody reads it. The last ones are kept for who asks
/// next, until their batches change.
final class Documents: Sendable {
    private struct Shelf {
        weak var document: Document?
        /// Documents of the batch that are held, older ones too.
        var held = 0
        /// A read of the store, and which one in the order of all.
        var reading: (task: Task<Document, any Error>, number: Int)?
    }

    private struct State {
        var shelves: [Batch.ID: Shelf] = [:]
        /// Of all that are held.
        var bytes = 0
        var readings = 0
    }

    private let limit: Int
    private let keptLimit: Int
    private let state = Mutex(State())
    /// For who asks next, the last one asked for at the end. Under a lock of its own, since the end of a
    /// document, which may come with its removal here, takes the other one.
    private let kept = Mutex<[(batch: Batch.ID, document: Document)]>([])

    /// - Parameter limit: bytes of all documents, beyond which no other is read.
    /// - Parameter keptLimit: bytes of those that are kept though nobody reads them.
    init(limit: Int, keptLimit: Int) {
        self.limit = limit
        self.keptLimit = keptLimit
    }

    /// Bytes of all documents that are held; a gauge.
    var bytes: Int { state.withLock { $0.bytes } }

    /// The document of `batch`, no older than this call.
    /// - Parameter isNewest: whether nothing has changed after a document for certain.
    /// - Throws: `unavailable` where too much lies unread; what `read` throws.
    func document(
        of batch: Batch.ID, isNewest: (Document) -> Bool,
        read: @escaping @Sendable () async throws -> Snapshot
    ) async throws -> Document {
        let before = state.withLock { $0.readings }
        while true {
            let shelf = state.withLock { $0.shelves[batch] }
            if let known = shelf?.document, isNewest(known) {
                keep(known, of: batch)
                return known
            }
            guard let reading = shelf?.reading else {
                return try await begin(batch, read).value
            }
            if reading.number > before { return try await reading.task.value }
            // It began before this call: what it finds may be too old.
            if let found = try? await reading.task.value, isNewest(found) { return found }
        }
    }

    /// Begins a read, unless another has just begun.
    private func begin(
        _ batch: Batch.ID, _ read: @escaping @Sendable () async throws -> Snapshot
    ) throws(Problem) -> Task<Document, any Error> {
        let task: Task<Document, any Error>? = state.withLock { state in
            if let reading = state.shelves[batch]?.reading { return reading.task }
            guard state.bytes < limit else { return nil }
            state.readings += 1
            let number = state.readings
            let task = Task { try keep(await Result(catching: read), of: batch, number) }
            state.shelves[batch, default: Shelf()].reading = (task, number)
            return task
        }
        guard let task else {
            throw Problem(
                .unavailable, "Readers take the documents of batches too slowly.", limit: limit)
        }
        return task
    }

    private func keep(
        _ result: Result<Snapshot, any Error>, of batch: Batch.ID, _ number: Int
    ) throws -> Document {
        let document = result.map { snapshot in
            Document(snapshot) { [weak self] in
                self?.release(snapshot.document.utf8.count, of: batch)
            }
        }
        state.withLock { state in
            state.bytes += (try? result.get().document.utf8.count) ?? 0
            switch document {
            case .success(let document):
                state.shelves[batch]?.reading = nil
                state.shelves[batch]?.held += 1
                state.shelves[batch]?.document = document
            case .failure:
                state.shelves[batch] = nil
            }
        }
        if let document = try? document.get() { keep(document, of: batch) }
        return try document.get()
    }

    /// Keeps it for who asks next, and lets those go that were asked for longest ago.
    private func keep(_ document: Document, of batch: Batch.ID) {
        guard document.text.utf8.count <= keptLimit else { return }
        kept.withLock { kept in
            kept.removeAll { $0.batch == batch }
            kept.append((batch, document))
            var bytes = kept.reduce(0) { $0 + $1.document.text.utf8.count }
            while bytes > keptLimit { bytes -= kept.removeFirst().document.text.utf8.count }
        }
    }

    /// The batch has changed: whoever asks next needs another document.
    func forget(_ batch: Batch.ID) { kept.withLock { $0.removeAll { $0.batch == batch } } }

    private func release(_ bytes: Int, of batch: Batch.ID) {
        state.withLock { state in
            state.bytes -= bytes
            state.shelves[batch]?.held -= 1
            guard let shelf = state.shelves[batch], shelf.held <= 0, shelf.reading == nil else {
                return
            }
            state.shelves[batch] = nil
        }
    }
}

extension Result where Failure == any Error {
    fileprivate init(catching body: @Sendable () async throws -> Success) async {
        do { self = .success(try await body()) } catch { self = .failure(error) }
    }
}
