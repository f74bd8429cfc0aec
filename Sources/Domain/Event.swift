// A change to a batch's document, as it is stored, numbered and sent.

import Foundation

/// `{"seq":17,"at":"…Z","type":"…","image":"i_…","patch":{…}}`. The text is made once, when the
/// event is recorded; the log holds it and every transport sends it as it is.
package struct Event: Sendable, Hashable {
    /// 1, 2, 3 … within a batch, without gaps.
    package let seq: Int
    package let type: EventType
    package let image: Image.ID?
    package let text: String

    /// An event read back from a log.
    package init(seq: Int, type: EventType, image: Image.ID?, text: String) {
        self.seq = seq
        self.type = type
        self.image = image
        self.text = text
    }

    /// A new event; `patch` is a merge patch on the whole document.
    init(seq: Int, at date: Date, type: EventType, image: Image.ID?, patch: JSON) {
        var event: [String: JSON] = [
            "seq": .int(seq), "at": .string(date.timestamp), "type": .string(type.rawValue),
            "patch": patch,
        ]
        if let image { event["image"] = .string(image.rawValue) }
        self.init(seq: seq, type: type, image: image, text: JSON.object(event).text)
    }

    /// The patch, parsed back out of the text.
    package func patch() throws -> JSON { try JSON(parsing: text)["patch"] ?? .object([:]) }
}

package enum EventType: String, Sendable, Hashable, CaseIterable {
    /// The first event of every log: folding a log from nothing gives the whole document.
    case batchCreated = "batch.created"
    case imageCreated = "image.created"
    /// No byte of it has come for a while: nobody waits for it.
    case imageIdle = "image.idle"
    /// Its sender has come, after all.
    case imageResumed = "image.resumed"
    /// The last byte is durable and processing is queued.
    case imageUploaded = "image.uploaded"
    case imageProcessing = "image.processing"
    /// The whole file passed every check.
    case imageAccepted = "image.accepted"
    case renditionReady = "rendition.ready"
    case imageReady = "image.ready"
    case imageRejected = "image.rejected"
    case imageFailed = "image.failed"
    case imageRetried = "image.retried"
    case imageCancelled = "image.cancelled"
    case imageExpired = "image.expired"
    case imageRemoved = "image.removed"
    case batchSettled = "batch.settled"
    case batchRenamed = "batch.renamed"
    /// It ends at another time, or never.
    case batchRescheduled = "batch.rescheduled"
}
