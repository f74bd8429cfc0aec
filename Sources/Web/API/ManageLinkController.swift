// The owner's manage link: made, shown and ended. Taking one is in `Admission`.

import Domain
import Foundation
import HTTPTypes
import Hummingbird

struct ManageLinkController: Sendable {
    let store: any BatchStore
    let grants: any GrantStore
    let access: Access
    let now: @Sendable () -> Date

    /// `POST /api/manage-link` → 201: the caller's link, with its secret, which is told only now. That of
    /// before opens nothing any more.
    @Sendable func make(_ request: Request, context: WebContext) async throws -> Response {
        let owner = try owner(by: try access.writer(request.head, from: context.peer), request)
        // What is not there needs no managing, and no row that nobody asks for.
        guard try await !store.batches(of: owner, after: nil, limit: 1).isEmpty else {
            throw Problem(.notOwner, Self.words)
        }
        let secret = ManageLink.Secret.random()
        try await grants.makeManageLink(
            secret: Admission.hash(secret), of: owner, at: now())
        let answer: JSON = [
            "secret": .string(secret.rawValue), "page": .string("/batches.html#\(secret)"),
        ]
        return Response(json: answer.text, status: .created)
    }

    /// `GET /api/manage-link` → `{"madeAt":…,"devices":2}`.
    @Sendable func show(_ request: Request, context: WebContext) async throws -> Response {
        let owner = try owner(by: try access.reader(request.head), request)
        guard let use = try await grants.manageLink(of: owner) else {
            throw Problem(.noSuchManageLink)
        }
        let answer: JSON = [
            "madeAt": .string(use.madeAt.timestamp), "devices": .int(use.devices),
        ]
        return Response(json: answer.text)
    }

    /// `DELETE /api/manage-link` → 204: nobody manages by it any more, what they do now included.
    @Sendable func end(_ request: Request, context: WebContext) async throws -> Response {
        let owner = try owner(by: try access.writer(request.head, from: context.peer), request)
        try await grants.endManageLink(of: owner)
        access.devices.remove(of: owner)
        return Response(status: .noContent)
    }

    private static let words = "Only who has batches of their own here has a manage link."

    /// - Throws: `not-owner` for who is nobody, and for a signed grant: its key is the app's to give.
    private func owner(by bearer: Bearer?, _ request: Request) throws(Problem) -> Owner {
        guard let bearer, try access.grant(in: request.head) == nil else {
            throw Problem(.notOwner, Self.words)
        }
        return bearer.owner
    }
}
