import Domain
import Testing

@Suite("A store that is told of bytes it has", .serialized)
struct KnownContract {
    @Test("records them as uploaded where the owner has them, in any batch", arguments: allStores)
    func known(kind: StoreKind) async throws {
        let bench = try Bench(kind)
        _ = try await bench.uploaded(into: try await bench.batch(), original)
        let batch = try await bench.batch()
        let upload = try await bench.upload(into: batch)
        let id = try #require(upload.image)
        let image = try await bench.store.recordKnown(original, of: id, in: batch.id, at: now)
        #expect(image?.state == .waiting)
        #expect(try await bench.store.original(of: id) == original)
        let whole = try await bench.store.upload(upload.id)
        #expect(whole.isComplete && whole.offset == original.size)
        #expect(try await bench.events(of: batch).map(\.type).last == .imageUploaded)
        await #expect(throws: Problem.self) {
            try await bench.store.recordKnown(original, of: id, in: batch.id, at: now)
        }
    }

    @Test(
        "records nothing where the owner has no such bytes, or another length",
        arguments: allStores)
    func unknown(kind: StoreKind) async throws {
        let bench = try Bench(kind)
        let batch = try await bench.batch()
        let upload = try await bench.upload(into: batch)
        let id = try #require(upload.image)
        _ = try await bench.uploaded(into: try await bench.batch(of: Owner(id: "other")), original)
        #expect(try await bench.store.recordKnown(original, of: id, in: batch.id, at: now) == nil)
        _ = try await bench.uploaded(into: batch, original)
        let longer = Blob(sha256: original.sha256, size: 4)
        #expect(try await bench.store.recordKnown(longer, of: id, in: batch.id, at: now) == nil)
        #expect(try await bench.store.image(id, in: batch.id).state == .uploading)
    }

    @Test("tells which sizes the owner has whole, and nobody else's", arguments: allStores)
    func sizes(kind: StoreKind) async throws {
        let bench = try Bench(kind)
        let batch = try await bench.batch()
        let others = try await bench.batch(of: Owner(id: "other"))
        _ = try await bench.upload(into: batch)
        #expect(try await bench.store.hasOriginal(ofSize: 3, for: batch.id) == false)
        _ = try await bench.uploaded(into: others, original)
        #expect(try await bench.store.hasOriginal(ofSize: 3, for: batch.id) == false)
        _ = try await bench.uploaded(into: try await bench.batch(), original)
        #expect(try await bench.store.hasOriginal(ofSize: 3, for: batch.id))
        #expect(try await bench.store.hasOriginal(ofSize: 4, for: batch.id) == false)
    }
}
