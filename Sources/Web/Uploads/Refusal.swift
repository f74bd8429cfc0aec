// A problem together with what the protocol it happened in adds to its answer.

import Domain
import HTTPTypes
import Hummingbird

struct Refusal: Error {
    var problem: Problem
    /// Where the protocol names another status than the problem has by itself.
    var status: HTTPResponse.Status?
    var headers: HTTPFields = [:]
    /// Members of the problem's body beside our own.
    var members: [String: JSON] = [:]

    /// What an error of the upload service means on the wire; nil for one that is ours to explain.
    init?(_ error: any Error) {
        switch error {
        case let refusal as Refusal: self = refusal
        case let problem as Problem: self.init(problem, status: nil)
        case let refused as Refused: self.init(refused.problem, status: .unprocessableContent)
        case let interruption as Interruption: self.init(interrupted: interruption)
        default: return nil
        }
    }

    init(
        _ problem: Problem, status: HTTPResponse.Status? = nil, headers: HTTPFields = [:],
        members: [String: JSON] = [:]
    ) {
        self.problem = problem
        self.status = status
        self.headers = headers
        self.members = members
    }

    private init(interrupted reason: Interruption) {
        switch reason {
        case .connectionLost: self.init(Problem(.uploadIncomplete), status: .badRequest)
        case .superseded:
            self.init(
                Problem(.wrongState, "A newer request has taken this upload over."), status: nil)
        case .tooSlow:
            self.init(
                Problem(.uploadIncomplete, "The bytes come too slowly."), status: .requestTimeout)
        case .displaced:
            self.init(
                Problem(
                    .tooManyRequests,
                    "Others wait to send, and your address has more places than they. "
                        + "What came is kept: go on in a moment."), status: nil)
        case .stopping:
            self.init(
                Problem(.unavailable, "The server stops. What came is kept: go on in a moment."),
                status: nil)
        case .cancelled, .refused: self.init(Problem(.uploadGone), status: nil)
        }
    }

    var response: Response {
        var response = problem.response(adding: headers)
        guard status != nil || !members.isEmpty else { return response }
        let status = status ?? problem.code.status
        let body = problem.body.members.merging(["status": .int(status.code)]) { $1 }
            .merging(members) { $1 }
        response.status = status
        response.body = .init(byteBuffer: .init(string: JSON.object(body).text))
        return response
    }
}
