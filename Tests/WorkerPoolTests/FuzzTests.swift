// Damaged photographs of every accepted format, through real workers in their sandbox: each has
// an end, and the pool goes on. REVELA_TEST_ROUNDS sets how many, REVELA_TEST_SEED where to begin.

import Domain
import Glibc
import Jobs
import Synchronization
import TestSupport
import Testing
import WorkerLink

@Suite(.serialized)
struct FuzzTests {
    private static let rounds = chosenRounds(usually: 500)
    private static let seed = chosenSeed(usually: 11)

    /// Files of every format taken in, most of them made by the workers themselves.
    private static func samples(_ pool: WorkerPool) async throws -> [[UInt8]] {
        let photo = Photo.png(width: 160, height: 120)
        let formats: [MediaType] = [.jpeg, .webp, .gif, .avif]
        var samples = try await developed(
            photo, pool,
            formats.map { RenditionSpec(name: $0.fileExtension, longerSide: 160, format: $0) }
                + [
                    // With EXIF in it, there is more to break.
                    RenditionSpec(
                        name: "kept", width: 96, height: 96, format: .jpeg, metadata: .keep)
                ])
        let film = Photo.animation
        samples += try await developed(film, pool, [RenditionSpec(name: "film", longerSide: 60)])
        return samples + [photo, film, Photo.heic, Photo.progressiveJPEG]
    }

    private static func developed(
        _ photo: [UInt8], _ pool: WorkerPool, _ specs: [RenditionSpec]
    ) async throws -> [[UInt8]] {
        let input = try memoryFile(photo)
        let output = try MemoryFile(name: "samples")
        let files = Mutex<[[UInt8]]>([])
        let outcome = try await pool.perform(
            .process(
                recipe: Recipe(name: "all", renditions: specs), wanted: specs.map(\.name),
                limits: ImageLimits()),
            input: input.number, output: output, owner: "a"
        ) { report in
            guard case .rendition = report else { return }
            let file = try output.contents()
            files.withLock { $0.append(file) }
        }
        try #require(outcome == .done)
        return files.withLock { $0 }
    }

    /// Small, and with every step that a recipe can ask for.
    private static let recipe = Recipe(
        name: "fuzz",
        renditions: [
            RenditionSpec(name: "thumb", width: 64, height: 64, animated: false),
            RenditionSpec(
                name: "square", width: 80, height: 80, fit: .smart, format: .jpeg, metadata: .keep),
            RenditionSpec(name: "film", width: 120, height: 120, metadata: .copyright),
        ])

    @Test(.timeLimit(.minutes(rounds > 500 ? 120 : 10)))
    func everyDamagedPhotographHasAnEnd() async throws {
        try await withPool(adjust: { $0.timeLimit = .seconds(40) }) { pool in
            var random = Dice(seed: Self.seed)
            let samples = try await Self.samples(pool)
            var limits = ImageLimits()
            limits.acceptsRisky = true
            var ends: [String: Int] = [:]
            var slowest = Duration.zero
            for round in 0..<Self.rounds {
                let file = random.damaged(samples[round % samples.count])
                let input = try memoryFile(file)
                let output = try MemoryFile(name: "renditions")
                let begin = ContinuousClock.now
                do {
                    let outcome = try await pool.perform(
                        .process(
                            recipe: Self.recipe, wanted: Self.recipe.renditions.map(\.name),
                            limits: limits),
                        input: input.number, output: output, owner: "a")
                    ends["\(outcome)".prefix { $0 != "(" }.description, default: 0] += 1
                } catch let failure as WorkerFailure {
                    // A crash inside a decoder is contained, and no fault of the pool's; a lie is,
                    // and a hang would be.
                    switch failure {
                    case .violation, .outOfTime, .outOfCPU, .unavailable:
                        Issue.record("seed \(Self.seed), round \(round): \(failure)")
                    case .crashed, .exited, .killed:
                        print("seed \(Self.seed), round \(round): \(failure)")
                    }
                    ends["\(failure)", default: 0] += 1
                }
                slowest = max(slowest, ContinuousClock.now - begin)
            }
            print(
                "seed \(Self.seed):",
                ends.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" },
                "slowest \(slowest)")
            #expect(ends.values.reduce(0, +) == Self.rounds)
            #expect(ends["refused", default: 0] > 0 && ends["done", default: 0] > 0)
        }
    }
}

extension Dice {
    /// Bytes changed, cut out or put in, and sometimes the end cut off.
    mutating func damaged(_ file: [UInt8]) -> [UInt8] {
        var file = file
        for _ in 0...Int(next() % 3) where file.count > 16 {
            let reach = next() % 2 == 0 ? file.count : min(file.count, 600)
            let place = Int(next() % UInt64(reach))
            switch next() % 4 {
            case 0: file[place] = UInt8(truncatingIfNeeded: next())
            case 1: file[place] ^= 1 << UInt8(next() % 8)
            case 2: file.remove(at: place)
            default: file.insert(UInt8(truncatingIfNeeded: next()), at: place)
            }
        }
        return next() % 8 == 0 ? Array(file.prefix(Int(next() % UInt64(file.count)))) : file
    }
}
