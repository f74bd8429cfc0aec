// Drop links: made, listed and ended by who manages a batch, and what one says to whoever has it. Taking
// one is in `Admission`.

import Domain
import Foundation
import HTTPTypes
import Hummingbird

struct DropController: Sendable {
    let grants: any GrantStore
    let store: any BatchStore
    let admission: Admission

    private var uploads: UploadService { admission.uploads }
    private var access: Access { admission.settings.access }

    /// `POST /api/batches/{batch}/drops` `{"title":"Wedding","seconds":604800,…}` → 201: the link, with
    /// its secret, which is told only now.
    @Sendable func make(_ request: Request, context: WebContext) async throws -> Response {
        let batch = try await managed(request, context)
        let members = try await JSONBody(uploads: uploads).members(of: request, context)
        let link = try await link(on: batch.id, from: members)
        let secret = DropLink.Secret.random()
        try await grants.makeDropLink(
            link, secret: Admission.hash(secret), at: uploads.now())
        var answer = link.told.members
        answer["id"] = .string(link.id.rawValue)
        answer["secret"] = .string(secret.rawValue)
        answer["page"] = .string("/drop.html#\(secret)")
        return Response(json: JSON.object(answer).text, status: .created)
    }

    /// `GET /api/batches/{batch}/drops`: the batch's links, and who sent how much by each.
    @Sendable func list(_ request: Request, context: WebContext) async throws -> Response {
        let id: Batch.ID = try context.identifier("batch", or: .noSuchBatch)
        let batch = try await store.batch(id)
        try batch.require(.manage, by: try access.reader(request.head), at: uploads.now())
        let now = uploads.now()
        let drops = try await grants.dropLinks(of: id).map { use in
            var members = use.link.told.members
            members["id"] = .string(use.link.id.rawValue)
            members["over"] = .bool(use.link.until <= now)
            members["guests"] = .array(use.guests.map(\.told))
            return JSON.object(members)
        }
        return Response(json: JSON.object(["drops": .array(drops)]).text)
    }

    /// `DELETE /api/batches/{batch}/drops/{drop}` → 204: nothing more comes by the link, and what its
    /// guests have not sent whole is given up. What came stays.
    @Sendable func end(_ request: Request, context: WebContext) async throws -> Response {
        let batch = try await managed(request, context)
        let link: DropLink.ID = try context.identifier("drop", or: .noSuchDropLink)
        try await end([link], of: batch.id)
        return Response(status: .noContent)
    }

    /// Ends all links of a batch.
    func endAll(of batch: Batch.ID) async throws {
        let now = uploads.now()
        let live = try await grants.dropLinks(of: batch).map(\.link).filter { $0.until > now }
        try await end(live.map(\.id), of: batch)
    }

    /// `POST /api/drops` `{"drop":"d_…"}`: what the link asks for, before anything is begun.
    @Sendable func show(_ request: Request, context: WebContext) async throws -> Response {
        let members = try await JSONBody(uploads: uploads).members(of: request, context)
        guard let text = members["drop"]?.stringValue else {
            throw Problem(.badRequest, "The body must be a JSON object such as {\"drop\":\"d_…\"}.")
        }
        guard let secret = DropLink.Secret(text) else { throw Problem(.noSuchDropLink) }
        let link = try await grants.dropLink(secret: Admission.hash(secret), at: uploads.now())
        return Response(json: link.told.text)
    }

    // MARK: Parts

    private func managed(_ request: Request, _ context: WebContext) async throws -> Batch {
        let id: Batch.ID = try context.identifier("batch", or: .noSuchBatch)
        let batch = try await store.batch(id)
        try access.require(
            .manage, in: batch, request.head, from: context.peer, at: uploads.now())
        guard batch.guestsUntil == nil else {
            throw Problem(.badRequest, "A guest's batch has no drop links of its own.")
        }
        return batch
    }

    private func end(_ links: [DropLink.ID], of batch: Batch.ID) async throws {
        var batches: Set<Batch.ID> = []
        for link in links {
            batches.formUnion(
                try await grants.endDropLink(link, of: batch, at: uploads.now()))
        }
        try await uploads.giveUpAll(in: batches)
    }

    /// Seconds that a link is good for: by default a week, at most a year.
    private static let week = 604_800
    private static let seconds = 60...31_622_400
    private static let words = "The body must be a JSON object such as {\"title\":\"Wedding\"}."

    private func link(
        on batch: Batch.ID, from members: [String: JSON]
    ) async throws(Problem) -> DropLink {
        let known: Set = ["title", "asksName", "password", "files", "bytes", "seconds"]
        guard known.isSuperset(of: members.keys),
            let text = members["title"]?.stringValue,
            let title = try DropLink.label(text, of: "A title")
        else { throw Problem(.badRequest, Self.words) }
        let asksName: Bool
        switch members["asksName"] {
        case nil, .null: asksName = false
        case .bool(let value): asksName = value
        default: throw Problem(.badRequest, "asksName must be true or false.")
        }
        let password: String?
        switch members["password"] {
        case nil, .null, "": password = nil
        case .string(let text): password = try await admission.passwords.hash(text)
        default: throw Problem(.badRequest, "password must be a string or null.")
        }
        let seconds = try number("seconds", of: members, in: Self.seconds) ?? Self.week
        return DropLink(
            batch: batch, title: title, asksName: asksName, password: password,
            files: try number("files", of: members, in: 1...1_000_000),
            bytes: try number("bytes", of: members, in: 1...1 << 50),
            until: uploads.now().addingTimeInterval(Double(seconds)))
    }

    private func number(
        _ name: String, of members: [String: JSON], in range: ClosedRange<Int>
    ) throws(Problem) -> Int? {
        switch members[name] {
        case nil, .null: return nil
        case .int(let value) where range.contains(value): return value
        default:
            throw Problem(
                .badRequest,
                "\(name) must be a whole number from \(range.lowerBound) to \(range.upperBound).",
                limit: range.upperBound)
        }
    }
}

extension DropLink {
    /// What whoever has it may know: not on which batch it was made.
    var told: JSON {
        var members: [String: JSON] = [
            "title": .string(title), "asksName": .bool(asksName),
            "asksPassword": .bool(password != nil),
            "until": .string(until.timestamp),
        ]
        members["files"] = files.map { .int($0) }
        members["bytes"] = bytes.map { .int($0) }
        return .object(members)
    }
}

extension DropLink.Guest {
    fileprivate var told: JSON {
        var members: [String: JSON] = [
            "batch": .string(batch.rawValue), "images": .int(images), "bytes": .int(bytes),
        ]
        members["name"] = name.map { .string($0) }
        return .object(members)
    }
}

extension UploadService {
    /// Ends all that is under way in these batches: requests at once, and what could be resumed.
    func giveUpAll(in batches: Set<Batch.ID>) async throws {
        guard !batches.isEmpty else { return }
        for batch in batches { requests.end(in: batch) }
        var place: Upload.ID?
        repeat {
            let page = try await store.openUploads(after: place, limit: 100)
            for upload in page where batches.contains(upload.batch) {
                active.interrupt(upload.id, .cancelled)
                try await giveUp(upload)
            }
            place = page.last?.id
        } while place != nil
    }
}
