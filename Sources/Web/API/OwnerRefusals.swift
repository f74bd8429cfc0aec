// How often somebody was refused something since its owner has as much as they may; for `/metrics`.

import Domain
import Synchronization

final class OwnerRefusals: Sendable {
    private let state = Mutex(["batches": 0, "bytes": 0, "uploads": 0])

    /// By what there was too much of.
    var counts: [String: Int] { state.withLock(\.self) }

    /// Runs what may be refused for it.
    func counting<Value>(_ body: () async throws -> Value) async throws -> Value {
        do {
            return try await body()
        } catch let problem as Problem {
            let what: String? =
                switch problem.code {
                case .tooManyBatches: "batches"
                case .ownerFull: "bytes"
                // The store refuses so many requests of nobody else.
                case .tooManyRequests: "uploads"
                default: nil
                }
            if let what { state.withLock { $0[what, default: 0] += 1 } }
            throw problem
        }
    }
}
