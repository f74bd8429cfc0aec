// What a photograph costs without a server: developed in this process, and developed by workers
// of the pool that the server uses. The difference is the price of the process boundary and the
// sandbox.
//
//   imaging-bench inside PHOTO…              each photo once, here
//   imaging-bench compare ROUNDS PHOTO       here, by one owner's worker, and by a worker whose
//                                             owner changes each time, in turns
//
// REVELA_WORKER names the worker's executable. One line of JSON on standard output.

import Domain
import Foundation
import Imaging
import Jobs
import Logging
import Synchronization
import WorkerLink

@main
struct ImagingBench {
    static func main() async throws {
        let arguments = CommandLine.arguments.dropFirst()
        switch arguments.first {
        case "inside":
            try await inside(Array(arguments.dropFirst()))
        case "compare":
            guard let rounds = arguments.dropFirst().first.flatMap({ Int($0) }),
                let photo = arguments.dropFirst(2).first
            else { throw Misuse() }
            try await compare(photo, rounds: rounds)
        default:
            throw Misuse()
        }
    }

    private static func inside(_ photos: [String]) async throws {
        let bench = try Inside()
        let before = CPUTime.ofThisProcess
        for photo in photos { try bench.process(try Photo(photo)) }
        let seconds = CPUTime.ofThisProcess - before
        print("{\"photos\":\(photos.count),\"cpu\":\(seconds),\"bytes\":\(bench.bytes)}")
    }

    private static func compare(_ path: String, rounds: Int) async throws {
        let photo = try Photo(path)
        let inside = try Inside()
        let apart = try await Apart()
        var here = Series()
        var sameOwner = Series()
        var newOwner = Series()
        for round in 0..<(rounds + 10) {
            let isWarm = round >= 10
            try await here.measuring(isWarm, apart) { try inside.process(photo) }
            try await sameOwner.measuring(isWarm, apart) {
                try await apart.process(photo, owner: "one")
            }
        }
        // Apart from the others, since a fresh worker starts in the background after each.
        for round in 0..<max(3, rounds / 10) {
            try await newOwner.measuring(round > 0, apart) {
                try await apart.process(photo, owner: "owner \(round)")
            }
            try await apart.rest()
        }
        print(
            "{\"inside\":\(here.json),\"worker\":\(sameOwner.json),"
                + "\"new_owner\":\(newOwner.json)}")
        await apart.close()
    }
}

struct Misuse: Error, CustomStringConvertible {
    let description = "usage: imaging-bench inside PHOTO… | compare ROUNDS PHOTO"
}

/// A photograph, open for reading.
final class Photo {
    let number: Int32

    init(_ path: String) throws {
        number = open(path, O_RDONLY | O_CLOEXEC)
        guard number >= 0 else { throw CocoaError(.fileReadNoSuchFile) }
    }

    deinit { close(number) }
}

struct Undeveloped: Error {
    let outcome: String
}

/// The turns that the server gives a photograph: what can be seen first, then the rest.
private let turns = [["thumb"], ["medium", "large"]]

private func request(_ wanted: [String], known: ImageFacts?) -> RenderRequest {
    .process(recipe: .web, wanted: wanted, limits: ImageLimits(), known: known)
}

/// The same pipeline in this process.
final class Inside {
    private let processor: ImageProcessor
    private(set) var bytes = 0

    init() throws {
        processor = try ImageProcessor()
        _ = processor.warmUp()
    }

    func process(_ photo: Photo) throws {
        var facts: ImageFacts?
        for turn in turns {
            let output = try MemoryFile(name: "renditions")
            var last = ""
            let request = request(turn, known: facts)
            withExtendedLifetime(output) {
                processor.answer(
                    request, input: photo.number, output: output.number
                ) { report in
                    if case .accepted(let found) = report { facts = found }
                    if case .rendition(_, _, _, _, let size) = report { self.bytes += size }
                    last = report == .done ? "done" : "\(report)"
                }
            }
            guard last == "done" else { throw Undeveloped(outcome: last) }
        }
    }
}

/// The same pipeline in the workers of a pool of one.
final class Apart: Sendable {
    let pool: WorkerPool
    private let running: Task<Void, any Error>

    init() async throws {
        let worker = ProcessInfo.processInfo.environment["REVELA_WORKER"] ?? "revela-worker"
        let pool = try WorkerPool(
            WorkerPoolConfiguration(executable: worker, jobs: 1), logger: Logger(label: "bench"))
        self.pool = pool
        running = Task { try await pool.run() }
        _ = try await pool.firstHello()
    }

    func process(_ photo: Photo, owner: String) async throws {
        let facts = Mutex<ImageFacts?>(nil)
        for turn in turns {
            let output = try MemoryFile(name: "renditions")
            let outcome = try await pool.perform(
                request(turn, known: facts.withLock { $0 }), input: photo.number,
                output: output, owner: owner
            ) { report in
                if case .accepted(let found) = report { facts.withLock { $0 = found } }
            }
            guard outcome == .done else { throw Undeveloped(outcome: "\(outcome)") }
        }
    }

    /// Waits until every place of the pool has a worker again.
    func rest() async throws {
        while await pool.gauges.starting > 0 { try await Task.sleep(for: .milliseconds(5)) }
    }

    func close() async {
        running.cancel()
        _ = await running.result
    }
}

/// CPU time in seconds.
enum CPUTime {
    static var ofThisProcess: Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    static func of(_ process: Int32) -> Double {
        var clock = clockid_t()
        var time = timespec()
        guard clock_getcpuclockid(process, &clock) == 0, clock_gettime(clock, &time) == 0 else {
            return 0
        }
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    static func ofThisProcess(andWorkersOf apart: Apart) async -> Double {
        await apart.pool.processIDs.reduce(ofThisProcess) { $0 + of($1) }
    }
}

/// How long one thing took, again and again: on the clock, and in CPU time of this process and
/// its workers.
struct Series {
    private var wall: [Double] = []
    private var cpu: [Double] = []

    mutating func measuring(
        _ counts: Bool, _ apart: Apart, _ body: () async throws -> Void
    ) async throws {
        let cpuBefore = await CPUTime.ofThisProcess(andWorkersOf: apart)
        let began = ContinuousClock.now
        try await body()
        let took = ContinuousClock.now - began
        let used = await CPUTime.ofThisProcess(andWorkersOf: apart) - cpuBefore
        guard counts else { return }
        wall.append(
            Double(took.components.attoseconds) / 1e15 + Double(took.components.seconds) * 1e3)
        cpu.append(used * 1e3)
    }

    /// Medians in milliseconds.
    var json: String {
        "{\"n\":\(wall.count),\"wall_ms\":\(Self.median(wall)),\"cpu_ms\":\(Self.median(cpu))}"
    }

    private static func median(_ values: [Double]) -> Double {
        values.isEmpty ? 0 : values.sorted()[values.count / 2]
    }
}
