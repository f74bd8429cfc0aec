// What rights were used for: a line for each one that was given, used to change something, refused or
// withdrawn. Without secrets: of a batch, whose whole name is the right to read it, only the beginning
// is told, and of who asks the beginning of a hash.

package import Domain
package import Foundation
import HTTPTypes
import Hummingbird
package import Logging
import Synchronization

package final class AuditLog: Sendable {
    private let file: FileHandle
    private let logger: Logger
    private let hasFailed = Mutex(false)
    private let now: @Sendable () -> Date

    /// Writes behind what is there.
    /// - Throws: where the file cannot be made or written to.
    package init(
        path: String, logger: Logger, now: @escaping @Sendable () -> Date = { Date() }
    ) throws {
        // O_APPEND: each line is whole, whoever else writes, and wherever the file is cut meanwhile.
        let descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO)
        }
        file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        self.logger = logger
        self.now = now
    }

    /// One line: `at` and what is told.
    package func note(_ members: [String: JSON]) {
        var members = members
        members["at"] = .string(now().timestamp)
        do {
            try file.write(contentsOf: Data((JSON.object(members).text + "\n").utf8))
            hasFailed.withLock { $0 = false }
        } catch {
            // Said once, until it is over.
            let isNew = hasFailed.withLock { failed in
                defer { failed = true }
                return !failed
            }
            if isNew { logger.error("the audit log cannot be written: \(error)") }
        }
    }
}

extension Owner {
    /// Enough to know one again.
    package var shortName: String { String(id.prefix(12)) }
}

extension Batch.ID {
    /// Enough to know one again, and not to read it.
    package var shortName: String { String(rawValue.prefix(10)) }
}

/// Notes requests that change something, and those that are refused for want of a right.
struct Audit: RouterMiddleware {
    let log: AuditLog
    let access: Access

    func handle(
        _ request: Request, context: WebContext,
        next: (Request, WebContext) async throws -> Response
    ) async throws -> Response {
        do {
            let response = try await next(request, context)
            if isChange(request) || Self.refusals.contains(response.status.code) {
                note(request, context, status: response.status)
            }
            return response
        } catch let problem as Problem {
            if isChange(request) || Self.refusals.contains(problem.code.status.code) {
                note(request, context, status: problem.code.status, code: problem.code)
            }
            throw problem
        }
    }

    private static let refusals = [401, 403]

    /// The bytes of an upload that was begun are no use of another right.
    private func isChange(_ request: Request) -> Bool {
        switch request.method {
        case .get, .head, .options: false
        default: !request.uri.path.hasPrefix("/api/uploads/")
        }
    }

    private func note(
        _ request: Request, _ context: WebContext, status: HTTPResponse.Status,
        code: Problem.Code? = nil
    ) {
        var members: [String: JSON] = [
            "method": .string(request.method.rawValue), "path": .string(path(of: request)),
            "status": .int(status.code),
            "address": .string(access.address(of: request.head, from: context.peer) ?? "unknown"),
        ]
        members["code"] = code.map { .string($0.rawValue) }
        // Who brings a token that is none is nobody.
        if let grant = try? access.grant(in: request.head) {
            members["grant"] = .string("\(grant.key.id)/\(grant.name)")
        } else if let bearer = try? access.reader(request.head) {
            members["bearer"] = .string(bearer.holder.shortName)
        }
        log.note(members)
    }

    /// The path without what would be a right to whoever reads the log.
    private func path(of request: Request) -> String {
        request.uri.path.split(separator: "/").map { part in
            if part.hasPrefix("b_") { return String(part.prefix(10)) }
            return part.hasPrefix("u_") ? "u_" : String(part)
        }.reduce("") { "\($0)/\($1)" }
    }
}
