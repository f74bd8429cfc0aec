import Domain
import Testing

@Suite("A store that gets a photo again", .serialized)
struct CopyContract {
    private static let large = Rendition(
        name: "large", width: 4, height: 3, mediaType: .webp,
        blob: Blob(sha256: String(repeating: "2c", count: 32), size: 9))

    /// Develops the next job's photo.
    private func process(_ bench: Bench) async throws -> Image {
        let job = try #require(try await bench.store.claimJob(boot: "b", at: now))
        let changes: [Change] = [.accepted(facts), .renditionReady(Self.large), .ready]
        for change in changes {
            try await bench.store.record(change, of: job.image.id, in: job.image.batch, at: now)
        }
        return try await bench.store.image(job.image.id, in: job.image.batch)
    }

    private func folds(_ bench: Bench, _ batch: Batch) async throws {
        let events = try await bench.events(of: batch)
        let folded = try events.reduce(JSON.object([:])) { $0.merging(try $1.patch()) }
        #expect(try await bench.store.snapshot(of: batch.id).document == folded.text)
        #expect(events.map(\.seq) == Array(1...events.count))
    }

    @Test("has it ready at once, and says whose copy it is", arguments: allStores)
    func readyAtOnce(kind: StoreKind) async throws {
        let bench = try Bench(kind)
        _ = try await bench.uploaded(into: try await bench.batch(), original)
        let first = try await process(bench)

        let batch = try await bench.batch()
        let upload = try await bench.uploaded(into: batch, original)
        let id = try #require(upload.image)
        let copy = try await bench.store.image(id, in: batch.id)
        #expect(copy.state == .ready)
        #expect(copy.document["sameAs"]?.stringValue == first.id.rawValue)
        for member in ["mediaType", "width", "height", "placeholder", "sha256"] {
            #expect(copy.document[member] == first.document[member])
        }
        let url = copy.document["renditions"]?["large"]?["url"]?.stringValue
        #expect(url?.hasPrefix("/api/batches/\(batch.id)/images/\(id)/renditions/large") == true)
        #expect(try await bench.store.rendition("large", of: id) == Self.large)
        #expect(try await bench.store.claimJob(boot: "b", at: now) == nil)
        #expect(try await bench.store.upload(upload.id).isComplete)

        let types = try await bench.events(of: batch).map(\.type)
        #expect(types.suffix(3) == [.imageUploaded, .imageReady, .batchSettled])
        try await folds(bench, batch)
    }

    @Test("keeps a copy when the first one is removed", arguments: allStores)
    func outlives(kind: StoreKind) async throws {
        let bench = try Bench(kind)
        let batch = try await bench.batch()
        _ = try await bench.uploaded(into: batch, original)
        let first = try await process(bench)
        let upload = try await bench.uploaded(into: batch, original)
        try await bench.store.record(.removed, of: first.id, in: batch.id, at: now)
        let id = try #require(upload.image)
        #expect(try await bench.store.rendition("large", of: id) == Self.large)
        #expect(try await bench.store.unreferenced([Self.large.blob.sha256]) == [])
        try await folds(bench, batch)
    }

    @Test("copies what waited meanwhile instead of developing it", arguments: allStores)
    func waiting(kind: StoreKind) async throws {
        let bench = try Bench(kind)
        let batch = try await bench.batch()
        for _ in 0..<3 { _ = try await bench.uploaded(into: batch, original) }
        let first = try await process(bench)
        #expect(try await bench.store.claimJob(boot: "b", at: now) == nil)
        let snapshot = try await bench.store.snapshot(of: batch.id)
        #expect(snapshot.batch.state == .settled)
        let images = try JSON(parsing: snapshot.document)["images"]?.members ?? [:]
        #expect(images.values.count { $0["sameAs"]?.stringValue == first.id.rawValue } == 2)
        try await folds(bench, batch)
    }

    @Test("never takes it from another owner, recipe or unfinished photo", arguments: allStores)
    func strangers(kind: StoreKind) async throws {
        let bench = try Bench(kind)
        _ = try await bench.uploaded(into: try await bench.batch(), original)
        _ = try await process(bench)
        let otherRecipe = Recipe(name: "small", renditions: [Recipe.web.renditions[0]])
        let others = [
            try await bench.batch(of: Owner(id: "somebody else")),
            try await bench.store.createBatch(
                .random(), owner: owner, recipe: otherRecipe, under: nil, at: now
            ).thing,
        ]
        for batch in others {
            let upload = try await bench.uploaded(into: batch, original)
            let image = try await bench.store.image(try #require(upload.image), in: batch.id)
            #expect(image.state == .waiting && image.document["sameAs"] == nil)
        }
        let third = try await bench.batch(of: Owner(id: "somebody else"))
        _ = try await bench.uploaded(into: third, original)
        #expect(try await bench.store.batch(third.id).state == .open)
    }
}
