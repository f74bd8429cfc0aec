// Checks an upload's first bytes while the others go on coming: one look at a time, and none after
// one that says the file fits.

import Domain
import Synchronization

final class FirstBytesCheck: Sendable {
    /// Where an upload is looked at, while most of it is still to come. A look that takes longer
    /// than the way to the next place covers both.
    static let places = [64 << 10, 256 << 10, 1 << 20]

    private struct State {
        /// How many bytes the latest look has seen, or sees.
        var reach = 0
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
    private let inspect: UploadService.Inspector
    private let state: Mutex<State>

    init(_ upload: Upload, inspect: @escaping UploadService.Inspector) {
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
            state.reach = written
            state.stop = stop
            // Unstructured: a request that is interrupted does not wait for the check, and cancelling
            // it would end a worker. It ends within the time limit of the pool that checks.
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

    /// The bytes behind the first `kept` are about to be taken back, and others may come in their place:
    /// what a look at them says is waited for and counts for nothing.
    func takeBack(to kept: Int) async {
        guard state.withLock({ $0.reach > kept }) else { return }
        await settle()
        state.withLock { state in
            state.reach = kept
            state.problem = nil
            state.places = Self.places.drop { $0 <= kept }
        }
    }

    /// Waits for a look that is under way.
    func settle() async { await state.withLock { $0.running }?.value }
}
