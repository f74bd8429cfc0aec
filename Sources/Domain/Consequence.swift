// What a change of an image means beyond its document. A store carries all of it out in the
// transaction that records the change, each by a statement, in this order.

package enum Consequence: Sendable, Hashable {
    /// The image has these bytes, and no longer those that it was counted with.
    case keepOriginal(Blob)
    case keepRendition(Rendition)
    /// No bytes of it are kept: what it had announced counts no more.
    case releaseBytes
    /// The job of the image waits in this lane.
    case queueJob(Job.Lane)
    case endJob
    /// Whether the batch waits for the upload.
    case setIdle(Bool)
    /// The upload has all its bytes, or needs no more: nothing can be sent to it.
    case completeUpload
    /// The requests that began the upload are known for `RequestKey.memory` from now on.
    case endKeys
    /// Nor are they: its sender may begin anew.
    case forgetKeys
    /// The image counts no bytes and is not there any more.
    case removeImage
}

extension Change {
    /// - Parameter image: as this change has left it.
    package func consequences(for image: Image) -> [Consequence] {
        switch self {
        case .created, .processing, .accepted: []
        case .idle, .resumed: [.setIdle(image.isIdle)]
        case .uploaded(let blob):
            [.keepOriginal(blob), .completeUpload, .endKeys, .queueJob(image.lane)]
        case .renditionReady(let rendition): [.keepRendition(rendition)]
        case .retried: [.queueJob(image.lane)]
        case .copied(_, let renditions):
            renditions.map(Consequence.keepRendition) + Self.ending
        case .ready: Self.ending
        case .rejected, .failed, .cancelled: image.releases + Self.ending
        case .expired: [.forgetKeys] + image.releases + Self.ending
        case .removed: [.removeImage]
        }
    }

    private static let ending: [Consequence] = [.endKeys, .endJob, .completeUpload]
}

extension Image {
    /// Nothing where its file has come whole: that is kept until the image is removed.
    fileprivate var releases: [Consequence] { sha256 == nil ? [.releaseBytes] : [] }

    /// Where its job waits.
    fileprivate var lane: Job.Lane { renditionNames.isEmpty ? .quick : .slow }
}
