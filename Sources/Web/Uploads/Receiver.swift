// Bytes of one upload on their way to the disk: gathered into writes of at most a mebibyte, made
// durable and acknowledged every few mebibytes or second, never acknowledged before they are.

import Domain
import Foundation
import NIOCore

struct Receiver {
    typealias Progress = @Sendable (_ durable: Int) async -> Void

    private let uploads: UploadService
    private let upload: Upload
    /// The position no byte may pass.
    private let end: Int
    /// Whether nothing is acknowledged before the request's end, because only then it is known
    /// whether the bytes are the right ones.
    private let isProvisional: Bool
    /// Told of each commit.
    private let progress: Progress?

    private var pending: [ByteBuffer] = []
    private var pendingBytes = 0
    private var written: Int
    /// Bytes that are on disk and noted; the last ones only with the upload's end (`UploadService.finish`).
    private(set) var durable: Int
    /// When the upload ends if no more come: each commit puts it off.
    private(set) var expiresAt: Date
    private var committedAt = ContinuousClock.now
    private let check: FirstBytesCheck?
    private let stop: Stop?

    /// - Parameter stop: the request, ended where the check of the first bytes refuses the upload.
    init(
        _ upload: Upload, isProvisional: Bool = false, uploads: UploadService, stop: Stop? = nil,
        progress: Progress? = nil
    ) {
        self.uploads = uploads
        self.progress = progress
        self.upload = upload
        self.isProvisional = isProvisional
        end = upload.length ?? uploads.limits.fileBytes
        written = upload.offset
        durable = upload.offset
        expiresAt = upload.expiresAt
        check = uploads.active.check(of: upload)
        self.stop = stop
    }

    private var position: Int { written + pendingBytes }

    /// Whether the last byte of the upload was received before the last commit.
    var isWhole: Bool { durable == upload.length }

    /// Whether what was written is noted by `UploadService.finish`, together with all that follows from it.
    private var isEnd: Bool { upload.image != nil && written == upload.length }

    /// - Throws: `length-exceeded` or `file-too-large` where there are more bytes than may be,
    ///   `Refused` where the check of the first ones was enough.
    mutating func receive(_ buffer: ByteBuffer) async throws {
        try requireWelcome()
        guard buffer.readableBytes <= end - position else { throw overrun }
        pending.append(buffer)
        pendingBytes += buffer.readableBytes
        if pendingBytes >= uploads.requests.writeBytes || pending.count >= 16 || isCheckDue {
            try await write()
        }
        if isCommitDue { try await commit() }
    }

    private var overrun: Problem {
        guard let length = upload.length else { return .tooLarge(limit: end) }
        return Problem(
            .lengthExceeded, "The upload was announced with \(length) bytes, and more came.",
            limit: length)
    }

    private var isCommitDue: Bool {
        guard !isProvisional, position > durable, upload.image == nil || position != upload.length
        else { return false }
        return position - durable >= uploads.settings.commitBytes
            || ContinuousClock.now - committedAt >= uploads.settings.commitInterval
    }

    private var isCheckDue: Bool { !isProvisional && check?.isDue(at: position) == true }

    private mutating func write() async throws {
        guard !pending.isEmpty else { return }
        try await uploads.blobs.append(pending.map(Chunk.init), to: upload.id, at: written)
        written += pendingBytes
        pending = []
        pendingBytes = 0
        uploads.active.note(written, of: upload)
        if !isProvisional { check?.take(at: written, for: stop) }
    }

    /// Makes all that was received durable and notes it.
    mutating func commit() async throws {
        try await write()
        committedAt = .now
        guard written > durable else { return }
        if isEnd {
            durable = written
            return
        }
        try await uploads.blobs.sync(upload.id)
        let expiry = max(expiresAt, uploads.expiry)
        try await uploads.store.commit(
            offset: written, length: nil, of: upload.id, until: expiry, limits: uploads.limits)
        expiresAt = expiry
        durable = written
        uploads.show(upload, received: durable)
        await progress?(durable)
    }

    /// The request has ended: makes all of it durable, and waits for a check that is under way, so
    /// that no file is taken which is being refused.
    /// - Parameter isLast: whether the upload, whose length was not known, has its last byte: then its
    ///   end makes it durable.
    mutating func complete(isLast: Bool = false) async throws {
        if isLast {
            try await write()
            durable = written
        } else {
            try await commit()
        }
        await check?.settle()
        try requireWelcome()
    }

    /// - Throws: `Refused` where the check of the first bytes was enough.
    func requireWelcome() throws {
        if let problem = check?.problem { throw Refused(problem: problem) }
    }

    /// Forgets all that was received since the last commit.
    mutating func rollBack() async throws {
        pending = []
        pendingBytes = 0
        written = durable
        await check?.takeBack(to: durable)
        // Of a complete one the file has another name by now.
        if !upload.isComplete { try await uploads.blobs.truncate(upload.id, to: durable) }
    }
}

/// The check of the first bytes was enough: the rest is not wanted.
struct Refused: Error {
    let problem: Problem
}

extension Problem {
    static func tooLarge(limit: Int) -> Problem {
        Problem(.fileTooLarge, "At most \(limit) bytes are accepted.", limit: limit)
    }
}

extension Chunk {
    init(_ buffer: ByteBuffer) {
        self.init(count: buffer.readableBytes) { body in
            try buffer.withUnsafeReadableBytes { try body($0) }
        }
    }
}
