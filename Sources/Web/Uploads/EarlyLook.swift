// Looks at an upload's first bytes while the others go on coming: one look at a time, and none
// after one that says the file fits.

import Domain
import Synchronization

final class EarlyLook: Sendable {
    /// Where an upload is looked at, while most of it is still to come. A look that takes longer
    /// than the way to the next place covers both.
    static let places = [64 << 10, 256 << 10, 1 << 20]

    private struct State {
        /// Still to be looked at.
        var places: ArraySlice<Int>
        var running: Task<Void, Never>?
        var problem: Problem?
        /// The request that sends the bytes, if a refusal should end it.
        var stop: Stop?

        func isDue(at position: Int) -> Bool {
            running == nil && places.first.map { position >= $0 } == true
        }
    }

    let upload: Upload
    private let inspect: Intake.Inspector
    private let state: Mutex<State>

    init(_ upload: Upload, inspect: @escaping Intake.Inspector) {
        self.upload = upload
        self.inspect = inspect
        state = Mutex(State(places: Self.places.drop { $0 <= upload.offset }))
    }

    /// Why the file is not wanted, as soon as a look has found out.
    var problem: Problem? { state.withLock { $0.problem } }

    /// Whether the first `position` bytes should be written, to be looked at.
    func isDue(at position: Int) -> Bool { state.withLock { $0.isDue(at: position) } }

    /// Begins a look at the first `written` bytes where one is due.
    /// - Parameter stop: ended by a refusal; nil where other files follow in the request's body.
    func take(at written: Int, for stop: Stop?) {
        state.withLock { state in
            guard state.isDue(at: written) else { return }
            state.places = state.places.drop { $0 <= written }
            state.stop = stop
            // Nobody's child: a request that is interrupted does not wait for it, and ending it
            // would cost a worker. It ends by itself, soon.
            state.running = Task { finish(await inspect(upload, written)) }
        }
    }

    private func finish(_ verdict: RenderReport.Verdict) {
        let refused = state.withLock { state in
            state.running = nil
            defer { state.stop = nil }
            switch verdict {
            case .undecided: return nil as Stop?
            case .fits:
                state.places = []
                return nil
            case .refuse(let problem):
                state.places = []
                state.problem = problem
                return state.stop
            }
        }
        refused?.pull(.refused)
    }

    /// Waits for a look that is under way.
    func settle() async { await state.withLock { $0.running }?.value }
}

/// The looks at uploads under way, which go from one request for an upload to the next.
final class EarlyLooks: Sendable {
    private let inspect: Intake.Inspector?
    private let looks = Mutex<[Upload.ID: EarlyLook]>([:])

    init(_ inspect: Intake.Inspector?) { self.inspect = inspect }

    /// Nil where nobody looks, for a part, since only the whole begins like a photograph, and for
    /// what is complete.
    func look(at upload: Upload) -> EarlyLook? {
        guard let inspect, upload.image != nil, !upload.isComplete else { return nil }
        return looks.withLock { looks in
            let look = looks[upload.id] ?? EarlyLook(upload, inspect: inspect)
            looks[upload.id] = look
            return look
        }
    }

    func forget(_ upload: Upload.ID) { looks.withLock { $0[upload] = nil } }

    func forgetAll(in batch: Batch.ID) {
        looks.withLock { looks in looks = looks.filter { $0.value.upload.batch != batch } }
    }
}
