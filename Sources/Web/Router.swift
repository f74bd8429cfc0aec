// Everything a browser can reach, as a table.

import Domain
import Hummingbird

extension WebServer {
    func router() -> Router<WebContext> {
        let router = Router(context: WebContext.self, options: .autoGenerateHeadEndpoints)
        router.add(middleware: ProblemMiddleware())
        if let audit { router.add(middleware: Audit(log: audit, access: settings.access)) }
        router.add(middleware: Preflights())
        router.add(middleware: Preconditions())
        router.add(middleware: TokensOfOurs(access: settings.access))

        registerInterface(on: router)
        registerSite(on: router)
        // Behind all routes: it sees only what none of them has answered.
        router.add(middleware: MethodNotAllowed(router.routes))
        return router
    }

    /// Where the answer's head says how long it is, HEAD is answered by what answers GET.
    private static let reading: [HTTPRequest.Method] = [.get, .head]

    private func registerInterface(on router: Router<WebContext>) {
        router.get("/api/capabilities", use: service.show)
        router.get("/api/silence", use: silence.keep)
        router.get("/healthz", use: service.health)
        router.get("/readyz", use: service.ready)
        router.get("/metrics", use: metrics.show)

        router.post("/api/grants", use: admission.accept)
        router.delete("/api/grants/{name}", use: admission.deny)
        router.post("/api/drops", use: drops.show)
        router.post("/api/manage-link", use: manageLinks.make)
        router.get("/api/manage-link", use: manageLinks.show)
        router.delete("/api/manage-link", use: manageLinks.end)
        if let faults { router.post("/api/lab/faults", use: faults.begin) }
        router.post("/api/batches", use: batches.create)
        router.get("/api/batches", use: batches.list)
        router.get("/api/batches/{batch}", use: batches.read)
        router.patch("/api/batches/{batch}", use: batches.change)
        router.delete("/api/batches/{batch}", use: batches.delete)
        router.post("/api/batches/{batch}/tickets", use: batches.ticket)
        router.post("/api/batches/{batch}/drops", use: drops.make)
        router.get("/api/batches/{batch}/drops", use: drops.list)
        router.delete("/api/batches/{batch}/drops/{drop}", use: drops.end)
        uploadRoutes.register(on: router)
        // GET /api/batches/{batch}/events is answered below the router: see Transports.

        let image = router.group("/api/batches/{batch}/images/{image}")
        image.get(use: images.read)
        image.delete(use: images.delete)
        image.post("cancel", use: images.cancel)
        image.post("retry", use: images.retry)
        for method in Self.reading {
            router.on(
                "/api/batches/{batch}/archive.zip", method: method, use: archives.download)
            image.on("original", method: method, use: images.original)
            image.on("renditions/{name}", method: method, use: images.rendition)
        }
    }

    private func registerSite(on router: Router<WebContext>) {
        router.get("/batches/{batch}") { request, context in
            let isPlain = request.uri.queryParameters.has("plain")
            do {
                if isPlain {
                    return try await plainPage.show(request, context: context)
                }
                if let id: Batch.ID = try? context.identifier("batch", or: .noSuchBatch) {
                    try await batches.requireNotDeleted(id)
                }
                return try await pages.serve(request, context: context)
            } catch let problem as Problem where problem.code == .batchDeleted {
                return try pages.tellDeletion(to: request, withoutScripts: isPlain)
            }
        }
        for method in Self.reading {
            router.on("/", method: method) { [admission, pages, settings] request, context in
                let caller = try settings.access.reader(request.head)
                return try await admission.admits(caller, request.head)
                    ? pages.serve(request, context: context) : pages.explainInvitations(to: request)
            }
            // Below `/api` a path that no route names is not looked for among the pages.
            router.on("/api/openapi.json", method: method, use: pages.serve)
            router.on("/**", method: method, use: pages.serve)
        }
    }
}
