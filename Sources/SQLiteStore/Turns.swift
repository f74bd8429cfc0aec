// Whose turn it is. Who waits is kept in three tables, an asker's owners below it and an owner's
// batches below that, each with its last turn: the next job is the first row of each in turn, one step
// however many wait. Triggers keep the tables true to `job`, whatever removes or moves a job.
//
// A claim has a number. Whoever is served at claim n has turn 2n + 1, whoever comes after it 2n: behind
// all who wait longer, and before those who have just been served.

import Domain
import GRDB

/// A row's `lane` in these tables: the two of jobs, and one for the slow lane's own turns.
private enum Line: Int {
    case quick = 0
    case slow = 1
    /// Batches that wait in the slow lane alone.
    case slowOnly = 2

    /// The lane of the jobs to take.
    var lane: Job.Lane { self == .quick ? .quick : .slow }
}

/// Who had the turn.
private struct Place {
    let asker: String
    let owner: String
    let batch: String
}

extension Database {
    /// The job whose turn it is. Whoever waits in front of it has had the turn after this.
    func takeTurn() throws -> Row? {
        let claims = try cachedStatement(sql: "SELECT number FROM turn")
        let number = (try Int.fetchOne(claims) ?? 0) + 1
        let isSlowTurn = number.isMultiple(of: Job.Lane.slowTurn)
        let lines: [Line] = isSlowTurn ? [.slowOnly, .quick, .slow] : [.quick, .slow]
        for line in lines {
            guard let place = try first(in: line) else { continue }
            try note(number, of: place)
            let job = try row(
                """
                SELECT * FROM job WHERE boot IS NULL AND lane = ? AND batch = ?
                ORDER BY number LIMIT 1
                """, [line.lane.rawValue, place.batch])
            guard let job else { throw Unreadable(table: "waitingBatch") }
            return job
        }
        return nil
    }

    private func first(in line: Line) throws -> Place? {
        guard
            let asker: String = try member(
                "SELECT asker FROM waitingAsker WHERE lane = ? ORDER BY turn LIMIT 1",
                [line.rawValue]),
            let owner: String = try member(
                "SELECT owner FROM waitingOwner WHERE lane = ? AND asker = ? ORDER BY turn LIMIT 1",
                [line.rawValue, asker]),
            let batch: String = try member(
                """
                SELECT batch FROM waitingBatch WHERE lane = ? AND asker = ? AND owner = ?
                ORDER BY turn LIMIT 1
                """, [line.rawValue, asker, owner])
        else { return nil }
        return Place(asker: asker, owner: owner, batch: batch)
    }

    private func member(_ sql: String, _ arguments: StatementArguments) throws -> String? {
        try String.fetchOne(cachedStatement(sql: sql), arguments: arguments)
    }

    private func note(_ number: Int, of place: Place) throws {
        try run("UPDATE turn SET number = ?", [number])
        let turn = 2 * number + 1
        try run("UPDATE waitingAsker SET turn = ? WHERE asker = ?", [turn, place.asker])
        try run(
            "UPDATE waitingOwner SET turn = ? WHERE asker = ? AND owner = ?",
            [turn, place.asker, place.owner])
        try run("UPDATE waitingBatch SET turn = ? WHERE batch = ?", [turn, place.batch])
    }
}

// MARK: The tables

enum Turns {
    static let schema = """
        ALTER TABLE batch ADD COLUMN asker TEXT NOT NULL DEFAULT '';
        CREATE TABLE turn (number INTEGER NOT NULL);
        INSERT INTO turn SELECT coalesce(max(turn), 0) FROM batch;
        DROP INDEX batchByTurn;
        ALTER TABLE batch DROP COLUMN turn;

        CREATE TABLE waitingBatch (
            batch TEXT NOT NULL,
            lane INTEGER NOT NULL,
            asker TEXT NOT NULL,
            owner TEXT NOT NULL,
            turn INTEGER NOT NULL,
            PRIMARY KEY (batch, lane)
        ) WITHOUT ROWID;
        CREATE INDEX waitingBatchByTurn ON waitingBatch (lane, asker, owner, turn);
        CREATE TABLE waitingOwner (
            asker TEXT NOT NULL,
            owner TEXT NOT NULL,
            lane INTEGER NOT NULL,
            turn INTEGER NOT NULL,
            PRIMARY KEY (asker, owner, lane)
        ) WITHOUT ROWID;
        CREATE INDEX waitingOwnerByTurn ON waitingOwner (lane, asker, turn);
        CREATE TABLE waitingAsker (
            asker TEXT NOT NULL,
            lane INTEGER NOT NULL,
            turn INTEGER NOT NULL,
            PRIMARY KEY (asker, lane)
        ) WITHOUT ROWID;
        CREATE INDEX waitingAskerByTurn ON waitingAsker (lane, turn);

        CREATE TRIGGER waitingBatchAdded AFTER INSERT ON waitingBatch BEGIN
            INSERT INTO waitingOwner (asker, owner, lane, turn)
                VALUES (NEW.asker, NEW.owner, NEW.lane, NEW.turn) ON CONFLICT DO NOTHING;
            INSERT INTO waitingAsker (asker, lane, turn)
                VALUES (NEW.asker, NEW.lane, NEW.turn) ON CONFLICT DO NOTHING;
        END;
        CREATE TRIGGER waitingBatchRemoved AFTER DELETE ON waitingBatch BEGIN
            DELETE FROM waitingOwner
                WHERE asker = OLD.asker AND owner = OLD.owner AND lane = OLD.lane
                AND NOT EXISTS (
                    SELECT 1 FROM waitingBatch
                    WHERE lane = OLD.lane AND asker = OLD.asker AND owner = OLD.owner);
            DELETE FROM waitingAsker WHERE asker = OLD.asker AND lane = OLD.lane
                AND NOT EXISTS (
                    SELECT 1 FROM waitingOwner WHERE lane = OLD.lane AND asker = OLD.asker);
        END;

        CREATE TRIGGER jobAdded AFTER INSERT ON job BEGIN \(settle("NEW")) END;
        CREATE TRIGGER jobMoved AFTER UPDATE OF boot, lane ON job BEGIN \(settle("NEW")) END;
        CREATE TRIGGER jobRemoved AFTER DELETE ON job BEGIN \(settle("OLD")) END;
        UPDATE job SET lane = lane;
        """

    /// The same for batches that may be deleted: who is gone waits no more, though its jobs are still
    /// there to be removed.
    static let deletionSchema = """
        DROP TRIGGER jobAdded;
        DROP TRIGGER jobMoved;
        DROP TRIGGER jobRemoved;
        CREATE TRIGGER jobAdded AFTER INSERT ON job BEGIN \(settle("NEW", present)) END;
        CREATE TRIGGER jobMoved AFTER UPDATE OF boot, lane ON job
            BEGIN \(settle("NEW", present)) END;
        CREATE TRIGGER jobRemoved AFTER DELETE ON job BEGIN \(settle("OLD", present)) END;
        """

    private static let present = " AND batch.deleted = 0"

    /// What the tables must say of a job's batch: that it waits in the lanes where some of its jobs
    /// do, and that it waits in the slow lane alone where that is so.
    private static func settle(_ job: String, _ condition: String = "") -> String {
        """
        INSERT INTO waitingBatch (batch, lane, asker, owner, turn)
            SELECT batch.id, lanes.lane, batch.asker, batch.owner, 2 * turn.number
            FROM batch, turn, (SELECT 0 AS lane UNION ALL SELECT 1) AS lanes
            WHERE batch.id = \(job).batch\(condition) AND EXISTS (
                SELECT 1 FROM job
                WHERE boot IS NULL AND lane = lanes.lane AND batch = \(job).batch)
            ON CONFLICT DO NOTHING;
        DELETE FROM waitingBatch WHERE batch = \(job).batch AND lane < 2 AND NOT EXISTS (
            SELECT 1 FROM job
            WHERE boot IS NULL AND lane = waitingBatch.lane AND batch = waitingBatch.batch);
        INSERT INTO waitingBatch (batch, lane, asker, owner, turn)
            SELECT batch, 2, asker, owner, turn FROM waitingBatch AS slow
            WHERE batch = \(job).batch AND lane = 1 AND NOT EXISTS (
                SELECT 1 FROM waitingBatch WHERE batch = slow.batch AND lane = 0)
            ON CONFLICT DO NOTHING;
        DELETE FROM waitingBatch WHERE batch = \(job).batch AND lane = 2 AND (
            NOT EXISTS (SELECT 1 FROM waitingBatch WHERE batch = \(job).batch AND lane = 1)
            OR EXISTS (SELECT 1 FROM waitingBatch WHERE batch = \(job).batch AND lane = 0));
        """
    }
}
