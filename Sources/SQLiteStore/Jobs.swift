// The queue: which image is developed next, and what becomes of attempts that were lost.

package import Domain
package import Foundation
import GRDB

extension SQLiteStore {
    package func claimJob(boot: String, at date: Date) async throws -> Job? {
        try await writer.write { database in
            var commits: [Commit] = []
            guard let (row, queued) = try database.nextJob(skippingCopies: &commits, at: date)
            else { return (nil, commits) }
            var image = queued
            let (id, batchID) = (image.id, image.batch)
            let attempt = row["workerLosses"] as Int + row["serverLosses"] as Int + 1
            try database.run(
                "UPDATE job SET boot = ?, attempts = ? WHERE image = ?",
                [boot, attempt, id.rawValue])
            try database.run(
                "UPDATE batch SET turn = (SELECT max(turn) + 1 FROM batch) WHERE id = ?",
                [batchID.rawValue])
            if (row["attempts"] as Int) < attempt {
                let processing = try database.record(.processing, of: id, in: batchID, at: date)
                image = processing.image
                commits.append(processing.commit)
            }
            let batch = try database.batch(batchID)
            guard let original = try database.original(of: id),
                let lane = Job.Lane(rawValue: row["lane"])
            else { throw Unreadable(table: "job") }
            let job = Job(
                image: image, owner: batch.owner, recipe: batch.recipe, original: original,
                attempt: attempt, lane: lane)
            return (job, commits)
        }
    }

    package func postpone(_ job: Job, after preview: Rendition?, at date: Date) async throws {
        try await writer.write { database in
            var commits: [Commit] = []
            if let preview {
                let change = Change.renditionReady(preview)
                commits = [
                    try database.record(change, of: job.image.id, in: job.image.batch, at: date)
                        .commit
                ]
            }
            try database.run(
                "UPDATE job SET boot = NULL, lane = ? WHERE image = ?",
                [Job.Lane.slow.rawValue, job.image.id.rawValue])
            return ((), commits)
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
                database, sql: "SELECT * FROM job WHERE boot IS NOT NULL AND boot <> ?",
                arguments: [boot])
            let problem = Problem(
                .internal, "The server stopped each time while it processed this image.")
            let commits = try lost.flatMap { row in
                let (image, batch) = try row.imageAndBatch()
                return try database.release(
                    image, in: batch, after: .server, problem: problem, at: date)
            }
            return ((), commits)
        }
    }
}

extension Database {
    /// The job whose turn it is and its image, once those are ended that have become copies while
    /// they waited.
    fileprivate func nextJob(
        skippingCopies commits: inout [Commit], at date: Date
    ) throws -> (Row, Image)? {
        while let row = try nextJob() {
            let (id, batch) = try row.imageAndBatch()
            let image = try image(id, in: batch)
            guard let copy = try copyTwin(of: image, at: date) else { return (row, image) }
            commits.append(copy.commit)
        }
        return nil
    }

    /// The job whose turn it is.
    private func nextJob() throws -> Row? {
        let turns = try cachedStatement(sql: "SELECT max(turn) FROM batch")
        let last = try Int.fetchOne(turns) ?? 0
        if (last + 1).isMultiple(of: Job.Lane.slowTurn),
            let row = try nextJob(
                in: .slow,
                """
                WHERE NOT EXISTS (
                    SELECT 1 FROM job AS other
                    WHERE other.boot IS NULL AND other.lane = \(Job.Lane.quick.rawValue)
                        AND other.batch = job.batch)
                """)
        {
            return row
        }
        return try nextJob(in: .quick) ?? nextJob(in: .slow)
    }

    /// The lane's first queued job of the batch whose last turn was longest ago. It leaps from the
    /// first job of one batch to the first of the next, however many others wait behind each.
    private func nextJob(in lane: Job.Lane, _ condition: String = "") throws -> Row? {
        try row(
            """
            WITH RECURSIVE first (number, batch) AS (
                SELECT * FROM (
                    SELECT number, batch FROM job WHERE boot IS NULL AND lane = ?1
                    ORDER BY batch, number LIMIT 1)
                UNION ALL
                SELECT job.number, job.batch FROM first JOIN job ON job.number = (
                    SELECT number FROM job AS next
                    WHERE next.boot IS NULL AND next.lane = ?1 AND next.batch > first.batch
                    ORDER BY next.batch, next.number LIMIT 1)
            )
            SELECT job.* FROM first
            JOIN batch ON batch.id = first.batch JOIN job ON job.number = first.number
            \(condition) ORDER BY batch.turn, job.number LIMIT 1
            """, [lane.rawValue])
    }

    fileprivate func release(
        _ image: Image.ID, in batch: Batch.ID, after loss: Job.Loss?, problem: Problem,
        at date: Date
    ) throws -> [Commit] {
        let column = loss.map { "\($0.rawValue)Losses" }
        if let column {
            try execute(
                sql: "UPDATE job SET \(column) = \(column) + 1 WHERE image = ?",
                arguments: [image.rawValue])
        }
        guard
            let row = try Row.fetchOne(
                self, sql: "SELECT * FROM job WHERE image = ?", arguments: [image.rawValue])
        else { return [] }  // Cancelled or deleted meanwhile: nothing to give back.
        if let loss, let column, row[column] as Int >= loss.limit {
            return [try record(.failed(problem), of: image, in: batch, at: date).commit]
        }
        try execute(
            sql: "UPDATE job SET boot = NULL WHERE image = ?", arguments: [image.rawValue])
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
