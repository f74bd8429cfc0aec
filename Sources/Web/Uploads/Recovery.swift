// What a start finds of the uploads before it, and what the clock does to those nobody comes back
// to. docs/uploads.md has the table of what is on disk at each instant.

import Domain
import Foundation
import Logging

extension UploadService {
    /// Brings every upload to a state a client can go on from. Before the first request. One that
    /// cannot be brought there now, on a full disk for one, stays as it is: who comes back to it and
    /// the sweep try again.
    package func recover() async throws {
        try await forEachOpenUpload { upload in
            await attempt("an upload could not be recovered", upload) {
                do {
                    try await recover(upload)
                } catch  where isLoss(error) {
                    try await end(upload, .failed(Problem(.internal, "Its bytes were lost.")))
                    throw error
                }
            }
        }
        try await discardForgotten()
    }

    /// In pages: there may be any number of them, each with what its client said of it.
    private func forEachOpenUpload(_ body: (Upload) async throws -> Void) async throws {
        var last: Upload.ID?
        repeat {
            let page = try await store.openUploads(after: last, limit: Self.pageSize)
            for upload in page { try await body(upload) }
            last = page.count == Self.pageSize ? page.last?.id : nil
        } while last != nil
    }

    private static let pageSize = 500

    /// What fails for one upload is logged, and the others are seen to.
    private func attempt(
        _ failure: Logger.Message, _ upload: Upload, _ body: () async throws -> Void
    ) async {
        do {
            try await body()
        } catch is Interruption {
            // A request came for it, and sees to it.
        } catch {
            logger.error(failure, metadata: ["upload": "\(upload.id)", "error": "\(error)"])
        }
    }

    /// Whether acknowledged bytes are not there any more.
    private func isLoss(_ error: any Error) -> Bool {
        error is BytesMissing || (error as? Problem)?.code == .noSuchUpload
    }

    private func recover(_ noted: Upload) async throws {
        let upload = try await asReceived(noted)
        if upload.offset == upload.length, upload.image != nil {
            // The server died between the last byte and the commit that queues the work.
            _ = try await finish(upload)
        } else if upload.expiresAt <= now() {
            try await expire(upload)
        } else if !upload.resumable, try await !store.isKeyed(upload.id) {
            try await end(upload, .rejected(Problem(.uploadIncomplete)))
        } else {
            active.restoreReservation(of: upload)
            try await cut(upload)
        }
    }

    /// Bytes behind the acknowledged ones may be holes: they were never synced.
    private func cut(_ upload: Upload) async throws {
        do {
            try await blobs.truncate(upload.id, to: upload.offset)
        } catch let problem as Problem where problem.code == .noSuchUpload && upload.offset == 0 {
            // Noted, and then the server died before the file was there.
            try await blobs.stage(upload.id)
        }
    }

    /// Ends expired uploads and removes files that nothing refers to. From time to time. Costs what is
    /// there to be removed and what was made since the last time.
    /// - Parameter grace: seconds a blob may be without anybody who refers to it.
    package func sweep(grace: Double = 3_600) async throws {
        try await forEachOpenUpload { upload in
            let isStranded =
                upload.image != nil && upload.offset == upload.length && !active.isHeld(upload.id)
            let isExpired = upload.expiresAt <= now()
            guard isExpired || isStranded else { return }
            if isExpired { active.interrupt(upload.id, .cancelled) }
            await attempt("an upload could not be settled", upload) { try await settle(upload.id) }
        }
        try await store.forgetKeys(at: now())
        try await discardForgotten()
        try await sweepBlobs(grace)
    }

    /// Lets no batch wait for an upload that never got a byte. From time to time.
    package func noteIdle() async throws {
        let latest = now().advanced(by: settings.firstByte - settings.idleAfter)
        try await forEachOpenUpload { upload in
            guard let image = upload.image, upload.offset == 0, !upload.isIdle,
                upload.expiresAt <= latest, !active.isHeld(upload.id)
            else { return }
            await attempt("an upload could not be noted as idle", upload) {
                do {
                    try await store.record(.idle, of: image, in: upload.batch, at: now())
                } catch let problem as Problem
                    where [.wrongState, .noSuchImage, .noSuchBatch, .batchDeleted]
                    .contains(problem.code)
                {
                    // It has ended meanwhile.
                }
            }
        }
    }

    /// Finishes what is whole and ends what has expired.
    private func settle(_ id: Upload.ID) async throws {
        do {
            try await hold(id, Stop()) { upload, standing in
                // A part is no image, and so ends by its age alone.
                if case .whole = standing, upload.image == nil { try await expire(upload) }
            }
        } catch let problem as Problem where problem.code == .noSuchUpload {
            // Removed meanwhile.
        }
    }

    /// Removes staging files whose upload is complete or gone. Whoever makes a file holds the upload
    /// until its row is there, so one that was free before the rows are read has either a row or no
    /// future.
    private func discardForgotten() async throws {
        let staged = try await blobs.staged().filter { !active.isHeld($0) }
        var open: Set<Upload.ID> = []
        try await forEachOpenUpload { open.insert($0.id) }
        for id in staged where !open.contains(id) && !active.isHeld(id) {
            try await discard(id)
        }
    }
}
