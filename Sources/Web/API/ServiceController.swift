// What the server says of itself: its limits and abilities to pages, its health to operators.

import Domain
import Foundation
import Hummingbird
import Logging

struct ServiceController {
    let store: any UpkeepStore
    let blobs: any BlobStore
    let uploads: UploadService
    let capabilities: @Sendable () async -> Capabilities
    let makesFaults: Bool

    private var limits: Limits { uploads.limits }

    /// `GET /api/capabilities`: everything a client can check before it sends a byte.
    @Sendable func show(_ request: Request, context: WebContext) async throws -> Response {
        let capabilities = await capabilities()
        let inputs = MediaType.inputs.filter {
            capabilities.acceptsRisky || !MediaType.riskyInputs.contains($0)
        }
        var members: [String: JSON] = [
            "version": .string(capabilities.version),
            "time": .string(Date().timestamp),
            "sandbox": .string(capabilities.sandbox),
            "probes": [
                "denied": .array(capabilities.denied.map(JSON.string)),
                "allowed": .array(capabilities.allowed.map(JSON.string)),
            ],
            "libraries": .object(capabilities.libraries.mapValues(JSON.string)),
            "formats": [
                "input": .array(inputs.map { .string($0.rawValue) }),
                "output": .array(MediaType.outputs.map { .string($0.rawValue) }),
            ],
            "recipes": .object(try Recipe.named.mapValues { try JSON(encoding: $0) }),
            "limits": .object(limitMembers),
        ]
        if makesFaults, request.head.isDirect {
            members["faults"] = .array(Fault.names.map { .string($0) })
        }
        return Response(json: JSON.object(members).text)
    }

    private var limitMembers: [String: JSON] {
        var members: [String: JSON] = [
            "fileBytes": .int(limits.fileBytes), "nameBytes": .int(limits.nameBytes),
            "pathBytes": .int(limits.pathBytes), "pathFolders": .int(limits.pathFolders),
            "imagesPerBatch": .int(limits.imagesPerBatch),
            "batchBytes": .int(limits.batchBytes), "pixels": .int(limits.image.pixels),
            "baselinePixels": .int(limits.image.baselinePixels),
            "interlacedPixels": .int(limits.image.interlacedPixels),
            "side": .int(limits.image.side), "jpegSide": .int(limits.image.jpegSide),
            "frames": .int(limits.image.frames),
            "animationPixels": .int(limits.image.animationPixels), "recipe": recipeLimits,
        ]
        members["ownerBytes"] = limits.ownerBytes.map { .int($0) }
        members["ownerBatches"] = limits.ownerBatches.map { .int($0) }
        members["ownerUploads"] = limits.ownerUploads.map { .int($0) }
        members["appendBytes"] = limits.appendBytes.map { .int($0) }
        return members
    }

    private var recipeLimits: JSON {
        let recipes = RecipeLimits()
        let costs: [String: JSON] = Dictionary(
            uniqueKeysWithValues: MediaType.outputs.map {
                ($0.rawValue, JSON.int($0.costPerMegapixel))
            })
        let carriers: [JSON] = MediaType.outputs.filter(\.carriesMetadata).map {
            JSON.string($0.rawValue)
        }
        return [
            "renditions": .int(recipes.renditions), "side": .int(recipes.side),
            "nameCharacters": .int(recipes.name), "costMs": .int(recipes.cost),
            "costMsPerMegapixel": .object(costs), "metadataFormats": .array(carriers),
        ]
    }

    /// `GET /healthz`: the process answers.
    @Sendable func health(_ request: Request, context: WebContext) async throws -> Response {
        Response(json: #"{"status":"ok"}"#)
    }

    /// `GET /readyz`: the store answers, files can be made, there is room for an upload, too, and
    /// time passes.
    @Sendable func ready(_ request: Request, context: WebContext) async throws -> Response {
        let began = uploads.now()
        do {
            try await store.probe()
            try await blobs.probe()
            try await requireRoom()
            // What was abandoned is removed by the time that has passed.
            guard uploads.now() != began else {
                throw Problem(.unavailable, "The clock of the machine stands still: have it set.")
            }
        } catch let problem as Problem where problem.code == .diskFull {
            context.logger.error("nothing can be uploaded", metadata: ["error": "\(problem)"])
            throw Problem(
                .unavailable, "Nothing can be uploaded: \(problem.detail)", limit: problem.limit,
                actual: problem.actual)
        } catch {
            context.logger.error("the server is not ready", metadata: ["error": "\(error)"])
            let isPlain = (error as? Problem)?.code == .unavailable
            throw isPlain ? error : Problem(.unavailable, "The store does not answer.")
        }
        return Response(json: #"{"status":"ready"}"#)
    }

    private func requireRoom() async throws {
        let free = try await uploads.freeBytes()
        guard free <= 0 else { return }
        let floor = uploads.settings.diskFloor
        throw Problem(
            .diskFull,
            "the data folder's disk has \(free + floor) bytes left, and \(floor) are kept free.",
            limit: floor, actual: free + floor)
    }
}

/// What this installation can do, as the workers told it.
package struct Capabilities: Sendable {
    package let version: String
    /// `full`, `partial` or `none`; `unknown` before the first worker is ready.
    package let sandbox: String
    /// What a worker tried at its start and could not do, and what it could, and must not.
    package let denied: [String]
    package let allowed: [String]
    /// Versions of the libraries that touch images, by name.
    package let libraries: [String: String]
    /// Whether formats with risky decoders are taken in.
    package let acceptsRisky: Bool

    package init(
        version: String, sandbox: String, denied: [String] = [], allowed: [String] = [],
        libraries: [String: String], acceptsRisky: Bool
    ) {
        self.version = version
        self.sandbox = sandbox
        self.denied = denied
        self.allowed = allowed
        self.libraries = libraries
        self.acceptsRisky = acceptsRisky
    }
}
