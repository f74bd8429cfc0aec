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
