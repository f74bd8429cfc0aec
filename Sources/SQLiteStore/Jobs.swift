// The queue: which image is developed next, and what becomes of attempts that were lost.

package import Domain
package import Foundation
import GRDB

extension SQLiteStore {
    package func claimJob(boot: String, at date: Date) async throws -> Job? {
        try await writer.write { database in
            guard let row = try database.nextJob() else { return (nil, []) }
            let (id, batchID) = try row.imageAndBatch()
            try database.execute(
                sql: "UPDATE job SET boot = ?, attempts = attempts + 1 WHERE image = ?",
                arguments: [boot, id.rawValue])
            try database.execute(
                sql: "UPDATE batch SET turn = (SELECT max(turn) + 1 FROM batch) WHERE id = ?",
                arguments: [batchID.rawValue])
            let (image, commit) = try database.record(.processing, of: id, in: batchID, at: date)
            let batch = try database.batch(batchID)
            guard let original = try database.original(of: id) else {
                throw Unreadable(table: "job")
            }
            let job = Job(
                image: image, owner: batch.owner, recipe: batch.recipe, original: original,
                attempt: row["attempts"] as Int + 1)
            return (job, [commit])
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
    /// The first queued job of the batch whose last turn was longest ago.
    fileprivate func nextJob() throws -> Row? {
        try Row.fetchOne(
            self,
            sql: """
                SELECT job.* FROM job WHERE number = (
                    SELECT min(number) FROM job WHERE boot IS NULL AND batch = (
                        SELECT id FROM batch
                        WHERE EXISTS (SELECT 1 FROM job WHERE boot IS NULL AND batch = batch.id)
                        ORDER BY turn LIMIT 1))
                """)
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
