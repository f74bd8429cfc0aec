// Batches: begin one, read one, list one's own, delete one.

import Domain
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore

struct BatchController {
    let store: any BatchStore
    let feed: ChangeFeed
    let access: Access
    let admission: Admission
    let uploads: UploadService
    let drops: DropController
    let tickets: Tickets

    private var body: JSONBody { JSONBody(uploads: uploads) }

    /// `POST /api/batches` → 201. Gives a caller without a secret one, as a cookie and a token. Who brings
    /// a grant for one batch is given that, the same one each time.
    @Sendable func create(_ request: Request, context: WebContext) async throws -> Response {
        let recipe = try await wishedRecipe(request, context)
        if let batch = try await admission.granted(request, context, recipe: recipe) {
            return try await created(batch, to: Bearer(batch.owner), request, context)
        }
        let (new, days, secret) = try await beginning(by: recipe, request, context)
        let key = try IdempotencyKey.of(request.headers)
        let batch = try await make(
            new, under: key?.request("batch", try JSON(encoding: recipe).text)
        ).thing
        return try await created(
            batch, to: Bearer(new.owner), keptFor: days, newSecret: secret, request, context)
    }

    private func created(
        _ batch: Batch, to bearer: Bearer, keptFor days: Int? = nil,
        newSecret secret: String? = nil,
        _ request: Request, _ context: WebContext
    ) async throws -> Response {
        var members = try await document(of: batch, to: bearer)
        members.append(("links", links(to: batch.id).text))
        if let days { members.append(("keepDays", JSON.int(days).text)) }
        if let secret { members.append(("ownerToken", JSON.string(secret).text)) }
        var response = Response(json: object(members), status: .created)
        response.headers[.location] = access.url(
            of: "/api/batches/\(batch.id)", for: request.head, from: context.peer)
        if let secret {
            response.headers[.setCookie] = access.cookie(
                for: secret, on: request.head, from: context.peer)
        }
        return response
    }

    /// `GET /api/batches/{batch}`: the document, what is live in it, and the cursor both are at.
    @Sendable func read(_ request: Request, context: WebContext) async throws -> Response {
        let id: Batch.ID = try context.identifier("batch", or: .noSuchBatch)
        let batch = try await store.batch(id)
        return try await answer(of: batch, to: try access.reader(request.head), request)
    }

    /// `PATCH /api/batches/{batch}` with `{"name": …}`: what its keeper calls it, null takes the name away;
    /// or with `{"expiresAt": …}`: when it ends, null is never.
    @Sendable func change(_ request: Request, context: WebContext) async throws -> Response {
        let batch = try await batch(for: .manage, request, context: context)
        let members = try await body.members(of: request, context)
        guard members.count == 1, let (member, value) = members.first else {
            throw Problem(.badRequest, Self.changes)
        }
        switch member {
        case "name": try await rename(batch.id, to: value)
        case "expiresAt": try await reschedule(batch, to: value, request)
        default: throw Problem(.badRequest, Self.changes)
        }
        return try await answer(of: batch, to: Bearer(batch.keeper), request)
    }

    private static let changes =
        "The body must be a JSON object such as {\"name\":\"Beach\"} or "
        + "{\"expiresAt\":\"2030-01-31T12:00:00Z\"}."

    private func rename(_ batch: Batch.ID, to value: JSON) async throws {
        switch value {
        case .null: try await store.renameBatch(batch, to: nil, at: uploads.now())
        case .string(let text):
            try await store.renameBatch(batch, to: try Batch.name(text), at: uploads.now())
        default: throw Problem(.badRequest, "The name must be a string or null.")
        }
    }

    private func reschedule(_ batch: Batch, to value: JSON, _ request: Request) async throws {
        let end = value.stringValue.flatMap { Date(timestamp: $0) }
        guard end != nil || value == .null else {
            throw Problem(
                .badRequest, "expiresAt must be null or a time such as 2030-01-31T12:00:00Z.")
        }
        let days = try await admission.keepDays(for: batch.keeper, request.head)
        try await store.rescheduleBatch(batch.id, to: end, keptFor: days, at: uploads.now())
    }

    private func answer(
        of batch: Batch, to reader: Bearer?, _ request: Request
    ) async throws -> Response {
        let id = batch.id
        let rights = batch.rights(of: reader, at: uploads.now())
        let isManager = rights.contains(.manage)
        let days =
            isManager ? try await admission.keepDays(for: batch.keeper, request.head) : nil
        let keep = days.map { "\"keepDays\":\($0)," } ?? ""
        // Guest and keeper are told which link it came by, and until when more can come.
        let isTold =
            batch.guestsUntil != nil
            && [batch.owner, batch.keeper].contains { reader?.stands(for: $0) == true }
        let link = isTold ? try await admission.grants.dropLink(of: id) : nil
        let drop = link.map { ",\"drop\":\($0.told.text)" } ?? ""
        let may = JSON.array(rights.map { .string($0.rawValue) }).text
        let document = try await feed.document(of: id)
        return Response(
            json: Outgoing(
                before: "{\"cursor\":\"\(document.cursor)\",\"document\":", document,
                behind: "\(drop),\(keep)\"live\":\(feed.live(in: id).text),\"may\":\(may),"
                    + "\"owner\":\(isManager)}"))
    }

    /// `GET /api/batches?limit=…&after=…`: a page of the caller's, the newest first, and where the
    /// next one is; nobody's list is empty.
    @Sendable func list(_ request: Request, context: WebContext) async throws -> Response {
        let page = try BatchPage(request.uri.queryParameters)
        var found: [BatchSummary] = []
        for owner in try access.reader(request.head)?.owners ?? [] {
            // One more than asked for tells whether there is more.
            found += try await store.batches(of: owner, after: page.after, limit: page.limit + 1)
        }
        found.sort { ($1.createdAt, $0.id) < ($0.createdAt, $1.id) }
        let batches = Array(found.prefix(page.limit))
        var members: [String: JSON] = ["batches": try JSON(encoding: batches)]
        let next = found.count > page.limit ? batches.last.map { page.next(after: $0) } : nil
        if let next { members["next"] = .string(next) }
        var response = Response(json: JSON.object(members).text)
        if let next { response.headers[.link] = "<\(next)>; rel=\"next\"" }
        return response
    }

    /// `DELETE /api/batches/{batch}` → 204. Its streams and uploads end, its files are swept.
    @Sendable func delete(_ request: Request, context: WebContext) async throws -> Response {
        try await delete(try await batch(for: .manage, request, context: context).id)
        return Response(status: .noContent)
    }

    /// Its streams and uploads end, and so do those of guests by its drop links.
    func delete(_ batch: Batch.ID) async throws {
        try await drops.endAll(of: batch)
        try await store.deleteBatch(batch)
        uploads.forgetAll(in: batch)
    }

    /// `POST /api/batches/{batch}/tickets` → 201, for who may add to it: what opens a WebSocket once,
    /// within a minute, from the same origin.
    @Sendable func ticket(_ request: Request, context: WebContext) async throws -> Response {
        let batch = try await batch(for: .add, request, context: context)
        guard let bearer = try access.writer(request.head, from: context.peer) else {
            throw Problem(.notOwner)
        }
        let ticket = try tickets.issue(
            for: batch.id, to: bearer.holder, on: request.headers[.origin], at: uploads.now())
        let answer: JSON = [
            "ticket": .string(ticket.rawValue), "seconds": .int(Tickets.lifetime),
        ]
        return Response(json: answer.text, status: .created)
    }

    /// Deletes, as by hand, the batches whose end has come.
    func deleteEnded() async throws {
        var ended: [Batch.ID]
        repeat {
            ended = try await uploads.store.endedBatches(at: uploads.now(), limit: Self.atOnce)
            for batch in ended {
                do {
                    try await delete(batch)
                } catch let problem as Problem where problem.code == .batchDeleted {
                    // By hand, meanwhile.
                }
            }
        } while ended.count == Self.atOnce
    }

    /// - Throws: `batch-deleted`; whatever else there is to say of it its page finds out by itself.
    func requireNotDeleted(_ id: Batch.ID) async throws(Problem) {
        do {
            _ = try await store.batch(id)
        } catch let problem as Problem where problem.code == .batchDeleted {
            throw problem
        } catch {
            return
        }
    }

    /// Ended batches that are looked up together.
    private static let atOnce = 100

    // MARK: For uploads

    /// The batch in the path, for who may send files to it. A grant that lasts longer than those before it
    /// prolongs its own.
    func batchToFill(_ request: Request, context: WebContext) async throws -> Batch {
        let id: Batch.ID = try context.identifier("batch", or: .noSuchBatch)
        if let grant = try access.grant(in: request.head),
            try await store.batch(id).owner == grant.bearer
        {
            _ = try await admission.granted(request, context)
        }
        return try await batch(for: .add, request, context: context)
    }

    /// The batch in the path, for who holds the right.
    func batch(
        for right: Batch.Right, _ request: Request, context: WebContext
    ) async throws -> Batch {
        let id: Batch.ID = try context.identifier("batch", or: .noSuchBatch)
        let batch = try await store.batch(id)
        try access.require(
            right, in: batch, request.head, from: context.peer, at: uploads.now())
        return batch
    }

    /// A batch for an upload that names none, and the fields that tell of it: where it is seen,
    /// and the secret of a caller who had none.
    @Sendable func makeForUpload(
        _ request: Request, context: WebContext
    ) async throws -> (Made<Batch>, HTTPFields) {
        if let batch = try await admission.granted(request, context) {
            return (Made(batch, isNew: false), Self.collection(batch))
        }
        let (new, _, secret) = try await beginning(by: .web, request, context)
        let key = try IdempotencyKey.of(request.headers)
        let made = try await make(new, under: key?.request("batch for an upload"))
        var fields = Self.collection(made.thing)
        if let secret {
            fields[.setCookie] = access.cookie(for: secret, on: request.head, from: context.peer)
        }
        return (made, fields)
    }

    private static func collection(_ batch: Batch) -> HTTPFields {
        [.link: "</batches/\(batch.id)>; rel=\"collection\""]
    }

    // MARK: Parts

    /// A batch of a caller who may begin one; one who is nobody yet becomes somebody with a new secret.
    private func beginning(
        by recipe: Recipe, _ request: Request, _ context: WebContext
    ) async throws -> (batch: NewBatch, keepDays: Int?, newSecret: String?) {
        let (bearer, secret) = try access.caller(request.head, from: context.peer)
        let days = try await admission.requireRight(
            toBegin: secret == nil ? bearer : nil, request.head, from: context.peer)
        let batch = NewBatch(
            owner: bearer.owner, asker: access.asker(of: request.head, from: context.peer),
            recipe: recipe, expiresAt: uploads.now().after(days: days))
        return (batch, days, secret)
    }

    private func make(_ new: NewBatch, under key: RequestKey?) async throws -> Made<Batch> {
        try await uploads.ownerRefusals.counting {
            try await store.createBatch(new, limits: uploads.limits, under: key, at: uploads.now())
        }
    }

    private func wishedRecipe(_ request: Request, _ context: WebContext) async throws -> Recipe {
        let members = try await body.members(of: request, context)
        guard let recipe = members["recipe"], recipe != .null else { return .web }
        return try Recipe(reading: recipe)
    }

    private func document(of batch: Batch, to bearer: Bearer) async throws -> [(String, String)] {
        let id = batch.id
        let document = try await feed.document(of: id)
        let rights = batch.rights(of: bearer, at: uploads.now())
        return [
            ("cursor", JSON.string(document.cursor.description).text),
            ("document", document.text),
            ("live", feed.live(in: id).text),
            ("may", JSON.array(rights.map { .string($0.rawValue) }).text),
            ("owner", String(rights.contains(.manage))),
        ]
    }

    private func links(to id: Batch.ID) -> JSON {
        [
            "self": .string("/api/batches/\(id)"), "events": .string("/api/batches/\(id)/events"),
            "images": .string("/api/batches/\(id)/images"), "page": .string("/batches/\(id)"),
        ]
    }
}

/// A JSON object of members that are JSON text already.
private func object(_ members: [(name: String, text: String)]) -> String {
    "{" + members.map { "\"\($0.name)\":\($0.text)" }.joined(separator: ",") + "}"
}
