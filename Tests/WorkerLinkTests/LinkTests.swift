// The link between two processes, both ends in one: what goes in comes out, and nothing else does.

import Domain
import Glibc
import Testing

@testable import WorkerLink

@Suite struct LinkTests {
    /// The server's socket and the worker's endpoint, joined.
    private final class Link {
        let server: LinkSocket
        let worker: WorkerEndpoint

        init() throws {
            let ends = try LinkSocket.pair()
            server = LinkSocket(owning: Descriptor(owning: ends.near))
            worker = try WorkerEndpoint(owning: Descriptor(owning: ends.far))
        }

        /// What the server reads next.
        func answer() throws -> WorkerMessage {
            var buffer = [UInt8](repeating: 0, count: Frame.maximumSize)
            let packet = try #require(try server.receive(into: &buffer, waiting: false))
            return try Frame.decode(WorkerMessage.self, from: packet.bytes)
        }
    }

    private static let facts = ImageFacts(
        mediaType: .jpeg, width: 4032, height: 3024, frames: 1, placeholder: "AAgCBw==")
    private static let reports: [RenderReport] = [
        .accepted(facts),
        .progress(Progress(step: 1, steps: 4, stage: .encode, rendition: "thumb", fraction: 0.25)),
        .progress(Progress(step: 0, steps: 4, stage: .decode)),
        .rendition(name: "thumb", width: 320, height: 240, mediaType: .webp, bytes: 10_342),
        .done,
        .refused(Problem(.tooManyPixels, limit: 1, actual: 2)),
        .failed(Problem(.outOfMemory)),
        .sniffed(.fits), .sniffed(.undecided), .sniffed(.refuse(Problem(.notAnImage))),
    ]

    @Test(arguments: reports)
    func carriesEveryReport(_ report: RenderReport) throws {
        let link = try Link()
        try link.worker.send(.report(report))
        #expect(try link.answer() == .report(report))
    }

    @Test func carriesAHello() throws {
        let hello = WorkerHello(
            sandbox: WorkerHello.Sandbox(landlock: true, seccomp: true, allowed: []),
            inputs: MediaType.inputs, outputs: MediaType.outputs, versions: ["libvips": "8.14.1"])
        let link = try Link()
        try link.worker.send(.hello(hello))
        #expect(try link.answer() == .hello(hello))
    }

    @Test func carriesARequestWithItsDescriptors() throws {
        let link = try Link()
        let input = try MemoryFile(name: "input")
        let output = try MemoryFile(name: "output")
        let request = RenderRequest.process(
            recipe: .web, wanted: ["thumb"], limits: ImageLimits())
        try link.server.send(request, descriptors: [input.number, output.number], waiting: false)
        let received = try link.worker.receive()
        #expect(received.request == request)
        #expect(write(received.output ?? -1, "done", 4) == 4)
        #expect(try output.take(4))
        #expect(try output.contents() == Array("done".utf8))
    }

    @Test func closesTheDescriptorsOfARequestThatIsNone() throws {
        let link = try Link()
        let file = try MemoryFile(name: "input")
        try link.server.send(["no": "request"], descriptors: [file.number], waiting: false)
        #expect(throws: LinkError.undecodable(expected: "RenderRequest")) {
            _ = try link.worker.receive()
        }
        // The link still works.
        try link.server.send(
            RenderRequest.sniff(available: 1, total: nil, limits: ImageLimits()),
            descriptors: [file.number], waiting: false)
        let next = try link.worker.receive().output
        #expect(next == nil)
    }

    @Test func countsTheDescriptorsOfARequest() throws {
        let link = try Link()
        let file = try MemoryFile(name: "input")
        try link.server.send(
            RenderRequest.process(recipe: .web, wanted: ["thumb"], limits: ImageLimits()),
            descriptors: [file.number], waiting: false)
        #expect(throws: LinkError.descriptors(expected: 2, actual: 1)) {
            _ = try link.worker.receive()
        }
    }

    @Test(arguments: [
        "", "{", "null", "[]", "{\"report\":{}}",
        "{\"report\":{\"_0\":{\"done\":{},\"failed\":{}}}}",
        "{\"report\":{\"_0\":{\"rendition\":{\"name\":\"thumb\"}}}}",
        "{\"report\":{\"_0\":{\"refused\":{\"_0\":{\"code\":\"no-such-code\",\"detail\":\"\"}}}}}",
    ])
    func namesAFrameThatIsNoMessage(_ text: String) {
        #expect(throws: LinkError.undecodable(expected: "WorkerMessage")) {
            try Frame.decode(WorkerMessage.self, from: Array(text.utf8))
        }
    }

    @Test func refusesAFrameOverTheBound() {
        let problem = Problem(.internal, String(repeating: "a", count: Frame.maximumSize))
        #expect(throws: LinkError.tooLarge) {
            try Frame.encode(WorkerMessage.report(.failed(problem)))
        }
    }

    @Test func saysThatTheOtherEndIsGone() throws {
        let ends = try LinkSocket.pair()
        let worker = try WorkerEndpoint(owning: Descriptor(owning: ends.far))
        close(ends.near)
        #expect(throws: LinkError.closed) { _ = try worker.receive() }
        #expect(throws: LinkError.closed) { try worker.send(.report(.done)) }
    }

    @Test func renditionsLieOneAfterAnother() throws {
        let file = try MemoryFile(name: "output")
        #expect(write(file.number, "firstsecond!", 12) == 12)
        #expect(try file.take(5))
        #expect(try file.contents() == Array("first".utf8))
        #expect(try file.take(6))
        #expect(try file.contents() == Array("second".utf8))
        #expect(try !file.take(2))
        #expect(try !file.take(.max))
        #expect(file.delivered == 5..<11)
    }

    @Test func nobodyWritesToAFileThatWasEmptied() throws {
        let file = try MemoryFile(name: "output")
        #expect(write(file.number, "done", 4) == 4)
        // As a worker may keep it.
        let mapping = mmap(nil, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, file.number, 0)
        let kept = dup(file.number)
        try file.empty()
        #expect(pwrite(kept, "more", 4, 0) == -1 && errno == EPERM)
        #expect(ftruncate(kept, 4096) == -1)
        var status = stat()
        #expect(fstat(kept, &status) == 0 && status.st_size == 0 && status.st_blocks == 0)
        munmap(mapping, 4096)
        close(kept)
    }
}
