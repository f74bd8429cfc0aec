// swift-tools-version: 6.2
import PackageDescription

// The layout has three rules (docs/architecture.md):
//   1. Domain says what the program does and imports no technology.
//   2. Every other library is one technology or one mechanism and imports Domain, and WorkerLink
//      where it speaks to the other process; never a sibling. Two of them hash (Hashing).
//   3. Two executables do the wiring. `revela` links no image decoder, `revela-worker` no database.

let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let metrics = Target.Dependency.product(name: "Metrics", package: "swift-metrics")
let lifecycle = Target.Dependency.product(
    name: "ServiceLifecycle", package: "swift-service-lifecycle")
let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
/// The C interface of the SQLite that GRDB uses.
let sqlite = Target.Dependency.product(name: "GRDBSQLite", package: "GRDB.swift")
let nio = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let nioHTTP1 = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")

/// The commit that `revela --version` names, told by scripts/build and scripts/deb; a build by hand
/// names none.
let commit = Context.environment["REVELA_COMMIT"].flatMap { $0.isEmpty ? nil : $0 }

let package = Package(
    name: "revela",
    platforms: [.macOS(.v15)],
    products: [
        .executable(name: "revela", targets: ["Server"]),
        .executable(name: "revela-worker", targets: ["Worker"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-configuration", from: "1.4.0"),
        .package(url: "https://github.com/apple/swift-http-structured-headers", from: "1.7.0"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-extras", from: "1.35.2"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(
            url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1", traits: []),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        .target(name: "Domain", swiftSettings: strict),

        .target(
            name: "SQLiteStore", dependencies: ["Domain", grdb], swiftSettings: strict),
        .systemLibrary(
            name: "CCrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
        .target(name: "Hashing", dependencies: ["CCrypto"], swiftSettings: strict),
        .target(
            name: "BlobStorage", dependencies: ["Domain", "Hashing", nioPosix],
            swiftSettings: strict),
        .target(name: "CWorkerLink"),
        .target(
            name: "WorkerLink", dependencies: ["Domain", "CWorkerLink"], swiftSettings: strict),
        .target(
            name: "Jobs", dependencies: ["Domain", "WorkerLink", logging, metrics, lifecycle],
            swiftSettings: strict),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .target(
            name: "Web",
            dependencies: [
                "Domain", "Hashing", "CZlib", logging, metrics, lifecycle, nio, nioPosix, nioHTTP1,
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "NIOHTTPTypes", package: "swift-nio-extras"),
                .product(name: "NIOHTTPTypesHTTP1", package: "swift-nio-extras"),
                .product(name: "NIOWebSocket", package: "swift-nio"),
                .product(
                    name: "RawStructuredFieldValues", package: "swift-http-structured-headers"),
            ],
            swiftSettings: strict),

        .systemLibrary(name: "CVips", pkgConfig: "vips", providers: [.apt(["libvips-dev"])]),
        .systemLibrary(name: "CMagic", pkgConfig: "libmagic", providers: [.apt(["libmagic-dev"])]),
        .target(
            name: "CSandbox",
            linkerSettings: [.linkedLibrary("seccomp", .when(platforms: [.linux]))]),
        .target(name: "CAllocation"),
        .systemLibrary(name: "CWebP", pkgConfig: "libwebp", providers: [.apt(["libwebp-dev"])]),
        // libjpeg is named, though libvips brings it: only a symbol that the linker has seen in a
        // library is exported by a program that defines it, too.
        .target(name: "CJPEG", linkerSettings: [.linkedLibrary("jpeg")]),
        .target(
            name: "Imaging",
            dependencies: ["Domain", "CAllocation", "CVips", "CMagic", "CWebP", "CJPEG", "CZlib"],
            swiftSettings: strict),

        .systemLibrary(name: "CMalloc"),
        .target(
            name: "CCommit", cSettings: commit.map { [.define("REVELA_COMMIT", to: $0)] } ?? []),
        .executableTarget(
            name: "Server",
            dependencies: [
                .target(name: "CMalloc", condition: .when(platforms: [.linux])),
                "CCommit", "Domain", "SQLiteStore", "BlobStorage", "Jobs", "Web", "WorkerLink",
                logging,
                lifecycle, nio,
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Configuration", package: "swift-configuration"),
            ],
            swiftSettings: strict),
        .executableTarget(
            name: "Worker", dependencies: ["Domain", "WorkerLink", "Imaging", "CSandbox"],
            swiftSettings: strict),

        // What tests of several targets share: randomness that can be had again.
        .target(name: "TestSupport", path: "Tests/TestSupport", swiftSettings: strict),
        .testTarget(
            name: "ImagingTests", dependencies: ["TestSupport", "Domain", "Imaging", "CVips"],
            swiftSettings: strict),
        .testTarget(
            name: "WorkerLinkTests", dependencies: ["Domain", "WorkerLink"], swiftSettings: strict),
        // A worker that breaks every rule, for the pool's tests alone.
        .executableTarget(
            name: "MisbehavingWorker", dependencies: ["Domain", "WorkerLink", "CSandbox"],
            path: "Tests/MisbehavingWorker", swiftSettings: strict),
        .testTarget(
            name: "WorkerPoolTests",
            dependencies: [
                "TestSupport", "Domain", "Jobs", "WorkerLink", "Worker", "MisbehavingWorker",
                logging,
            ],
            swiftSettings: strict),
        // A worker that does what the photograph says, for the tests of queues alone.
        .executableTarget(
            name: "ScriptedWorker", dependencies: ["Domain", "WorkerLink"],
            path: "Tests/ScriptedWorker", swiftSettings: strict),
        .testTarget(
            name: "JobsTests",
            dependencies: [
                "Domain", "Jobs", "SQLiteStore", "BlobStorage", "ScriptedWorker", logging,
                lifecycle,
            ],
            swiftSettings: strict),
        // What developing a photograph costs, for scripts/bench; no part of the product.
        .executableTarget(
            name: "imaging-bench",
            dependencies: ["Domain", "Imaging", "Jobs", "WorkerLink", logging],
            path: "Benchmarks/Imaging", swiftSettings: strict),
        .testTarget(name: "HashingTests", dependencies: ["Hashing"], swiftSettings: strict),
        .testTarget(
            name: "DomainTests", dependencies: ["TestSupport", "Domain"], swiftSettings: strict),
        .testTarget(
            name: "ContractTests",
            dependencies: ["TestSupport", "Domain", "SQLiteStore", grdb, sqlite],
            swiftSettings: strict),
        .testTarget(
            name: "FeedTests", dependencies: ["Domain", "SQLiteStore"], swiftSettings: strict),
        .testTarget(
            name: "WebTests",
            dependencies: [
                "TestSupport", "BlobStorage", "Domain", "Hashing", "SQLiteStore", "Web", nio,
                logging,
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"),
            ],
            swiftSettings: strict),
        .testTarget(
            name: "TransportTests",
            dependencies: [
                "TestSupport", "Domain", "SQLiteStore", "Web", nio, nioPosix, lifecycle, logging,
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
            ],
            swiftSettings: strict),
        .testTarget(
            name: "UploadTests",
            dependencies: [
                "TestSupport", "BlobStorage", "Domain", "Hashing", "SQLiteStore", "Web", logging,
                nio, nioPosix,
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
            ],
            swiftSettings: strict),
        // Serves Web's WebSocket protocol to Tests/Conformance; no part of the product.
        .executableTarget(
            name: "WebSocketEcho", dependencies: ["Web", nio, nioPosix, nioHTTP1],
            path: "Tests/WebSocketEcho", swiftSettings: strict),
        .testTarget(
            name: "BlobStorageTests",
            dependencies: ["TestSupport", "BlobStorage", "Domain", "Hashing"],
            swiftSettings: strict),
    ]
)
