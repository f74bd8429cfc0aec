// What was learned of encodes that measure nothing.

package import Domain
import GRDB

extension SQLiteStore {
    package func encodeTimes() async throws -> [EncodeTime] {
        try await read { database in
            try Row.fetchAll(database, sql: "SELECT * FROM encodeTime").map { row in
                guard let format = MediaType(rawValue: row["format"]) else {
                    throw Unreadable(table: "encodeTime")
                }
                return EncodeTime(
                    format: format, scale: row["scale"], rate: row["rate"], count: row["count"])
            }
        }
    }

    package func keep(_ time: EncodeTime) async throws {
        try await writer.write { database in
            try database.execute(
                sql: """
                    INSERT OR REPLACE INTO encodeTime (format, scale, rate, count)
                    VALUES (?, ?, ?, ?)
                    """,
                arguments: [time.format.rawValue, time.scale, time.rate, time.count])
            return ((), [])
        }
    }
}
