// Whether the description of the interface that programs read is the interface.

import BlobStorage
import Domain
import Foundation
import HTTPTypes
import Hummingbird
import Logging
import SQLiteStore
import Testing

@testable import Web

@Suite("The OpenAPI description")
struct OpenAPITests {
    private let description: [String: Any]

    init() throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let data = try Data(contentsOf: root.appendingPathComponent("Public/api/openapi.json"))
        description = try #require(
            try JSONSerialization.jsonObject(with: data) as? [String: Any])
    }

    @Test("has every route of the router, the events, and no other")
    func routes() async throws {
        let paths = try #require(description["paths"] as? [String: [String: Any]])
        var told: Set<String> = []
        for (path, operations) in paths {
            for method in operations.keys where method != "parameters" {
                told.insert("\(method.uppercased()) \(shape(path))")
            }
        }
        var routes = Set(
            try await router().filter { !$0.hasSuffix("/**") && $0 != "GET /" && $0 != "HEAD /" })
        // HEAD is answered wherever GET is, and pages are no part of it.
        for route in routes where route.hasPrefix("HEAD ") {
            if routes.contains("GET " + route.dropFirst(5)), route != "HEAD /api/uploads/{}" {
                routes.remove(route)
            }
        }
        routes.subtract(["GET /batches/{}", "GET /api/openapi.json"])
        routes.insert("GET /api/batches/{}/events")
        #expect(routes.subtracting(told) == [] && told.subtracting(routes) == [])
    }

    @Test("has every code of a problem and every type of an event")
    func codes() throws {
        #expect(try enumeration("Problem", "code") == Set(Problem.Code.allCases.map(\.rawValue)))
        #expect(try enumeration("Event", "type") == Set(EventType.allCases.map(\.rawValue)))
    }

    @Test("names every field that another origin's page may send or read")
    func fields() throws {
        let components = try #require(description["components"] as? [String: [String: Any]])
        let parameters = try #require(components["parameters"] as? [String: [String: Any]])
        let sent = parameters.values.filter { $0["in"] as? String == "header" }
            .compactMap { $0["name"] as? String }
        let told = try #require(components["headers"]).keys
        let own: Set = ["Allow", "Set-Cookie"]  // of OPTIONS alone, and what no script may read
        #expect(Set(sent).subtracting(CrossOrigin.requestFields) == [])
        #expect(Set(told).subtracting(own).subtracting(CrossOrigin.responseFields) == [])
    }

    // MARK: Parts

    private func router() async throws -> [String] {
        let folder = NSTemporaryDirectory() + "revela-openapi-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let store = try SQLiteStore(path: folder + "/revela.sqlite")
        let blobs = try FolderBlobStore(at: folder, threads: 1)
        let feed = ChangeFeed(store: store)
        let logger = Logger(label: "test")
        var settings = WebServer.Settings()
        settings.makesFaults = true
        let server = WebServer(
            settings, store: store, grants: store, blobs: blobs, feed: feed,
            uploads: UploadService(
                store: store, blobs: blobs, feed: feed, limits: Limits(), logger: logger),
            capabilities: {
                Capabilities(
                    version: "", sandbox: "", denied: [], allowed: [], libraries: [:],
                    acceptsRisky: false)
            }, logger: logger, onRunning: { _ in })
        let routes = server.router().routes.map { "\($0.method) \(shape($0.path.description))" }
        try await blobs.shutdown()
        try store.close()
        return routes
    }

    /// A path without the names of what varies in it.
    private func shape(_ path: String) -> String {
        path.replacing(#/\{[^}]*\}/#, with: "{}")
    }

    private func enumeration(_ schema: String, _ member: String) throws -> Set<String> {
        let components = try #require(description["components"] as? [String: [String: Any]])
        let schemas = try #require(components["schemas"] as? [String: [String: Any]])
        let properties = try #require(schemas[schema]?["properties"] as? [String: [String: Any]])
        return Set(try #require(properties[member]?["enum"] as? [String]))
    }
}
