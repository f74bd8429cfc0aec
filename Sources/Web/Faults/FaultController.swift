// Faults on purpose are asked for here; only where the server runs with `--lab`, and only by who is at this
// machine.

import Domain
import Foundation
import Hummingbird
import NIOCore

struct FaultController {
    let table: FaultTable
    let access: Access
    let uploads: UploadService

    /// `POST /api/lab/faults` `{"run":"k3f9a2","fault":"cut","ms":3000}` → 201: for so long it befalls the
    /// requests for events whose `lane` begins with that run's name.
    @Sendable func begin(_ request: Request, context: WebContext) async throws -> Response {
        guard request.head.isDirect else { throw Problem(.notFound) }
        guard !access.isForeign(request.head, from: context.peer) else {
            throw Problem(.foreignOrigin)
        }
        let members = try await JSONBody(uploads: uploads).members(of: request, context)
        guard let run = members["run"]?.stringValue.flatMap({ FaultyRun($0) }) else {
            throw Problem(
                .badRequest, "run must be 1 to \(FaultyRun.longest) of a to z and 0 to 9.",
                limit: FaultyRun.longest,
                actual: members["run"]?.stringValue?.count)
        }
        let fault = try Fault(reading: members)
        let from = Date()
        try table.begin(fault, for: run)
        let until = from.addingTimeInterval(Double(fault.length.nanoseconds) / 1e9)
        let answer: JSON = [
            "run": .string(run.name), "fault": members["fault"] ?? .null,
            "from": .string(from.timestamp), "until": .string(until.timestamp),
        ]
        return Response(json: answer.text, status: .created)
    }
}
