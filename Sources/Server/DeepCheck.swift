// `revela doctor --deep`: the whole database, and every file that it names. Changes nothing, and may
// run beside the server.

import BlobStorage
import Domain
import Foundation
import SQLiteStore

struct DeepCheck {
    let folder: String

    /// Says what is wrong; false where something is.
    func run() async throws -> Bool {
        let database = folder + "/revela.sqlite"
        guard FileManager.default.fileExists(atPath: database) else {
            print("  database  not made yet")
            return true
        }
        let inspection = try Inspection(path: database)
        if let damage = try await inspection.damage(thoroughly: true) {
            print("  database  damaged: \(damage)")
            return false
        }
        print("  database  whole")
        return try await checkBlobs(by: inspection)
    }

    private func checkBlobs(by inspection: Inspection) async throws -> Bool {
        var (checked, faults) = (0, 0)
        var last = ""
        while case let blobs = try await inspection.blobs(after: last), !blobs.isEmpty {
            for blob in blobs {
                checked += 1
                last = blob.sha256
                let file = BlobFile(of: blob, in: folder)
                guard let fault = try file.fault() else { continue }
                faults += 1
                print("  file      \(file.path) \(fault)")
            }
        }
        print("  files     \(checked) looked at, \(faults) at fault")
        return faults == 0
    }
}
