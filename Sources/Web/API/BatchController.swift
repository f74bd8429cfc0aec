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
            return try await created(batch, to: batch.owner, request, context)
        }
        let (owner, secret) = try await beginner(request, context)
        let key = try IdempotencyKey.of(request.headers)
        let batch = try await store.createBatch(
            .random(), owner: owner, asker: access.asker(of: request.head, from: context.peer),
            recipe: recipe,
            under: key?.request("batch", try JSON(encoding: recipe).text), at: uploads.now()
        ).thing

        return try await created(batch, to: owner, newSecret: secret, request, context)
    }

    private func created(
        _ batch: Batch, to bearer: Owner, newSecret secret: String? = nil, _ request: Request,
        _ context: WebContext
    ) async throws -> Response {
        var members = try await document(of: batch, to: bearer)
        members.append(("links", links(to: batch.id).text))
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
        return try await answer(of: batch, to: try access.reader(request.head))
    }

    /// `PATCH /api/batches/{batch}` with `{"name": …}`: what the owner calls it; null takes the name away.
    @Sendable func rename(_ request: Request, context: WebContext) async throws -> Response {
        let batch = try await batch(for: .manage, request, context: context)
        let id = batch.id
        let members = try await body.members(of: request, context)
        guard members.count == 1, let name = members["name"] else {
            throw Problem(
                .badRequest, "The body must be a JSON object such as {\"name\":\"Beach\"}.")
        }
        switch name {
        case .null: try await store.renameBatch(id, to: nil, at: uploads.now())
        case .string(let text):
            try await store.renameBatch(id, to: try Batch.name(text), at: uploads.now())
        default: throw Problem(.badRequest, "The name must be a string or null.")
        }
        return try await answer(of: batch, to: batch.keeper)
    }

    private func answer(of batch: Batch, to reader: Owner?) async throws -> Response {
        let id = batch.id
        let rights = batch.rights(of: reader, at: uploads.now())
        // Guest and keeper are told which link it came by, and until when more can come.
        let isTold = batch.guestsUntil != nil && [batch.owner, batch.keeper].contains(reader)
        let link = isTold ? try await admission.grants.dropLink(of: id) : nil
        let drop = link.map { ",\"drop\":\($0.told.text)" } ?? ""
        let may = JSON.array(rights.map { .string($0.rawValue) }).text
        let document = try await feed.document(of: id)
        return Response(
            json: Outgoing(
                before: "{\"cursor\":\"\(document.cursor)\",\"document\":", document,
                behind: "\(drop),\"live\":\(feed.live(in: id).text),\"may\":\(may),"
                    + "\"owner\":\(rights.contains(.manage))}"))
    }

    /// `GET /api/batches?limit=…&after=…`: a page of the caller's, the newest first, and where the
    /// next one is; nobody's list is empty.
    @Sendable func list(_ request: Request, context: WebContext) async throws -> Response {
        let page = try BatchPage(request.uri.queryParameters)
        guard let owner = try access.reader(request.head) else {
            return Response(json: #"{"batches":[]}"#)
        }
        // One more than asked for tells whether there is more.
        let found = try await store.batches(of: owner, after: page.after, limit: page.limit + 1)
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
        let batch = try await batch(for: .manage, request, context: context).id
        try await drops.endAll(of: batch)
        try await store.deleteBatch(batch)
        uploads.forgetAll(in: batch)
        return Response(status: .noContent)
    }

    /// `POST /api/batches/{batch}/tickets` → 201, for who may add to it: what opens a WebSocket once,
    /// within a minute, from the same origin.
    @Sendable func ticket(_ request: Request, context: WebContext) async throws -> Response {
        let batch = try await batch(for: .add, request, context: context)
        guard let bearer = try access.writer(request.head, from: context.peer) else {
            throw Problem(.notOwner)
        }
        let ticket = try tickets.issue(
            for: batch.id, to: bearer, on: request.headers[.origin], at: uploads.now())
        let answer: JSON = [
            "ticket": .string(ticket.rawValue), "seconds": .int(Tickets.lifetime),
        ]
        return Response(json: answer.text, status: .created)
    }

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
        let (owner, secret) = try await beginner(request, context)
        let key = try IdempotencyKey.of(request.headers)
        let made = try await store.createBatch(
            .random(), owner: owner, asker: access.asker(of: request.head, from: context.peer),
            recipe: .web, under: key?.request("batch for an upload"),
            at: uploads.now())
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

    /// The caller as an owner who may begin a batch; one who is nobody yet becomes somebody with a new
    /// secret.
    private func beginner(
        _ request: Request, _ context: WebContext
    ) async throws -> (owner: Owner, newSecret: String?) {
        let (owner, secret) = try access.caller(request.head, from: context.peer)
        try await admission.requireRight(
            toBegin: owner, request.head, from: context.peer)
        return (owner, secret)
    }

    private func wishedRecipe(_ request: Request, _ context: WebContext) async throws -> Recipe {
        let members = try await body.members(of: request, context)
        guard let recipe = members["recipe"], recipe != .null else { return .web }
        return try Recipe(reading: recipe)
    }

    private func document(of batch: Batch, to bearer: Owner) async throws -> [(String, String)] {
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
