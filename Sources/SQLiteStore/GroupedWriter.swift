// One writer for all. Writes that arrive while a commit is on its way to disk share the next one:
// with 64 callers each pays a hundredth of a sync.

import Domain
import GRDB
import Synchronization

final class GroupedWriter: Sendable {
    private struct Write: Sendable {
        /// Runs inside the shared transaction and returns what to do when that has ended.
        let run: @Sendable (Database) -> Finish
        /// Ends a write that never ran.
        let refuse: @Sendable (any Error) -> Void
    }
    /// Called with the error of the shared transaction, or nil once it is durable.
    private typealias Finish = @Sendable ((any Error)?) -> Void

    private struct State {
        var waiting: [Write] = []
        var isDraining = false
        var observers: [@Sendable (Commit) -> Void] = []
    }

    private let pool: DatabasePool
    private let file: DatabaseFile
    private let state = Mutex(State())

    init(pool: DatabasePool, file: DatabaseFile) {
        self.pool = pool
        self.file = file
    }

    func observe(_ observer: @escaping @Sendable (Commit) -> Void) {
        state.withLock { $0.observers.append(observer) }
    }

    /// Runs `body` in a transaction of its own as far as errors go: what it throws undoes it alone.
    /// Returns when the result is durable and its commits were observed.
    /// - Parameter published: called then, on the writer's queue, before any later write's commits
    ///   are observed.
    func write<T: Sendable>(
        _ body: @escaping @Sendable (Database) throws -> (result: T, commits: [Commit]),
        published: @escaping @Sendable (T) -> Void = { _ in }
    ) async throws -> T {
        try await withCheckedThrowingContinuation { continuation in
            enqueue(
                Write { database in
                    let outcome = Result { try database.undoable { try body(database) } }
                    return { failure in
                        do {
                            if let failure { throw failure }
                            let (result, commits) = try outcome.get()
                            self.publish(commits)
                            published(result)
                            continuation.resume(returning: result)
                        } catch {
                            continuation.resume(throwing: plain(error))
                        }
                    }
                } refuse: {
                    continuation.resume(throwing: plain($0))
                })
        }
    }

    private func enqueue(_ write: Write) {
        let mustStart = state.withLock { state in
            state.waiting.append(write)
            defer { state.isDraining = true }
            return !state.isDraining
        }
        if mustStart { pool.asyncWriteWithoutTransaction { self.drain($0) } }
    }

    /// Commits group after group until none waits. Runs on the pool's writer queue.
    private func drain(_ database: Database) {
        while let group = takeGroup() {
            var finishes: [Finish] = []
            do {
                try file.check()
                try database.inTransaction(.immediate) {
                    finishes = group.map { $0.run(database) }
                    return .commit
                }
                for finish in finishes { finish(nil) }
            } catch {
                for finish in finishes { finish(error) }
                for write in group.dropFirst(finishes.count) { write.refuse(error) }
            }
        }
    }

    private func takeGroup() -> [Write]? {
        state.withLock { state in
            guard !state.waiting.isEmpty else {
                state.isDraining = false
                return nil
            }
            defer { state.waiting = [] }
            return state.waiting
        }
    }

    private func publish(_ commits: [Commit]) {
        let observers = state.withLock { $0.observers }
        for commit in commits {
            for observer in observers { observer(commit) }
        }
    }
}

extension Database {
    /// Runs `body` in a savepoint, undone if it throws.
    func undoable<T>(_ body: () throws -> T) throws -> T {
        var value: T?
        try inSavepoint {
            value = try body()
            return .commit
        }
        guard let value else { throw Problem(.internal) }
        return value
    }
}
