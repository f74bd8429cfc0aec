// What the operator's commands list, and what they have told the server to do.

package import Domain
package import Foundation
import GRDB

enum Operator {
    /// An instruction is for one batch or link, and the last one counts.
    static let schema = """
        CREATE TABLE instruction (
            number INTEGER PRIMARY KEY AUTOINCREMENT,
            subject TEXT NOT NULL UNIQUE,
            what TEXT NOT NULL,
            until REAL
        );
        CREATE INDEX batchBySize ON batch (bytes) WHERE deleted = 0;
        CREATE INDEX batchByAge ON batch (createdAt) WHERE deleted = 0;
        CREATE INDEX dropLinkByEnd ON dropLink (until);
        """
}

extension SQLiteStore: OperatorStore {
    package func batches(
        by order: BatchOverview.Order, limit: Int
    ) async throws -> [BatchOverview] {
        let sql = """
            SELECT batch.*, dropLink.key AS signer, instruction.what AS what,
                instruction.until AS wishedEnd,
                (SELECT text ->> '$.at' FROM event
                    WHERE event.batch = batch.id AND event.seq = batch.seq) AS changedAt
            FROM (SELECT * FROM batch \(order.page) LIMIT ?) AS batch
            LEFT JOIN dropLink ON dropLink.id = batch.dropLink
            LEFT JOIN instruction ON instruction.subject = batch.id
            ORDER BY \(order.columns)
            """
        return try await read { database in
            try Row.fetchAll(database, sql: sql, arguments: [limit]).map(BatchOverview.init)
        }
    }

    package func links(limit: Int) async throws -> [LinkOverview] {
        let sql = """
            SELECT link.*, instruction.what AS what,
                EXISTS (SELECT 1 FROM batch WHERE id = link.batch AND deleted = 0) AS hasBatch
            FROM (SELECT * FROM dropLink INDEXED BY dropLinkByEnd
                    ORDER BY until DESC, id DESC LIMIT ?) AS link
            LEFT JOIN instruction ON instruction.subject = link.id
            ORDER BY link.until DESC, link.id DESC
            """
        return try await read { database in
            try Row.fetchAll(
                database, sql: sql, arguments: [limit]
            ).map { row in
                try LinkOverview(row, used: try database.use(ofLink: row["id"]))
            }
        }
    }

    package func invitations(
        at date: Date, limit: Int
    ) async throws -> [WaitingInvitation] {
        try await read { database in
            try Row.fetchAll(
                database,
                sql: "SELECT * FROM invitation WHERE expiresAt > ? ORDER BY secret LIMIT ?",
                arguments: [date.timeIntervalSince1970, limit]
            ).map { row in
                WaitingInvitation(
                    name: row["secret"], right: try Right(row),
                    until: Date(timeIntervalSince1970: row["expiresAt"]))
            }
        }
    }

    package func heldRights(limit: Int) async throws -> [HeldRight] {
        try await read { database in
            try Row.fetchAll(
                database, sql: "SELECT * FROM accessGrant ORDER BY may, holder LIMIT ?",
                arguments: [limit]
            ).map { row in
                guard let since = Date(timestamp: row["createdAt"]) else {
                    throw Unreadable(table: "accessGrant")
                }
                return HeldRight(
                    holder: Owner(id: row["holder"]), right: try Right(row), since: since)
            }
        }
    }

    package func withdrawInvitation(_ beginning: String) async throws {
        try await writer.write { database in
            // Behind every hexadecimal digit is a g.
            try database.run(
                "DELETE FROM invitation WHERE secret BETWEEN ?1 AND ?1 || 'g'", [beginning])
            guard database.changesCount > 0 else { throw Problem(.noSuchInvitation) }
            return ((), [])
        }
    }

    package func withdrawRights(ofHolder beginning: String) async throws {
        try await writer.write { database in
            var count = 0
            for right in Right.allCases {
                try database.run(
                    "DELETE FROM accessGrant WHERE may = ?1 AND holder BETWEEN ?2 AND ?2 || 'g'",
                    [right.rawValue, beginning])
                count += database.changesCount
            }
            guard count > 0 else { throw Problem(.noSuchGrant) }
            return ((), [])
        }
    }

    package func give(_ instruction: Instruction) async throws {
        try await writer.write { database in
            switch instruction {
            case .deleteBatch(let batch), .rescheduleBatch(let batch, to: _):
                _ = try database.batchRow(batch)
            case .endLink(let link):
                let found = try database.row("SELECT 1 FROM dropLink WHERE id = ?", [link.rawValue])
                guard found != nil else { throw Problem(.noSuchDropLink) }
            }
            try database.run(
                "INSERT OR REPLACE INTO instruction (subject, what, until) VALUES (?, ?, ?)",
                [instruction.subject, instruction.what, instruction.until])
            return ((), [])
        }
    }

    package func instructions(
        after number: Int, limit: Int
    ) async throws -> [Instruction.Waiting] {
        try await read { database in
            try Row.fetchAll(
                database.cachedStatement(
                    sql: "SELECT * FROM instruction WHERE number > ? ORDER BY number LIMIT ?"),
                arguments: [number, limit]
            ).map { row in
                Instruction.Waiting(
                    number: row["number"],
                    instruction: try Instruction(
                        row["what"], of: row["subject"], until: row["until"]))
            }
        }
    }

    package func forgetInstruction(_ number: Int) async throws {
        try await writer.write { database in
            try database.run("DELETE FROM instruction WHERE number = ?", [number])
            return ((), [])
        }
    }
}

extension BatchOverview.Order {
    fileprivate var columns: String {
        switch self {
        case .size: "batch.bytes DESC, batch.id DESC"
        case .age: "batch.createdAt, batch.id"
        case .expiry: "batch.expiresAt, batch.id"
        }
    }

    /// Walks an index, and so looks at no more rows than it gives.
    fileprivate var page: String {
        switch self {
        case .size: "INDEXED BY batchBySize WHERE deleted = 0 ORDER BY \(columns)"
        case .age: "INDEXED BY batchByAge WHERE deleted = 0 ORDER BY \(columns)"
        case .expiry:
            """
            INDEXED BY batchByEnd WHERE expiresAt IS NOT NULL AND deleted = 0 ORDER BY \(columns)
            """
        }
    }
}

extension Instruction {
    private static let delete = "delete"
    private static let reschedule = "reschedule"
    private static let end = "end"

    fileprivate init(_ what: String, of subject: String, until: Double?) throws {
        switch (what, Batch.ID(subject), DropLink.ID(subject)) {
        case (Self.delete, let batch?, _): self = .deleteBatch(batch)
        case (Self.reschedule, let batch?, _):
            self = .rescheduleBatch(batch, to: Date(secondsOf: until))
        case (Self.end, _, let link?): self = .endLink(link)
        default: throw Unreadable(table: "instruction")
        }
    }

    fileprivate var subject: String {
        switch self {
        case .deleteBatch(let batch), .rescheduleBatch(let batch, to: _): batch.rawValue
        case .endLink(let link): link.rawValue
        }
    }

    fileprivate var what: String {
        switch self {
        case .deleteBatch: Self.delete
        case .rescheduleBatch: Self.reschedule
        case .endLink: Self.end
        }
    }

    fileprivate var until: Double? {
        guard case .rescheduleBatch(_, to: let end) = self else { return nil }
        return end?.timeIntervalSince1970
    }
}

extension BatchOverview {
    fileprivate init(_ row: Row) throws {
        guard let id = Batch.ID(row["id"] as String),
            let createdAt = Date(timestamp: row["createdAt"])
        else { throw Unreadable(table: "batch") }
        let waiting = try (row["what"] as String?).map {
            try Instruction($0, of: id.rawValue, until: row["wishedEnd"])
        }
        self.init(
            id: id, name: row["name"], keeper: Owner(id: row["keeper"]), images: row["imageCount"],
            bytes: row["bytes"], createdAt: createdAt,
            changedAt: (row["changedAt"] as String?).flatMap { Date(timestamp: $0) },
            expiresAt: Date(secondsOf: row["expiresAt"]), origin: Origin(row), waiting: waiting)
    }
}

extension BatchOverview.Origin {
    fileprivate init(_ row: Row) {
        guard let link = (row["dropLink"] as String?).flatMap({ DropLink.ID($0) }) else {
            self = .owner
            return
        }
        let key = (row["signer"] as String?).flatMap { AppKey.ID($0) }
        self = key.map { .grant(link, of: $0) } ?? .dropLink(link)
    }
}

extension LinkOverview {
    fileprivate init(
        _ row: Row, used: (guests: Int, images: Int, bytes: Int)
    ) throws {
        self.init(
            link: try DropLink(row), key: (row["key"] as String?).flatMap { AppKey.ID($0) },
            isDenied: row["denied"], isEnding: (row["what"] as String?) != nil,
            hasBatch: row["hasBatch"], guests: used.guests, images: used.images, bytes: used.bytes)
    }
}

extension Right {
    fileprivate init(_ row: Row) throws {
        guard let right = Self(rawValue: row["may"]) else { throw Unreadable(table: "right") }
        self = right
    }
}
