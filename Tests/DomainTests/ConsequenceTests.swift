import Domain
import Testing

@Suite("What follows from a change of an image")
struct ConsequenceTests {
    private let image = Image(
        id: .random(), batch: .random(), document: ["state": "waiting", "renditions": [:]])
    private let shown = Image(
        id: .random(), batch: .random(), document: ["renditions": ["thumb": ["width": 4]]])

    @Test("a final state ends the job, completes the upload and ends its requests")
    func finalStates() {
        let problem = Problem(.damaged)
        let endings: [Change] = [
            .ready, .rejected(problem), .failed(problem), .cancelled,
            .copied(from: image, [rendition]), .expired,
        ]
        for ending in endings {
            let follows = ending.consequences(for: image)
            #expect(follows.suffix(2) == [.endJob, .completeUpload], "\(ending.type)")
            #expect(follows.contains(.endKeys), "\(ending.type)")
            #expect(follows.contains(.forgetKeys) == (ending == .expired), "\(ending.type)")
        }
        #expect(
            Change.copied(from: image, [rendition]).consequences(for: image).first
                == .keepRendition(rendition))
    }

    @Test("what ends without its file counts no bytes any more; a file that came whole does")
    func bytes() {
        let whole = Image(id: .random(), batch: .random(), document: ["sha256": "0a"])
        for ending in [
            Change.rejected(Problem(.damaged)), .failed(Problem(.internal)), .cancelled, .expired,
        ] {
            #expect(ending.consequences(for: image).contains(.releaseBytes), "\(ending.type)")
            #expect(!ending.consequences(for: whole).contains(.releaseBytes), "\(ending.type)")
        }
    }

    @Test(
        "only bytes that came whole, and a retry, queue a job: where it has been seen, in the slow lane"
    )
    func queues() {
        for change in changes {
            let queued = change.consequences(for: image).filter {
                if case .queueJob = $0 { true } else { false }
            }
            let mayQueue = change == .uploaded(blob) || change == .retried
            #expect(queued == (mayQueue ? [.queueJob(.quick)] : []), "\(change.type)")
        }
        #expect(Change.retried.consequences(for: shown) == [.queueJob(.slow)])
    }

    @Test("what came whole is kept before its job is queued, and takes no more bytes")
    func uploaded() {
        #expect(
            Change.uploaded(blob).consequences(for: image)
                == [.keepOriginal(blob), .completeUpload, .endKeys, .queueJob(.quick)])
    }

    @Test("what says how far a photo is changes its document alone")
    func nothing() {
        for change in [changes[0], .processing, .accepted(facts)] {
            #expect(change.consequences(for: image).isEmpty)
        }
    }
}
