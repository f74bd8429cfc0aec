// Workers that are copies of a template: that they are workers like any other, and that nothing
// depends on there being a template.

import Domain
import Foundation
import Glibc
import Testing
import WorkerLink

@Suite(.serialized, .timeLimit(.minutes(5)))
struct CopiedWorkerTests {
    @Test func aCopyHasWallsOfItsOwn() async throws {
        try await withHost { host in
            let (copy, hello) = try await host.copy()
            #expect(hello.sandbox.landlock && hello.sandbox.seccomp)
            #expect(copy.processID != copy.template)
            #expect(getpgid(copy.processID) == copy.processID)
        }
    }

    /// The real one, with all that is warmed in it: its threads end before it is copied.
    @Test func aCopyOfTheRealWorkerReadsAndWritesEverything() async throws {
        try await withHost { host in
            let (copy, hello) = try await host.copy(
                try built("revela-worker"), lookingEvery: .seconds(1))
            #expect(hello.sandbox.state == .full)
            #expect(Set(hello.inputs) == Set(MediaType.inputs))
            #expect(Set(hello.outputs) == Set(MediaType.outputs))
            let photo = try memoryFile(Photo.png(width: 600, height: 400))
            let wanted = MediaType.outputs.map { "\($0)" }
            let recipe = Recipe(
                name: "all",
                renditions: MediaType.outputs.map {
                    RenditionSpec(name: "\($0)", longerSide: 300, format: $0)
                })
            let output = try MemoryFile(name: "renditions")
            try copy.send(
                .process(recipe: recipe, wanted: wanted, limits: ImageLimits()),
                descriptors: [photo.number, output.number])
            #expect(await copy.lastReport() == .done)
            #expect(try output.size() > 0)
        }
    }

    /// Code that one copy compiles would be run by another: orc keeps it in a file where it can.
    @Test func copiesShareNothingThatOneOfThemCouldWrite() async throws {
        try await withHost { host in
            let (copy, _) = try await host.copy(
                try built("revela-worker"), lookingEvery: .seconds(1))
            let template = try #require(copy.template)
            let maps = try String(contentsOfFile: "/proc/\(template)/maps", encoding: .utf8)
            // By proc(5): address, then permissions such as rw-p, whose last is s where it is shared.
            let shared = maps.split(separator: "\n").filter {
                $0.split(separator: " ").dropFirst().first?.hasSuffix("s") == true
            }
            #expect(shared.filter { $0.contains(" rw") || $0.contains("orcexec") } == [])
        }
    }

    @Test func aCopyThatCrashesIsNamedAndTheNextOnesAreOfAnotherTemplate() async throws {
        try await withHost { host in
            let (copy, _) = try await host.copy()
            kill(copy.processID, SIGSEGV)
            guard case .exited(let exit) = await copy.next() else {
                Issue.record("it did not end")
                return
            }
            #expect(exit == WorkerExit(status: .signal(SIGSEGV), reason: nil))
            let (next, _) = try await host.copy()
            #expect(next.template != copy.template)
        }
    }

    @Test(arguments: [SIGSTOP, SIGKILL])
    func aWorkerStartsByItselfWhereTheTemplateDoesNotAnswer(_ signal: Int32) async throws {
        try await withHost { host in
            let (copy, _) = try await host.copy()
            let template = try #require(copy.template)
            kill(template, signal)
            let (next, _) = try await host.worker(copied: true)
            #expect(next.template == nil)
            // It is gone, and another one comes.
            let (later, _) = try await host.copy()
            #expect(later.template != template)
        }
    }

    @Test func aProgramThatIsNoTemplateIsAWorkerAllTheSame() async throws {
        // Told nothing of templates, it introduces itself as a worker.
        let path = NSTemporaryDirectory() + "revela-no-template-\(UUID().uuidString)"
        let script = "#!/bin/sh\nunset REVELA_TEMPLATE\nexec \(try built("MisbehavingWorker"))\n"
        try Data(script.utf8).write(to: URL(fileURLWithPath: path))
        defer { unlink(path) }
        chmod(path, 0o755)
        try await withHost { host in
            let end = ContinuousClock.now + .seconds(3)
            repeat {
                let (worker, _) = try await host.worker(path, copied: true)
                #expect(worker.template == nil)
                worker.kill(because: .retired)
            } while ContinuousClock.now < end
        }
    }

    @Test func aHostThatStopsLeavesNothingBehind() async throws {
        let host = try WorkerHost()
        let (copy, _) = try await host.copy()
        let template = try #require(copy.template)
        await host.stop()
        for process in [copy.processID, template] {
            #expect(kill(process, 0) == -1 && errno == ESRCH)
        }
    }
}

extension WorkerHost {
    /// The first one that is a copy.
    fileprivate func copy(
        _ executable: String? = nil, lookingEvery pause: Duration = .zero
    ) async throws -> (WorkerProcess, WorkerHello) {
        while true {
            let (worker, hello) = try await worker(executable, copied: true)
            if worker.template != nil { return (worker, hello) }
            worker.kill(because: .retired)
            try await Task.sleep(for: pause)
        }
    }
}

extension WorkerProcess {
    /// What ends its answer to a request; nil where it ends instead.
    fileprivate func lastReport() async -> RenderReport? {
        while case .message(.report(let report)) = await next() {
            switch report {
            case .accepted, .progress, .rendition: continue
            case .done, .refused, .failed, .sniffed: return report
            }
        }
        return nil
    }
}
