// One job in one worker: lent, asked, listened to, given back. Ending the job is ending the
// worker, for nothing else stops an encoder.

package import Domain
package import WorkerLink

/// A job's last word.
package enum RenderOutcome: Sendable, Hashable {
    /// Every wanted rendition was delivered.
    case done
    /// The input is at fault.
    case refused(Problem)
    /// The worker, or its circumstances, are at fault, by its own word.
    case failed(Problem)
    case sniffed(RenderReport.Verdict)
}

extension WorkerPool {
    /// Has a worker of this owner's answer a request.
    ///
    /// `input` is the photograph, open for reading, and stays the caller's. `outputs` has one
    /// memory file for each wanted rendition, in order; when `onReport` hears of a rendition, its
    /// file is sealed and as large as told. `onReport` hears `accepted`, `progress` and
    /// `rendition`, each checked against the request; what it throws ends the job. Cancelling
    /// the task kills the worker. `patience` is how long to wait for a worker at most.
    ///
    /// A worker that proves to have been dead already is replaced by the next one: when several die
    /// at once, as by the kernel's want of memory, one of them may be lent before it is reaped.
    ///
    /// Throws `WorkerFailure`, `CancellationError`, or what `onReport` throws.
    package nonisolated func perform(
        _ request: RenderRequest, input: Int32, outputs: [MemoryFile] = [], owner: String,
        patience: Duration? = nil,
        onReport: @escaping @Sendable (RenderReport) async throws -> Void = { _ in }
    ) async throws -> RenderOutcome {
        while true {
            let (id, worker) = try await borrow(for: owner, within: patience)
            do {
                let outcome = try await withTaskCancellationHandler {
                    try await converse(
                        with: worker, about: request, input: input, outputs: outputs,
                        onReport: onReport)
                } onCancel: {
                    worker.kill(because: .cancelled)
                }
                // Cancelled at the last moment: the outcome stands, the worker does not.
                await giveBack(id, as: Task.isCancelled ? .spent : .sound)
                return outcome
            } catch let failure as WorkerFailure where failure.isUnavailable && !Task.isCancelled {
                try await giveUp(id, because: failure)
            } catch {
                await giveBack(id, as: .spent)
                throw Task.isCancelled ? CancellationError() : error
            }
        }
    }

    private nonisolated func converse(
        with worker: WorkerProcess, about request: RenderRequest, input: Int32,
        outputs: [MemoryFile], onReport: @Sendable (RenderReport) async throws -> Void
    ) async throws -> RenderOutcome {
        var review = WorkerReview(request)
        try ask(worker, request, descriptors: [input] + outputs.map(\.number))
        var hasBegun = false
        while true {
            let report = try await nextReport(from: worker, hasBegun: hasBegun)
            try review.admit(report)
            hasBegun = true
            switch report {
            case .rendition(let name, _, _, _, let bytes):
                try seal(name, of: request, in: outputs, size: bytes)
                try await onReport(report)
            case .accepted, .progress: try await onReport(report)
            case .done: return finished(worker, .done)
            case .refused(let problem): return finished(worker, .refused(problem))
            case .failed(let problem): return finished(worker, .failed(problem))
            case .sniffed(let verdict): return finished(worker, .sniffed(verdict))
            }
        }
    }

    /// Throws `unavailable` where there is nobody to ask.
    private nonisolated func ask(
        _ worker: WorkerProcess, _ request: RenderRequest, descriptors: [Int32]
    ) throws {
        do throws(LinkError) {
            try worker.allowCPU(seconds: configuration.cpuLimit)
            worker.allow(time: configuration.timeLimit)
            try worker.send(request, descriptors: descriptors)
        } catch {
            switch error {
            case .closed, .system: throw WorkerFailure.unavailable("\(error)")
            case .undecodable, .tooLarge, .descriptors: throw error
            }
        }
    }

    /// A worker speaks before it touches the photograph, so one that ends without a word did not
    /// end because of it.
    private nonisolated func nextReport(
        from worker: WorkerProcess, hasBegun: Bool
    ) async throws(WorkerFailure) -> RenderReport {
        switch await worker.next() {
        case .message(.report(let report)): return report
        case .message(.hello): throw .violation("it introduces itself twice")
        case .exited(let exit) where exit.reason == nil && !hasBegun:
            throw .unavailable("\(WorkerFailure(exit)) before it began")
        case .exited(let exit): throw WorkerFailure(exit)
        }
    }

    /// Makes a delivered rendition final: the worker still holds its descriptor.
    private nonisolated func seal(
        _ name: String, of request: RenderRequest, in outputs: [MemoryFile], size: Int
    ) throws(WorkerFailure) {
        guard case .develop(_, let wanted, _, _) = request, let index = wanted.firstIndex(of: name),
            index < outputs.count
        else { throw .violation("a rendition without a file") }
        let actual: Int
        do throws(LinkError) {
            try outputs[index].seal()
            actual = try outputs[index].size()
        } catch {
            throw .violation("a rendition that cannot be made final")
        }
        guard actual == size else { throw .violation("a rendition of another length") }
    }

    private nonisolated func finished(
        _ worker: WorkerProcess, _ outcome: RenderOutcome
    ) -> RenderOutcome {
        worker.allow(time: nil)
        return outcome
    }
}
