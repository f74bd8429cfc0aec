// Randomness that can be had again. REVELA_TEST_SEED names where a property test begins,
// REVELA_TEST_ROUNDS how many rounds it makes.

import Foundation

/// SplitMix64, by Steele, Lea and Flood, "Fast Splittable Pseudorandom Number Generators" (2014).
public struct Dice: RandomNumberGenerator, Sendable {
    private var state: UInt64

    public init(seed: UInt64) { state = seed }

    public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

/// A seed of the environment or the usual one, printed with the name of the test.
public func chosenSeed(
    usually usual: UInt64 = .random(in: 0...UInt64(Int.max)), _ test: String = #function
) -> UInt64 {
    let seed = setting("REVELA_TEST_SEED").map { UInt64($0) } ?? usual
    print("\(test): REVELA_TEST_SEED=\(seed)")
    return seed
}

public func chosenRounds(usually usual: Int) -> Int { setting("REVELA_TEST_ROUNDS") ?? usual }

private func setting(_ name: String) -> Int? {
    ProcessInfo.processInfo.environment[name].flatMap { Int($0) }
}
