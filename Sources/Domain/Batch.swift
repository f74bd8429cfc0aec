// A batch is a JSON document; an event is a change to it. Here changes become numbered events.

package import Foundation

/// Who sends photos, or keeps them: the SHA-256 of the secret in their cookie or token, in hexadecimal.
package struct Owner: Hashable, Sendable {
    package let id: String
    package init(id: String) { self.id = id }
}

/// The top of a batch's document and the counters that number its events. Its images are values of
/// their own, because a change touches one of thousands.
package struct Batch: Identified, Sendable, Hashable {
    package typealias ID = Identifier<Batch>
    package static let identifierPrefix = "b"

    package enum State: String, Sendable, Hashable {
        case open
        /// It has images and waits for none: every one is in a final state, or idle.
        case settled
    }

    package let id: ID
    /// Who made it: whose photos these are.
    package let owner: Owner
    /// Who manages it: its owner, or where that is a guest, who made the drop link.
    package let keeper: Owner
    /// When guests may add no more; nil where it came by no drop link.
    package let guestsUntil: Date?
    package let epoch: String
    package let recipe: Recipe
    /// What its owner calls it, at most `Limits.batchNameLength` characters; nil where it has no name.
    package private(set) var name: String?
    /// When it is deleted, on a whole second; nil where it is kept for ever.
    package private(set) var expiresAt: Date?
    package private(set) var state: State
    /// The number of the last event.
    package private(set) var seq: Int
    /// Images in the document.
    package private(set) var imageCount: Int
    /// Images that it waits for.
    package private(set) var unfinishedCount: Int

    package var cursor: Cursor { Cursor(epoch: epoch, seq: seq) }

    /// A batch as a store kept it.
    package init(
        id: ID, owner: Owner, keeper: Owner? = nil, guestsUntil: Date? = nil, epoch: String,
        recipe: Recipe, name: String? = nil, expiresAt: Date? = nil, state: State, seq: Int,
        imageCount: Int, unfinishedCount: Int
    ) {
        self.id = id
        self.owner = owner
        self.keeper = keeper ?? owner
        self.guestsUntil = guestsUntil
        self.epoch = epoch
        self.recipe = recipe
        self.name = name
        self.expiresAt = expiresAt
        self.state = state
        self.seq = seq
        self.imageCount = imageCount
        self.unfinishedCount = unfinishedCount
    }

    /// A new, empty batch and the event that begins its log.
    package static func create(
        id: ID, owner: Owner, keeper: Owner? = nil, epoch: String, recipe: Recipe,
        expiresAt: Date? = nil, at date: Date
    ) throws -> (batch: Batch, event: Event) {
        let batch = Batch(
            id: id, owner: owner, keeper: keeper, epoch: epoch, recipe: recipe,
            expiresAt: expiresAt?.wholeSecond,
            state: .open, seq: 1, imageCount: 0, unfinishedCount: 0)
        var patch: [String: JSON] = [
            "id": .string(id.rawValue), "createdAt": .string(date.timestamp),
            "state": .string(State.open.rawValue), "recipe": try JSON(encoding: recipe),
            "images": [:],
        ]
        patch["expiresAt"] = batch.expiresAt.map { .string($0.timestamp) }
        let event = Event(seq: 1, at: date, type: .batchCreated, image: nil, patch: .object(patch))
        return (batch, event)
    }

    /// Records a change to one of the batch's images: moves the image, counts, and returns the
    /// events to append, the image's own and, where it was the last to finish, `batch.settled`.
    /// - Throws: `wrong-state` where the image's state does not allow the change.
    package mutating func record(
        _ change: Change, of image: inout Image, at date: Date
    ) throws(Problem) -> [Event] {
        let before = image
        let after: Image.State?
        switch change.outcome(in: before.state) {
        case .state(let state): after = state
        case .gone: after = nil
        case .notAllowed:
            throw Problem(
                .wrongState,
                "\(change.type.rawValue) is not possible: the image is \(before.state?.rawValue ?? "gone")."
            )
        }
        let imagePatch = change.patch(on: image, to: after)
        image.merge(imagePatch)
        imageCount += (after == nil ? 0 : 1) - (before.state == nil ? 0 : 1)
        unfinishedCount += (image.isAwaited ? 1 : 0) - (before.isAwaited ? 1 : 0)

        var patch: [String: JSON] = ["images": .object([image.id.rawValue: imagePatch])]
        if state == .settled, !isFinished {
            state = .open
            patch["state"] = .string(State.open.rawValue)
        }
        var events = [append(change.type, image: image.id, .object(patch), at: date)]
        if state == .open, isFinished {
            state = .settled
            events.append(append(.batchSettled, image: nil, ["state": "settled"], at: date))
        }
        return events
    }

    /// A name for a batch out of what its owner wrote: without what a file's name may not hold either,
    /// and without blanks around it. Nil where nothing is left.
    /// - Throws: `bad-request` where it is too long.
    package static func name(
        _ raw: String, limits: Limits = Limits()
    ) throws(Problem) -> String? {
        var plain = String.UnicodeScalarView()
        plain.append(contentsOf: raw.unicodeScalars.filter(FileName.isPlain))
        let name = String(plain).trimmingCharacters(in: .whitespaces)
        guard name.count <= limits.batchNameLength else {
            throw Problem(
                .badRequest, "A batch's name has at most \(limits.batchNameLength) characters.",
                limit: limits.batchNameLength, actual: name.count)
        }
        return name.isEmpty ? nil : name
    }

    /// Records what its owner calls it from now on; nil, and nothing is recorded, where that is the
    /// name it has.
    package mutating func rename(to name: String?, at date: Date) -> Event? {
        guard name != self.name else { return nil }
        self.name = name
        let patch: JSON = ["name": name.map(JSON.string) ?? .null]
        return append(.batchRenamed, image: nil, patch, at: date)
    }

    /// Records when it ends from now on, nil for never: earlier than it would as its keeper likes, later
    /// up to so many days after it was made. Nil, and nothing is recorded, where that is its end already.
    /// - Parameter days: nil for any number.
    /// - Throws: `bad-request` for what has passed or is too late, then with the days.
    package mutating func reschedule(
        to end: Date?, madeAt: Date, keptFor days: Int?, at date: Date
    ) throws(Problem) -> Event? {
        let end = end?.wholeSecond
        guard end != expiresAt else { return nil }
        if let end, end <= date {
            throw Problem(.badRequest, "expiresAt has passed: DELETE deletes a batch at once.")
        }
        let isEarlier = end.map { $0 < expiresAt ?? .distantFuture } ?? false
        if let days, !isEarlier {
            let wished = end.map { Int(($0.timeIntervalSince(madeAt) / .day).rounded(.up)) }
            guard let end, end <= madeAt.addingTimeInterval(Double(days) * .day).wholeSecond else {
                throw Problem(
                    .badRequest, "A batch is kept for at most \(days) days.", limit: days,
                    actual: wished)
            }
        }
        expiresAt = end
        let patch: JSON = ["expiresAt": end.map { .string($0.timestamp) } ?? .null]
        return append(.batchRescheduled, image: nil, patch, at: date)
    }

    private var isFinished: Bool { imageCount > 0 && unfinishedCount == 0 }

    private mutating func append(
        _ type: EventType, image: Image.ID?, _ patch: JSON, at date: Date
    ) -> Event {
        seq += 1
        return Event(seq: seq, at: date, type: type, image: image, patch: patch)
    }
}

extension Date {
    /// The same or the next one, so that text and number say the same.
    fileprivate var wholeSecond: Date {
        Date(timeIntervalSince1970: timeIntervalSince1970.rounded(.up))
    }
}

extension TimeInterval {
    /// Seconds of a day.
    package static let day = 86_400.0
}
