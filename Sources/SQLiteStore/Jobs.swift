// The queue: which image is developed next, and what becomes of attempts that were lost.

package import Domain
package import Foundation
import GRDB
import Synchronization

extension SQLiteStore {
    package func claimJob(
        boot: String, standsBy: @escaping @Sendable () -> Bool, at date: Date
    ) async throws -> Job? {
        while true {
            let found = try await writer.write { database in
                var commits: [Commit] = []
                let found = try database.nextJob(boot, at: date, copying: &commits)
                return (found, commits)
            } published: { found in
                switch found {
                case .job: self.standby.withLock { $0 = nil }
                // Not in the transaction: another of its group may have claimed for this boot,
                // which hears of it only now.
                case .nothing: if standsBy() { self.standby.withLock { $0 = boot } }
                case .copies: break
                }
            }
            switch found {
            case .job(let job): return job
            case .nothing: return nil
            case .copies: continue
            }
        }
    }

    package func standDown() async throws {
        try await writer.write { _ in
            self.standby.withLock { $0 = nil }
            return ((), [])
        }
    }

    /// Claims for who stands by, in the transaction that has just queued a job. Where that comes to
    /// nothing they hear of the job by its event, as without standing by.
    func claimForStandby(_ database: Database, at date: Date) -> [Commit] {
        guard let boot = standby.withLock({ $0.take() }) else { return [] }
        let (job, commits) = database.nextJobIfPossible(boot, at: date)
        return commits + (job.map { [.claimed($0, boot: boot)] } ?? [])
    }

    package func endPass(
        _ job: Job, with changes: [Change], postponed: Bool, claimingFor boot: String?,
        at date: Date
    ) async throws -> Job? {
        try await writer.write { database in
            var commits = try database.record(
                changes, of: job.image.id, in: job.image.batch, at: date
            ).commits
            if postponed {
                try database.run(
                    "UPDATE job SET boot = NULL, lane = ? WHERE image = ?",
                    [Job.Lane.slow.rawValue, job.image.id.rawValue])
            }
            guard let boot else { return (nil, commits) }
            let (next, further) = database.nextJobIfPossible(boot, at: date)
            commits += further
            return (next, commits)
        }
    }

    package func release(
        _ job: Job, after loss: Job.Loss?, problem: Problem, at date: Date
    ) async throws {
        try await writer.write { database in
            let commits = try database.release(
                job.image.id, in: job.image.batch, after: loss, problem: problem, at: date)
            return ((), commits)
        }
    }

    package func jobCounts() async throws -> [Job.Lane: JobCount] {
        try await read { database in
            let rows = try Row.fetchAll(
                database,
                sql: """
                    SELECT lane, count(*) AS jobs, count(boot) AS running FROM job GROUP BY lane
                    """)
            var counts: [Job.Lane: JobCount] = [:]
            for row in rows {
                guard let lane = Job.Lane(rawValue: row["lane"]) else {
                    throw Unreadable(table: "job")
                }
                let running: Int = row["running"]
                counts[lane] = JobCount(waiting: row["jobs"] as Int - running, running: running)
            }
            return counts
        }
    }

    package func recoverJobs(boot: String, at date: Date) async throws {
        try await writer.write { database in
            let lost = try Row.fetchAll(
                database,
                sql: """
                    SELECT job.* FROM job INDEXED BY jobRunning
                    JOIN batch ON batch.id = job.batch AND batch.deleted = 0
                    WHERE boot IS NOT NULL AND boot <> ?
                    """, arguments: [boot])
            let problem = Problem(
                .internal, "The server stopped each time while it processed this image.")
            let commits = try lost.flatMap { row in
                let (image, batch) = try row.imageAndBatch()
                return try database.release(
                    image, in: batch, after: .server, problem: problem, at: date)
            }
            self.standby.withLock { $0 = nil }
            return ((), commits)
        }
    }
}

/// What one transaction of a claim came to.
private enum Found: Sendable {
    case job(Job)
    case nothing
    /// Photos that have become copies while they waited; there may be more.
    case copies
}

extension Database {
    /// Photos that end as copies in one transaction, at most: others write between two of them.
    private static let copiesAtOnce = 16

    /// Takes the job whose turn it is. A photo that has become a copy of another one while it waited
    /// is ended instead, and that was its turn.
    fileprivate func nextJob(
        _ boot: String, at date: Date, copying commits: inout [Commit]
    ) throws -> Found {
        for _ in 0..<Self.copiesAtOnce {
            guard let row = try takeTurn() else { return .nothing }
            let (id, batch) = try row.imageAndBatch()
            let image = try image(id, in: batch)
            guard let copy = try copyTwin(of: image, at: date) else {
                return .job(try claim(row, image, boot, at: date, &commits))
            }
            commits.append(copy.commit)
        }
        return .copies
    }

    /// The same beside another write, which it must not undo: what fails here is found by the next
    /// `claimJob`, which tells of it.
    fileprivate func nextJobIfPossible(
        _ boot: String, at date: Date
    ) -> (job: Job?, commits: [Commit]) {
        let found = Result {
            try undoable {
                var commits: [Commit] = []
                return (try nextJob(boot, at: date, copying: &commits), commits)
            }
        }
        guard case .success((let next, let commits)) = found else { return (nil, []) }
        if case .job(let job) = next { return (job, commits) }
        return (nil, commits)
    }

    private func claim(
        _ row: Row, _ queued: Image, _ boot: String, at date: Date, _ commits: inout [Commit]
    ) throws -> Job {
        var image = queued
        let attempt = Job.Loss.allCases.reduce(1) { $0 + (row[$1.column] as Int) }
        try run(
            "UPDATE job SET boot = ?, attempts = ? WHERE image = ?",
            [boot, attempt, image.id.rawValue])
        if (row["attempts"] as Int) < attempt {
            let processing = try record(.processing, of: image.id, in: image.batch, at: date)
            image = processing.image
            commits.append(processing.commit)
        }
        let batch = try batch(image.batch)
        guard let original = try original(of: image.id), let lane = Job.Lane(rawValue: row["lane"])
        else { throw Unreadable(table: "job") }
        return Job(
            image: image, owner: batch.owner, recipe: batch.recipe, original: original,
            attempt: attempt, lane: lane, runsAlone: row[Job.Loss.memory.column] as Int > 0)
    }

    fileprivate func release(
        _ image: Image.ID, in batch: Batch.ID, after loss: Job.Loss?, problem: Problem,
        at date: Date
    ) throws -> [Commit] {
        let column = loss?.column
        if let column {
            try run("UPDATE job SET \(column) = \(column) + 1 WHERE image = ?", [image.rawValue])
        }
        guard
            let row = try row(
                """
                SELECT job.* FROM job JOIN batch ON batch.id = job.batch AND batch.deleted = 0
                WHERE job.image = ?
                """, [image.rawValue])
        else { return [] }  // Cancelled or deleted meanwhile: nothing to give back.
        if let loss, let column, let ending = loss.ending(after: row[column], problem) {
            return [try record(ending, of: image, in: batch, at: date).commit]
        }
        try run("UPDATE job SET boot = NULL WHERE image = ?", [image.rawValue])
        return []
    }
}

extension Row {
    fileprivate func imageAndBatch() throws -> (Image.ID, Batch.ID) {
        guard let image = Image.ID(self["image"] as String),
            let batch = Batch.ID(self["batch"] as String)
        else { throw Unreadable(table: "job") }
        return (image, batch)
    }
}

extension Job.Loss {
    /// Where a job counts it.
    fileprivate var column: String {
        switch self {
        case .worker: "workerLosses"
        case .cpu: "cpuLosses"
        case .memory: "memoryLosses"
        case .server: "serverLosses"
        }
    }
}
