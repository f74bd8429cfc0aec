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
    /// the task kills the worker.
    ///
    /// Throws `WorkerFailure`, `CancellationError`, or what `onReport` throws.
    package nonisolated func perform(
        _ request: RenderRequest, input: Int32, outputs: [MemoryFile] = [], owner: String,
        onReport: @escaping @Sendable (RenderReport) async throws -> Void = { _ in }
    ) async throws -> RenderOutcome {
        let (id, worker) = try await borrow(request.lane, owner: owner)
        do {
            let outcome = try await withTaskCancellationHandler {
                try await converse(
                    with: worker, about: request, input: input, outputs: outputs,
                    onReport: onReport)
            } onCancel: {
                worker.kill(because: .cancelled)
            }
            // Cancelled at the last moment: the outcome stands, the worker does not.
            await giveBack(id, keep: !Task.isCancelled)
            return outcome
        } catch {
            await giveBack(id, keep: false)
            throw Task.isCancelled ? CancellationError() : error
        }
    }

    private nonisolated func converse(
        with worker: WorkerProcess, about request: RenderRequest, input: Int32,
        outputs: [MemoryFile], onReport: @Sendable (RenderReport) async throws -> Void
    ) async throws -> RenderOutcome {
        var review = WorkerReview(request)
        try worker.allowCPU(seconds: configuration.cpuLimit)
        worker.allow(time: limit(of: request.lane))
        try worker.send(request, descriptors: [input] + outputs.map(\.number))
        while true {
            let report = try await nextReport(from: worker)
            try review.admit(report)
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

    private nonisolated func limit(of lane: WorkerLane) -> Duration {
        switch lane {
        case .develop: configuration.timeLimit
        case .sniff: configuration.sniffLimit
        }
    }

    private nonisolated func nextReport(
        from worker: WorkerProcess
    ) async throws(WorkerFailure) -> RenderReport {
        switch await worker.next() {
        case .message(.report(let report)): return report
        case .message(.hello): throw .violation("it introduces itself twice")
        case .exited(let exit): throw WorkerFailure(exit)
        }
    }

    /// Makes a delivered rendition final: the worker still holds its descriptor.
    private nonisolated func seal(
        _ name: String, of request: RenderRequest, in outputs: [MemoryFile], size: Int
    ) throws(WorkerFailure) {
        guard case .develop(_, let wanted, _) = request, let index = wanted.firstIndex(of: name),
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

extension RenderRequest {
    fileprivate var lane: WorkerLane {
        switch self {
        case .develop: .develop
        case .sniff: .sniff
        }
    }
}
