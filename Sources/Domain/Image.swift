// One photograph in a batch, and the states it goes through.

/// The image as its events left it: its member of the batch's document, and nothing beside it.
package struct Image: Identified, Sendable, Hashable {
    package typealias ID = Identifier<Image>
    package static let identifierPrefix = "i"

    package let id: ID
    package let batch: Batch.ID
    /// The member `images[id]` of the document. `null` before the first event and after removal.
    package private(set) var document: JSON

    package init(id: ID, batch: Batch.ID, document: JSON = .null) {
        self.id = id
        self.batch = batch
        self.document = document
    }

    /// nil before the first event and after removal.
    package var state: State? { document["state"]?.stringValue.flatMap(State.init) }

    /// Whether no byte has come for so long that nobody waits for it.
    package var isIdle: Bool { document["idle"] == true }

    /// Where it stands in its batch, from 0.
    package var position: Int { document["position"]?.intValue ?? 0 }

    /// Its original, in hexadecimal; nil until all its bytes are there.
    package var sha256: String? { document["sha256"]?.stringValue }

    /// Why it was rejected or failed.
    package var problem: Problem? { Problem(member: document["problem"]) }

    /// Whether a batch is not settled before this image has ended.
    var isAwaited: Bool { state.map { !$0.isFinal && !isIdle } ?? false }

    package var name: String { document["name"]?.stringValue ?? id.rawValue }

    /// Renditions that are finished.
    package var renditionNames: Set<String> {
        Set(document["renditions"]?.members.keys ?? [:].keys)
    }

    mutating func merge(_ patch: JSON) { document = document.merging(patch) }

    /// `uploading → waiting → processing → ready` is the way; the other final states leave it.
    package enum State: String, Sendable, Hashable, CaseIterable {
        case uploading, waiting, processing, ready, rejected, failed, cancelled, expired

        /// Whether nothing more happens by itself.
        package var isFinal: Bool {
            switch self {
            case .uploading, .waiting, .processing: false
            case .ready, .rejected, .failed, .cancelled, .expired: true
            }
        }
    }
}
