// The URLs of uploads. One creation, one upload resource, three ways to speak to them; each request
// shows by its fields which one it is.

import Domain
import HTTPTypes
import Hummingbird

struct UploadController: Sendable {
    let uploads: UploadService
    /// The batch of `POST /api/batches/{batch}/images`, for who may add to it.
    let authorize: @Sendable (Request, WebContext) async throws -> Batch
    /// A batch of its own for `POST /files`, and what the answer must say of it.
    let makeBatch: @Sendable (Request, WebContext) async throws -> (Made<Batch>, HTTPFields)
    /// Whether the request comes from who may add to the batch, for what an upload's URL alone is
    /// no right to.
    let mayAdd: @Sendable (Batch.ID, Request, WebContext) async throws -> Bool
    /// Who sends a request, and who is limited by address for it.
    let whoAsks: @Sendable (Request, WebContext) -> (asker: Asker, limited: Asker?)
    /// A path of ours as this request's client can use it.
    let locate: @Sendable (_ path: String, Request, WebContext) -> String

    private var tus: Tus { Tus(uploads: uploads) }

    private static let methods: [HTTPRequest.Method] = [.head, .get, .patch, .delete]

    func register(on router: Router<WebContext>) {
        router.post("/api/batches/{batch}/images", use: create)
        router.post("/files", use: createInNewBatch)
        router.post("/batches", use: createByForm)
        for method in Self.methods {
            router.on("/api/uploads/{upload}", method: method, use: serve)
        }
        describe("/api/batches/{batch}/images", [.post], on: router)
        describe("/files", [.post], on: router)
        describe("/api/uploads/{upload}", Self.methods, on: router)
    }

    // MARK: Creation

    @Sendable func create(_ request: Request, context: WebContext) async throws -> Response {
        try await answer(request, context) { body in
            let batch = try await authorize(request, context).id
            return try await create(body, request, in: batch)
        }
    }

    @Sendable func createInNewBatch(
        _ request: Request, context: WebContext
    ) async throws -> Response {
        try await answer(request, context) { body in
            if let batch = try await tus.batchOfParts(request.headers) {
                return try await create(body, request, in: batch)
            }
            return try await withNewBatch(request, context) { batch in
                try await create(
                    body, request, in: batch.id, ownsBatch: batch.guestsUntil == nil)
            }
        }
    }

    /// `POST /batches`: the form of a page without scripts. Leads to the new batch's plain page,
    /// where a refused file shows its reason.
    @Sendable func createByForm(_ request: Request, context: WebContext) async throws -> Response {
        try await answer(request, context) { body in
            guard let boundary = MultipartParser.boundary(in: request.headers[.contentType] ?? "")
            else { throw Problem(.unsupportedMediaType, "Send multipart/form-data.") }
            return try await withNewBatch(request, context) { batch in
                let key = try IdempotencyKey.of(request.headers)
                _ = try await uploads.keys.hold(key, in: batch.id) {
                    try await PlainUploads(uploads: uploads, batch: batch.id, key: key)
                        .form(body, boundary: boundary)
                }
                return Response(
                    status: .seeOther, headers: [.location: PlainPage.path(of: batch.id)])
            }
        }
    }

    /// A batch for one request, which leaves none behind where nothing came of it.
    private func withNewBatch(
        _ request: Request, _ context: WebContext, _ body: (Batch) async throws -> Response
    ) async throws -> Response {
        let (made, headers) = try await makeBatch(request, context)
        let batch = made.thing
        do {
            var response = try await body(batch)
            for field in headers { response.headers.append(field) }
            return response
        } catch {
            if made.isNew { try await uploads.store.deleteUnused(batch.id) }
            throw error
        }
    }

    private func create(
        _ body: IncomingBody, _ request: Request, in batch: Batch.ID, ownsBatch: Bool = false
    ) async throws -> Response {
        let key = try IdempotencyKey.of(request.headers)
        return try await uploads.keys.hold(key, in: batch) {
            try await create(body, request.headers, in: batch, under: key, ownsBatch: ownsBatch)
        }
    }

    private func create(
        _ body: IncomingBody, _ headers: HTTPFields, in batch: Batch.ID,
        under key: IdempotencyKey?, ownsBatch: Bool
    ) async throws -> Response {
        if headers[.tusResumable] != nil {
            try tus.requireVersion(headers)
            return try await tus.create(
                headers, body, in: batch, under: key, ownsBatch: ownsBatch)
        }
        // A form is many files, and so none that could be resumed.
        if headers.mediaType != MultipartParser.mediaType,
            let (draft, isAnnounced) = Draft.spoken(in: headers), draft.isLast(headers) != nil
        {
            return try await DraftUploads(uploads: uploads, draft: draft, isAnnounced: isAnnounced)
                .create(headers, body, in: batch, under: key)
        }
        let plain = PlainUploads(uploads: uploads, batch: batch, key: key)
        return try await create(plain, body, headers)
    }

    private func create(
        _ plain: PlainUploads, _ body: IncomingBody, _ headers: HTTPFields
    ) async throws -> Response {
        if let boundary = MultipartParser.boundary(in: headers[.contentType] ?? "") {
            let images = try await plain.form(body, boundary: boundary)
            let list = JSON.object(["images": .array(images.map(\.answer))])
            return Response(json: list.text, status: .created)
        }
        let type = headers.mediaType ?? Self.anyBytes[0]
        guard Self.anyBytes.contains(type) || type.hasPrefix("image/") else {
            throw Problem(
                type.hasPrefix("multipart/") ? .malformedMultipart : .unsupportedMediaType,
                "Send multipart/form-data with a boundary, image/* or application/octet-stream.")
        }
        let name = ParameterizedValue(headers[.contentDisposition] ?? "").fileName
        let image = try await plain.file(body, named: name ?? "", type: type)
        var response = Response(json: image.answer.text, status: .created)
        response.headers[.location] = image.path
        return response
    }

    /// Types that say nothing of the content. The second is what Amazon's S3 calls it, and who copies
    /// from there.
    private static let anyBytes = ["application/octet-stream", "binary/octet-stream"]

    // MARK: The upload

    @Sendable func serve(_ request: Request, context: WebContext) async throws -> Response {
        try await answer(request, context) { body in
            let id: Upload.ID = try context.identifier("upload", or: .noSuchUpload)
            if request.headers[.tusResumable] != nil { try tus.requireVersion(request.headers) }
            switch request.method {
            case .patch: return try await append(id, request, body, context)
            case .delete: return try await giveUp(id, body)
            default: return try await read(id, request, body)
            }
        }
    }

    private func append(
        _ id: Upload.ID, _ request: Request, _ body: IncomingBody, _ context: WebContext
    ) async throws -> Response {
        let headers = request.headers
        if headers[.tusResumable] == nil, let (draft, isAnnounced) = Draft.spoken(in: headers) {
            return try await DraftUploads(uploads: uploads, draft: draft, isAnnounced: isAnnounced)
                .append(headers, body, to: id)
        }
        try tus.requireVersion(headers)
        return try await tus.append(headers, body, to: id) { batch in
            try await mayAdd(batch, request, context)
        }
    }

    /// `HEAD`: what both protocols want to know, since their fields do not collide.
    private func read(
        _ id: Upload.ID, _ request: Request, _ body: IncomingBody
    ) async throws -> Response {
        let spoken = Draft.spoken(in: request.headers)
        let draft = spoken?.draft ?? .newest
        guard request.headers[.uploadOffset] == nil, draft.isLast(request.headers) == nil else {
            throw Problem(.badRequest, "A request for the offset says nothing of it.")
        }
        return try await uploads.hold(id, body.stop) { upload, standing in
            var headers = try tus.description(of: upload)
            if case .gone = standing { throw Problem(.uploadGone) }
            let draftUploads = DraftUploads(uploads: uploads, draft: draft, isAnnounced: false)
            for field in draftUploads.limitField(upload) { headers.append(field) }
            var isComplete = false
            if case .whole = standing { isComplete = true }
            draft.say(complete: isComplete, in: &headers)
            headers[.cacheControl] = "no-store"
            if isComplete, let image = upload.image {
                let sha256 = try await uploads.store.image(image, in: upload.batch).sha256
                headers[.reprDigest] = sha256.flatMap {
                    Digests.answer($0, to: request.headers)
                }
            }
            // Clients of tus want the 200 of its own example, and those of the draft its 204.
            let isTus = request.headers[.tusResumable] != nil
            return Response(status: isTus ? .ok : .noContent, headers: headers)
        }
    }

    private func giveUp(_ id: Upload.ID, _ body: IncomingBody) async throws -> Response {
        try await uploads.hold(id, body.stop) { upload, _ in try await uploads.giveUp(upload) }
        return Response(status: .noContent)
    }

    // MARK: Answers

    /// `OPTIONS`: what both protocols can do here.
    private func describe(
        _ path: RouterPath, _ methods: [HTTPRequest.Method], on router: Router<WebContext>
    ) {
        router.on(path, method: .options) { _, _ in
            var headers = tus.abilities
            headers[.uploadLimit] = Draft.newest.limit(
                uploads.limits, expiresAt: nil, now: uploads.now())
            headers[.allow] = allowField(methods + [.options])
            return Response(status: .noContent, headers: headers)
        }
    }

    /// Runs `body`, and tells its errors in the words of the protocol that was spoken.
    private func answer(
        _ request: Request, _ context: WebContext, _ body: (IncomingBody) async throws -> Response
    ) async throws -> Response {
        let stop = Stop(context.channel)
        let (asker, limited) = whoAsks(request, context)
        let incoming = IncomingBody(
            request, on: context.channel, stop: stop, requests: uploads.requests,
            settings: uploads.settings, asker: asker, limited: limited,
            locate: { locate($0, request, context) })
        var response: Response
        do {
            try request.headers.requireNoContentCoding()
            response = try await body(incoming)
            if response.status == .created, let path = response.headers[.location] {
                response.headers[.location] = incoming.locate(path)
            }
        } catch {
            guard let refusal = Refusal(error) else { throw error }
            response = refusal.response
            // The rest of the body is not wanted. The connection closes once the client has had
            // time to read the answer.
            if !stop.isWhole, !incoming.isEmpty { response.headers[.connection] = "close" }
        }
        if Draft.spoken(in: request.headers) == nil || request.headers[.tusResumable] != nil {
            response.headers[.tusResumable] = Tus.version
        }
        return response
    }
}
