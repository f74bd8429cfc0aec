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
    /// `input` is the photograph, open for reading, and stays the caller's. `output` is
    /// where the renditions go; while `onReport` hears of one, it is what was delivered last. At the
    /// end the file is empty. `onReport` hears `accepted`, `progress` and
    /// `rendition`, each checked against the request; what it throws ends the job. Cancelling
    /// the task kills the worker. `patience` is how long to wait for a worker at most.
    ///
    /// A worker that proves to have been dead already is replaced by the next one: when several die
    /// at once, as by the kernel's want of memory, one of them may be lent before it is reaped.
    ///
    /// Throws `WorkerFailure`, `CancellationError`, or what `onReport` throws.
    package nonisolated func perform(
        _ request: RenderRequest, input: Int32, output: MemoryFile? = nil, owner: String,
        patience: Duration? = nil,
        onReport: @escaping @Sendable (RenderReport) async throws -> Void = { _ in }
    ) async throws -> RenderOutcome {
        while true {
            let (id, worker) = try await borrow(for: owner, within: patience)
            do {
                let outcome = try await withTaskCancellationHandler {
                    try await converse(
                        with: worker, about: request, input: input, output: output,
                        onReport: onReport)
                } onCancel: {
                    worker.kill(because: .cancelled)
                }
                // A worker that kept its files of job after job would keep their memory.
                try output?.empty()
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
        output: MemoryFile?, onReport: @Sendable (RenderReport) async throws -> Void
    ) async throws -> RenderOutcome {
        var validator = ReportValidator(request)
        try ask(worker, request, descriptors: [input] + (output.map { [$0.number] } ?? []))
        var hasBegun = false
        while true {
            let report = try await nextReport(from: worker, hasBegun: hasBegun)
            try validator.admit(report)
            hasBegun = true
            switch report {
            case .rendition(_, _, _, _, let bytes):
                guard try output?.take(bytes) == true else {
                    throw WorkerFailure.violation("a rendition of another length")
                }
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
            try worker.allowFiles(bytes: configuration.outputLimit)
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

    private nonisolated func finished(
        _ worker: WorkerProcess, _ outcome: RenderOutcome
    ) -> RenderOutcome {
        worker.allow(time: nil)
        return outcome
    }
}
