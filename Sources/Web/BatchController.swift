// Batches: begin one, read one, list one's own, delete one.

import Domain
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore

struct BatchController {
    let store: any Store
    let feed: ChangeFeed
    let access: Access
    let intake: Intake

    /// What `POST /api/batches` may say.
    private struct Wish: Decodable {
        /// A name, or a whole recipe.
        let recipe: JSON?
    }

    /// `POST /api/batches` → 201. Gives a caller without a secret one, as a cookie and a token.
    @Sendable func create(_ request: Request, context: WebContext) async throws -> Response {
        let recipe = try await wishedRecipe(request)
        let (owner, secret) = try caller(request, context)
        let key = try IdempotencyKey.of(request.headers)
        let batch = try await store.createBatch(
            .random(), owner: owner, asker: access.asker(of: request.head, from: context.peer),
            recipe: recipe,
            under: key?.request("batch", try JSON(encoding: recipe).text), at: intake.now()
        ).thing

        var members = try await document(of: batch.id, isOwner: true)
        members.append(("links", links(to: batch.id).text))
        if let secret { members.append(("ownerToken", JSON.string(secret).text)) }
        var response = Response(json: object(members), status: .created)
        response.headers[.location] = "/api/batches/\(batch.id)"
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
        let isOwner = try access.reader(request.head) == batch.owner
        return Response(json: object(try await document(of: id, isOwner: isOwner)))
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
        let batch = try await ownBatch(request, context: context).id
        try await store.deleteBatch(batch)
        intake.forgetAll(in: batch)
        return Response(status: .noContent)
    }

    // MARK: For uploads

    /// The batch in the path, for its owner.
    @Sendable func ownBatch(_ request: Request, context: WebContext) async throws -> Batch {
        let id: Batch.ID = try context.identifier("batch", or: .noSuchBatch)
        let batch = try await store.batch(id)
        try access.requireOwner(of: batch, request.head, from: context.peer)
        return batch
    }

    /// A batch for an upload that names none, and the fields that tell of it: where it is seen,
    /// and the secret of a caller who had none.
    @Sendable func makeForUpload(
        _ request: Request, context: WebContext
    ) async throws -> (Made<Batch>, HTTPFields) {
        let (owner, secret) = try caller(request, context)
        let key = try IdempotencyKey.of(request.headers)
        let made = try await store.createBatch(
            .random(), owner: owner, asker: access.asker(of: request.head, from: context.peer),
            recipe: .web, under: key?.request("batch for an upload"),
            at: intake.now())
        var fields: HTTPFields = [.link: "</batches/\(made.thing.id)>; rel=\"collection\""]
        if let secret {
            fields[.setCookie] = access.cookie(for: secret, on: request.head, from: context.peer)
        }
        return (made, fields)
    }

    // MARK: Parts

    /// The caller as an owner; one who is nobody yet becomes somebody with a new secret.
    private func caller(
        _ request: Request, _ context: WebContext
    ) throws(Problem) -> (owner: Owner, newSecret: String?) {
        if let owner = try access.writer(request.head, from: context.peer) { return (owner, nil) }
        let secret = Access.newSecret()
        return (Access.owner(of: secret), secret)
    }

    private func wishedRecipe(_ request: Request) async throws -> Recipe {
        let body = try await wish(in: request)
        guard body.readableBytes > 0 else { return .web }
        let wish: Wish
        do {
            wish = try JSON(parsing: String(buffer: body)).decoded()
        } catch {
            throw Problem(
                .badRequest, "The body must be a JSON object such as {\"recipe\":\"web\"}.")
        }
        guard let recipe = wish.recipe else { return .web }
        return try Recipe(reading: recipe)
    }

    private func wish(in request: Request) async throws -> ByteBuffer {
        do {
            return try await request.body.collect(upTo: Self.wishBytes)
        } catch let error as NIOTooManyBytesError {
            throw Problem(
                .badRequest, "The body may have at most \(Self.wishBytes) bytes.",
                limit: error.maxBytes)
        }
    }

    private static let wishBytes = 64 << 10

    private func document(of id: Batch.ID, isOwner: Bool) async throws -> [(String, String)] {
        let snapshot = try await store.snapshot(of: id)
        return [
            ("cursor", JSON.string(snapshot.batch.cursor.description).text),
            ("document", snapshot.document),
            ("live", feed.live(in: id).text),
            ("owner", isOwner ? "true" : "false"),
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
