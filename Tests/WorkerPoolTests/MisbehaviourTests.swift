// Workers that crash, hang, spin and lie: each is contained and named, and the next job runs.

import Domain
import Glibc
import Jobs
import Testing
import WorkerLink

@Suite(.serialized, .timeLimit(.minutes(5)))
struct MisbehaviourTests {
    /// Asks for one rendition in the way the test wants.
    private static func ask(
        _ pool: WorkerPool, to behave: String, output: MemoryFile? = nil
    ) async throws -> RenderOutcome {
        let input = try MemoryFile(name: "input")
        let recipe = Recipe(
            name: behave, renditions: [RenditionSpec(name: "only", longerSide: 320)])
        return try await pool.perform(
            .develop(recipe: recipe, wanted: ["only"], limits: ImageLimits()),
            input: input.number, outputs: [output ?? MemoryFile(name: "only")], owner: "a")
    }

    private static func withMisbehaving(
        _ body: @Sendable (WorkerPool) async throws -> Void
    ) async throws {
        let path = try built("MisbehavingWorker")
        try await withPool(
            executable: path,
            adjust: {
                $0.timeLimit = .seconds(3)
                $0.cpuLimit = 1
            }, body)
    }

    @Test(arguments: [
        ("crash", WorkerFailure.crashed(signal: SIGSEGV)), ("exit", .exited(code: 3)),
        ("hang", .outOfTime), ("spin", .outOfTime),
        ("close the link", .violation("it closed the link")),
        ("introduce itself twice", .violation("it introduces itself twice")),
        ("babble", .violation("a message is no WorkerMessage")),
        ("be done at once", .violation("it is done before it has delivered")),
        ("deliver nothing", .violation("a rendition of another length")),
        ("deliver less", .violation("a rendition of another length")),
        ("keep it mapped", .violation("a rendition that cannot be made final")),
    ])
    func containsAndNames(_ behaviour: String, _ failure: WorkerFailure) async throws {
        try await Self.withMisbehaving { pool in
            await #expect(throws: failure) { _ = try await Self.ask(pool, to: behaviour) }
            let next = try await Self.ask(pool, to: "behave")
            #expect(next == .failed(Problem(.internal)))
        }
    }

    @Test func survivesAFlood() async throws {
        try await Self.withMisbehaving { pool in
            await #expect(throws: WorkerFailure.self) {
                _ = try await Self.ask(pool, to: "flood")
            }
            let next = try await Self.ask(pool, to: "behave")
            #expect(next == .failed(Problem(.internal)))
        }
    }

    @Test func nothingChangesARenditionOnceItIsDelivered() async throws {
        try await Self.withMisbehaving { pool in
            let output = try MemoryFile(name: "only")
            do {
                // Whether its extra bytes come before the seal is a race; either end is right.
                let outcome = try await Self.ask(pool, to: "write after done", output: output)
                #expect(outcome == .done)
                #expect(try output.contents() == Array("RIFF".utf8))
            } catch {
                #expect(error as? WorkerFailure == .violation("a rendition of another length"))
            }
            let before = try output.contents()
            _ = try await Self.ask(pool, to: "behave")
            #expect(try output.contents() == before)
        }
    }
}
