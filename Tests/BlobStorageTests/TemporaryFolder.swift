// A folder of a test's own, and chunks to fill files with.

import BlobStorage
import Domain
import Foundation
import Hashing

/// Removed when nobody holds it any more.
final class TemporaryFolder: Sendable {
    let path: String

    init() throws {
        let url = FileManager.default.temporaryDirectory
            .appendingPathComponent("revela-test-\(UInt64.random(in: .min ... .max))")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: false)
        path = url.path
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// Paths of all files below `folder`, without directories.
    func files(in folder: String) throws -> [String] {
        try FileManager.default.subpathsOfDirectory(atPath: "\(path)/\(folder)").filter {
            var isDirectory: ObjCBool = false
            let exists = FileManager.default.fileExists(
                atPath: "\(path)/\(folder)/\($0)", isDirectory: &isDirectory)
            return exists && !isDirectory.boolValue
        }
    }

    func size(of file: String) throws -> Int {
        try Data(contentsOf: URL(fileURLWithPath: "\(path)/\(file)")).count
    }
}

extension Chunk {
    init(_ bytes: [UInt8]) {
        self.init(count: bytes.count) { body in try bytes.withUnsafeBytes(body) }
    }
}

func sha256(_ bytes: some Sequence<UInt8>) -> String {
    SHA256.hash(bytes).hexadecimal
}

/// All that a descriptor holds; closes it.
func contents(of descriptor: Int32) throws -> [UInt8] {
    let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    return try handle.readToEnd().map(Array.init) ?? []
}

/// Numbers that look random and are the same for the same seed.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
