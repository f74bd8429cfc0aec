// Want of memory is never the photograph's fault, whatever a decoder makes of it.

import Domain
import Foundation
import Jobs
import Synchronization
import Testing
import WorkerLink

@Suite(.serialized, .timeLimit(.minutes(10)))
struct ShortageTests {
    private static let recipe = Recipe(
        name: "one", renditions: [RenditionSpec(name: "only", longerSide: 320)])

    /// The photograph in another format, by a worker that has memory enough.
    private func file(_ format: MediaType) async throws -> [UInt8] {
        let photo = try memoryFile(Photo.png(width: 3_000, height: 3_000))
        let recipe = Recipe(
            name: "one",
            renditions: [RenditionSpec(name: "only", longerSide: 3_000, format: format)])
        return try await withPool { pool in
            let output = try MemoryFile(name: "rendition")
            let made = Mutex<[UInt8]>([])
            let outcome = try await pool.perform(
                .process(recipe: recipe, wanted: ["only"], limits: ImageLimits()),
                input: photo.number, output: output, owner: "a"
            ) { report in
                guard case .rendition = report else { return }
                let bytes = try output.contents()
                made.withLock { $0 = bytes }
            }
            try #require(outcome == .done)
            return made.withLock { $0 }
        }
    }

    /// The real worker with so much address space, and what comes of the photograph in it; nil where
    /// the worker itself finds too little.
    private func outcome(_ file: [UInt8], mebibytes: Int) async throws -> RenderOutcome? {
        let script = NSTemporaryDirectory() + "revela-short-\(UUID().uuidString)"
        let text = "#!/bin/sh\nulimit -v \(mebibytes * 1_024)\nexec \(try built("revela-worker"))\n"
        try text.write(toFile: script, atomically: true, encoding: .utf8)
        defer { try? FileManager.default.removeItem(atPath: script) }
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: script)
        let photo = try memoryFile(file)
        return try await withPool(
            executable: script, adjust: { $0.spares = 0 }
        ) { pool -> RenderOutcome? in
            do {
                return try await pool.perform(
                    .process(recipe: Self.recipe, wanted: ["only"], limits: ImageLimits()),
                    input: photo.number, output: MemoryFile(name: "rendition"), owner: "a")
            } catch is WorkerFailure {
                return nil
            }
        }
    }

    @Test(arguments: [MediaType.webp, .png])
    func isNotTakenForDamage(_ format: MediaType) async throws {
        let file = try await file(format)
        var ends: [RenderOutcome] = []
        for mebibytes in stride(from: 240, through: 1_600, by: 16) where ends.last != .done {
            if let end = try await outcome(file, mebibytes: mebibytes) { ends.append(end) }
        }
        #expect(ends.last == .done)
        #expect(ends.dropLast().allSatisfy { $0 == .failed(Problem(.outOfMemory)) }, "\(ends)")
        if format == .webp { #expect(ends.count > 1, "there was memory enough") }
    }
}
