// The pool with real workers: what it delivers, and what it does when a worker dies.

import Domain
import Foundation
import Glibc
import Jobs
import Synchronization
import Testing
import WorkerLink

@Suite(.serialized, .timeLimit(.minutes(5)))
struct WorkerPoolTests {
    private static let whole = RenderRequest.process(
        recipe: .web, wanted: ["thumb", "medium", "large"], limits: ImageLimits())

    @Test func developsAPhotographInThreeSizesTheSmallestFirst() async throws {
        let photo = try memoryFile(Photo.png(width: 1600, height: 1200))
        try await withPool { pool in
            let output = try MemoryFile(name: "renditions")
            let names = Mutex<[String]>([])
            let outcome = try await pool.perform(
                Self.whole, input: photo.number, output: output, owner: "a"
            ) { report in
                guard case .rendition(let name, _, _, _, let bytes) = report else { return }
                let file = try output.contents()
                // By RIFF, the length after the first eight bytes: this one and no more of the file.
                let length = file[4..<8].reversed().reduce(0) { $0 << 8 | Int($1) }
                #expect(file.starts(with: "RIFF".utf8))
                #expect(file.count == bytes && (length + 8)...(length + 9) ~= bytes)
                names.withLock { $0.append(name) }
            }
            #expect(outcome == .done)
            #expect(names.withLock { $0 } == ["thumb", "medium", "large"])
        }
    }

    /// By every encoder: each has its own way to fail.
    @Test(arguments: MediaType.outputs)
    func aRenditionThatFindsNoRoomSaysSo(_ format: MediaType) async throws {
        let photo = try memoryFile(Photo.png(width: 160, height: 120))
        let recipe = Recipe(
            name: "one", renditions: [RenditionSpec(name: "only", longerSide: 160, format: format)])
        try await withPool(adjust: { $0.outputLimit = 20 }) { pool in
            let outcome = try await pool.perform(
                .process(recipe: recipe, wanted: ["only"], limits: ImageLimits()),
                input: photo.number, output: MemoryFile(name: "renditions"), owner: "a")
            #expect(
                outcome == .failed(Problem(.internal, "The rendition only has no room left.")))
        }
    }

    @Test func startsWithAWholeSandbox() async throws {
        try await withPool { pool in
            let hello = try await pool.firstHello()
            #expect(hello.sandbox.allowed == [])
            #expect(hello.sandbox.state == .full)
            #expect(Set(hello.inputs) == Set(MediaType.inputs))
            #expect(Set(hello.outputs) == Set(MediaType.outputs))
        }
    }

    @Test func refusesWhatIsNoImage() async throws {
        let text = try memoryFile(Array("just words".utf8))
        try await withPool { pool in
            let output = try MemoryFile(name: "renditions")
            let outcome = try await pool.perform(
                Self.whole, input: text.number, output: output, owner: "a")
            #expect(outcome == .refused(Problem(.notAnImage)))
        }
    }

    @Test func looksAtTheFirstBytesOfAnUpload() async throws {
        let file = Photo.png(width: 1600, height: 1200)
        let first = try memoryFile(Array(file.prefix(65_536)))
        let text = try memoryFile(Array("<!DOCTYPE html><html>".utf8))
        try await withPool { pool in
            let fits = try await pool.perform(
                .sniff(available: 65_536, total: file.count, limits: ImageLimits()),
                input: first.number, owner: "a")
            #expect(fits == .sniffed(.fits))
            let refused = try await pool.perform(
                .sniff(available: 21, total: file.count, limits: ImageLimits()),
                input: text.number, owner: "a")
            #expect(refused == .sniffed(.refuse(Problem(.notAnImage))))
        }
    }

    @Test func aWorkerServesOneOwnerOnly() async throws {
        let text = try memoryFile(Array("just words".utf8))
        try await withPool { pool in
            let served = Mutex<[String: Set<Int32>]>([:])
            for owner in ["a", "a", "b", "a", "c"] {
                let output = try MemoryFile(name: "renditions")
                _ = try await pool.perform(
                    Self.whole, input: text.number, output: output, owner: owner
                ) { _ in
                    let busy = await pool.busyProcessIDs
                    served.withLock { $0[owner, default: []].formUnion(busy) }
                }
            }
            let owners = served.withLock { $0 }
            #expect(owners.count == 3)
            let all = owners.values.reduce(0) { $0 + $1.count }
            #expect(owners.values.reduce(into: Set()) { $0.formUnion($1) }.count == all)
        }
    }

    @Test(arguments: ["/nonexistent/revela-worker", "/bin/false"])
    func reportsAnExecutableThatDoesNotStart(_ path: String) async throws {
        let text = try memoryFile(Array("just words".utf8))
        try await withPool(executable: path) { pool in
            do {
                _ = try await pool.perform(
                    .sniff(available: 10, total: 10, limits: ImageLimits()), input: text.number,
                    owner: "a")
                Issue.record("no failure")
            } catch let failure as WorkerFailure {
                guard case .unavailable(let reason) = failure else {
                    Issue.record("\(failure)")
                    return
                }
                #expect(!reason.isEmpty)
            }
            #expect(await pool.gauges.trouble != nil)
        }
    }

    /// As when the kernel is short of memory: one of them is lent before anybody has noticed.
    @Test func allWorkersKilledAtOnceCostNoPhotographAnAttempt() async throws {
        let text = try memoryFile(Array("just words".utf8))
        try await withPool(jobs: 2) { pool in
            for _ in 0..<10 {
                let output = try MemoryFile(name: "renditions")
                _ = try await pool.firstHello()
                for process in await pool.processIDs { kill(process, SIGKILL) }
                let outcome = try await pool.perform(
                    Self.whole, input: text.number, output: output, owner: "a")
                #expect(outcome == .refused(Problem(.notAnImage)))
            }
        }
    }

    @Test func aSlowStartIsNoFailure() async throws {
        let path = NSTemporaryDirectory() + "revela-slow-worker-\(UUID().uuidString)"
        // Whoever can make the folder is the first, and is not ready in time.
        let script = """
            #!/bin/sh
            mkdir \(path).first 2>/dev/null && exec sleep 600
            exec \(try built("revela-worker"))
            """
        try Data(script.utf8).write(to: URL(fileURLWithPath: path))
        defer {
            unlink(path)
            rmdir(path + ".first")
        }
        chmod(path, 0o755)
        try await withPool(
            executable: path,
            adjust: {
                $0.startLimit = .seconds(5)
                $0.spares = 0
            }
        ) { pool in
            let hello = try await pool.firstHello()
            #expect(hello.sandbox.state == .full)
        }
    }

    @Test func leavesNoWorkerBehind() async throws {
        let processes = try await withPool(jobs: 2) { pool in
            _ = try await pool.firstHello()
            return await pool.processIDs
        }
        #expect(!processes.isEmpty)
        for process in processes {
            #expect(kill(process, 0) == -1 && errno == ESRCH)
        }
    }
}
