// What the operator has told by the command line, in a process beside this one, is carried out here: by the
// same lines as what people ask for by HTTP, so that logs, caches, streams and uploads learn of it.

import Domain
import Foundation
import Logging

struct Instructions: Sendable {
    let store: any OperatorStore
    let grants: any GrantStore
    let batches: BatchController
    let logger: Logger

    private var uploads: UploadService { batches.uploads }

    /// Those that are read together.
    private static let atOnce = 100

    /// Carries out all that wait. One that fails waits for the next time and keeps no other from being
    /// carried out.
    func carryOut() async throws {
        var page: [Instruction.Waiting] = []
        repeat {
            page = try await store.instructions(after: page.last?.number ?? 0, limit: Self.atOnce)
            for waiting in page { try await carryOut(waiting) }
        } while page.count == Self.atOnce
    }

    private func carryOut(_ waiting: Instruction.Waiting) async throws {
        do {
            try await perform(waiting.instruction)
            logger.info("done, as the operator told", metadata: waiting.instruction.told)
        } catch let problem as Problem where Self.isGone.contains(problem.code) {
            logger.info("gone before the operator's word came", metadata: waiting.instruction.told)
        } catch let error as CancellationError {
            throw error
        } catch {
            var metadata = waiting.instruction.told
            metadata["error"] = "\(error)"
            logger.error(
                "not done yet what the operator told: it is tried again", metadata: metadata)
            return
        }
        try await store.forgetInstruction(waiting.number)
    }

    /// Somebody else has deleted it meanwhile.
    private static let isGone: [Problem.Code] = [.noSuchBatch, .batchDeleted, .noSuchDropLink]

    private func perform(_ instruction: Instruction) async throws {
        let now = uploads.now()
        switch instruction {
        case .deleteBatch(let batch):
            try await batches.delete(batch)
        case .rescheduleBatch(let batch, to: let end?) where end <= now:
            try await batches.delete(batch)
        case .rescheduleBatch(let batch, to: let end):
            try await batches.store.rescheduleBatch(batch, to: end, keptFor: nil, at: now)
        case .endLink(let link):
            try await uploads.giveUpAll(in: Set(try await grants.endLink(link, at: now)))
        }
    }
}

extension Instruction {
    /// For the log, which a batch's whole name has no place in.
    fileprivate var told: Logger.Metadata {
        switch self {
        case .deleteBatch(let batch): ["delete": "\(batch.shortName)"]
        case .rescheduleBatch(let batch, to: let end):
            ["end": "\(batch.shortName)", "at": "\(end.map(\.timestamp) ?? "never")"]
        case .endLink(let link): ["end": "\(link)"]
        }
    }
}
