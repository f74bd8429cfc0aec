// Damaged photographs of every accepted format, through real workers: each has an end, and the
// pool goes on.

import Domain
import Jobs
import Testing
import WorkerLink

@Suite(.serialized, .timeLimit(.minutes(5)))
struct FuzzTests {
    /// One file of each format, made by the workers themselves.
    private static func samples(_ pool: WorkerPool) async throws -> [[UInt8]] {
        let photo = Photo.png(width: 160, height: 120)
        let recipe = Recipe(
            name: "all",
            renditions: [MediaType.jpeg, .webp, .gif, .avif].map {
                RenditionSpec(name: $0.fileExtension, longerSide: 160, format: $0)
            })
        let input = try memoryFile(photo)
        let outputs = try recipe.renditions.map { try MemoryFile(name: $0.name) }
        let outcome = try await pool.perform(
            .develop(
                recipe: recipe, wanted: recipe.renditions.map(\.name), limits: ImageLimits()),
            input: input.number, outputs: outputs, owner: "a")
        try #require(outcome == .done)
        return try [photo] + outputs.map { try $0.contents() }
    }

    @Test(arguments: [UInt64(11)])
    func everyDamagedPhotographHasAnEnd(_ seed: UInt64) async throws {
        let rounds = 500
        try await withPool { pool in
            var random = SplitMix(state: seed)
            let samples = try await Self.samples(pool)
            var limits = ImageLimits()
            limits.acceptsRisky = true
            var ends: [String: Int] = [:]
            for round in 0..<rounds {
                let file = random.damaged(samples[round % samples.count])
                let input = try memoryFile(file)
                let outputs = try Recipe.web.renditions.map { try MemoryFile(name: $0.name) }
                do {
                    let outcome = try await pool.perform(
                        .develop(
                            recipe: .web, wanted: Recipe.web.renditions.map(\.name),
                            limits: limits),
                        input: input.number, outputs: outputs, owner: "a")
                    ends["\(outcome)".prefix { $0 != "(" }.description, default: 0] += 1
                } catch let failure as WorkerFailure {
                    // A crash inside a decoder is contained, and no fault of the pool's; a lie is.
                    if case .violation(let sentence) = failure {
                        Issue.record("seed \(seed), round \(round): \(sentence)")
                    }
                    ends["\(failure)", default: 0] += 1
                }
            }
            print("seed \(seed):", ends.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" })
            #expect(ends.values.reduce(0, +) == rounds)
            #expect(ends["refused", default: 0] > 0)
        }
    }
}

extension SplitMix {
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
