import Domain
import Glibc
import Jobs
import Synchronization
import Testing
import WorkerLink

@Suite(.serialized, .timeLimit(.minutes(2)))
struct WorkerPoolTests {
    @Test func developsAPhotographInThreeSizesTheSmallestFirst() async throws {
        let photo = try await Photo.large()
        try await withPool { pool in
            let outputs = try Recipe.web.renditions.map { try MemoryFile(name: $0.name) }
            let reports = Mutex<[RenderReport]>([])
            let outcome = try await pool.perform(
                .develop(recipe: .web, wanted: ["thumb", "medium", "large"], limits: ImageLimits()),
                input: photo.number, outputs: outputs, owner: "a"
            ) { report in reports.withLock { $0.append(report) } }
            #expect(outcome == .done)
            let names = reports.withLock { $0 }.compactMap { report in
                if case .rendition(let name, _, _, _, _) = report { name } else { nil }
            }
            #expect(names == ["thumb", "medium", "large"])
            for output in outputs {
                #expect(try output.contents().prefix(4).elementsEqual("RIFF".utf8))
            }
        }
    }
}
