import Domain
import Foundation
import TestSupport
import Testing

let epoch = Date(timeIntervalSince1970: 1_800_000_000)
let blob = Blob(sha256: String(repeating: "ab", count: 32), size: 3)
let facts = ImageFacts(mediaType: .jpeg, width: 4, height: 3, frames: 1, placeholder: "AA==")
let rendition = Rendition(name: "thumb", width: 4, height: 3, mediaType: .webp, blob: blob)

/// One of every change.
let changes: [Change] = [
    .created(position: 0, name: "a.jpg", size: 3), .idle, .resumed, .uploaded(blob), .processing,
    .accepted(facts),
    .renditionReady(rendition), .ready, .rejected(Problem(.notAnImage)),
    .failed(Problem(.workerCrashed)), .retried, .cancelled, .expired, .removed,
    .copied(from: Image(id: .random(), batch: .random()), [rendition]),
]

func newBatch() throws -> (Batch, Event) {
    try Batch.create(
        id: .random(), owner: Owner(id: "o"), epoch: "e", recipe: .web, at: epoch)
}

@Suite("An image's life")
struct StateMachineTests {
    @Test("goes uploading, waiting, processing, ready")
    func happyPath() throws {
        var (batch, _) = try newBatch()
        var image = Image(id: .random(), batch: batch.id)
        var states: [Image.State?] = []
        let path: [Change] = [
            changes[0], .uploaded(blob), .processing, .accepted(facts),
            .renditionReady(rendition), .ready,
        ]
        for change in path {
            _ = try batch.record(change, of: &image, at: epoch)
            states.append(image.state)
        }
        #expect(
            states == [.uploading, .waiting, .processing, .processing, .processing, .ready])
        #expect(batch.state == .settled)
    }

    @Test("is left only by failed, and only by a retry, once it is final")
    func finalStates() throws {
        for change in changes {
            for ending in [
                Change.rejected(Problem(.damaged)), .failed(Problem(.timedOut)), .cancelled,
            ] {
                var (batch, _) = try newBatch()
                var image = Image(id: .random(), batch: batch.id)
                _ = try batch.record(changes[0], of: &image, at: epoch)
                _ = try batch.record(ending, of: &image, at: epoch)
                let isAllowed =
                    change == .removed || (change == .retried && image.state == .failed)
                let before = batch
                if isAllowed {
                    _ = try batch.record(change, of: &image, at: epoch)
                } else {
                    #expect(throws: Problem.self, "\(change) after \(ending)") {
                        try batch.record(change, of: &image, at: epoch)
                    }
                    #expect(batch == before)
                }
            }
        }
    }

    @Test("a retry of a settled batch's image opens the batch in the same patch")
    func retryOpens() throws {
        var (batch, _) = try newBatch()
        var image = Image(id: .random(), batch: batch.id)
        for change in [changes[0], .failed(Problem(.timedOut))] {
            _ = try batch.record(change, of: &image, at: epoch)
        }
        #expect(batch.state == .settled)
        let events = try batch.record(.retried, of: &image, at: epoch)
        #expect(events.map(\.type) == [.imageRetried])
        #expect(try events[0].patch()["state"] == "open")
        #expect(image.document["problem"] == nil)
    }

    @Test(
        "a batch does not wait for an idle image, whatever becomes of that, and waits again for its bytes",
        arguments: changes)
    func idle(next: Change) throws {
        var (batch, _) = try newBatch()
        var (image, other) = (
            Image(id: .random(), batch: batch.id), Image(id: .random(), batch: batch.id)
        )
        for change in [changes[0], .cancelled] {
            _ = try batch.record(change, of: &other, at: epoch)
        }
        _ = try batch.record(changes[0], of: &image, at: epoch)
        #expect(batch.state == .open)
        let settling = try batch.record(.idle, of: &image, at: epoch)
        #expect(settling.map(\.type) == [.imageIdle, .batchSettled])
        #expect(image.state == .uploading && image.document["idle"] == true)
        guard (try? batch.record(next, of: &image, at: epoch)) != nil else { return }
        #expect(image.isIdle == (next == .idle))
        #expect((batch.state == .settled) == (image.isIdle || image.state?.isFinal == true))
    }

    @Test("an empty batch is open, before the first image and after the last is removed")
    func emptyIsOpen() throws {
        var (batch, _) = try newBatch()
        #expect(batch.state == .open)
        var image = Image(id: .random(), batch: batch.id)
        for change in [changes[0], .cancelled] {
            _ = try batch.record(change, of: &image, at: epoch)
        }
        #expect(batch.state == .settled)
        _ = try batch.record(.removed, of: &image, at: epoch)
        #expect(batch.state == .open)
        #expect(image.document == .null)
    }
}

@Suite("A log of events")
struct FoldTests {
    @Test(
        "folded from nothing, from anywhere, or twice, gives the document; numbers have no gaps",
        arguments: 1...40)
    func folding(seed: UInt64) throws {
        var generator = Dice(seed: seed)
        var (batch, first) = try newBatch()
        var events = [first]
        var images = (0..<4).map { _ in Image(id: .random(), batch: batch.id) }
        var documents = [try folded([first])]
        for _ in 0..<120 {
            let which = images.indices.randomElement(using: &generator) ?? 0
            guard let change = changes.randomElement(using: &generator),
                let new = try? batch.record(change, of: &images[which], at: epoch)
            else { continue }
            for event in new {
                events.append(event)
                documents.append(documents[documents.count - 1].merging(try event.patch()))
            }
            if images[which].state == nil { images[which] = Image(id: .random(), batch: batch.id) }
        }
        let document = documents[documents.count - 1]

        #expect(events.map(\.seq) == Array(1...events.count))
        #expect(batch.seq == events.count)
        #expect(try folded(events) == document)
        #expect(document["state"]?.stringValue == batch.state.rawValue)
        for image in images where image.state != nil {
            #expect(document["images"]?[image.id.rawValue] == image.document)
        }
        #expect(document["images"]?.members.count == batch.imageCount)

        let from = Int.random(in: 0..<events.count, using: &generator)
        let rest = try events[(from + 1)...].map { try $0.patch() }
        #expect(rest.reduce(documents[from]) { $0.merging($1) } == document)
        let twice = try events.flatMap { [try $0.patch(), try $0.patch()] }
        #expect(twice.reduce(JSON.object([:])) { $0.merging($1) } == document)
    }

    private func folded(_ events: [Event]) throws -> JSON {
        try events.reduce(JSON.object([:])) { $0.merging(try $1.patch()) }
    }
}
