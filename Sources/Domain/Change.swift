// What can happen to an image: the events of its life, when each is allowed, and what each writes
// into the document. This file is the whole state machine.

package enum Change: Sendable, Hashable {
    case created(position: Int, name: String, size: Int?)
    /// No byte has come, and perhaps none will: the batch does not wait for it.
    case idle
    /// The bytes of an idle one come now.
    case resumed
    /// The last byte is durable as `blob`.
    case uploaded(Blob)
    case processing
    case accepted(ImageFacts)
    case renditionReady(Rendition)
    case ready
    /// The same owner has had the same bytes developed by the same recipe: takes over what was
    /// found and made then, from that image, which is ready.
    case copied(from: Image, [Rendition])
    /// The input is at fault: a retry cannot help.
    case rejected(Problem)
    /// We or the circumstances are at fault: a retry can help.
    case failed(Problem)
    case retried
    case cancelled
    /// The upload was abandoned.
    case expired
    case removed

    package var type: EventType {
        switch self {
        case .created: .imageCreated
        case .idle: .imageIdle
        case .resumed: .imageResumed
        case .uploaded: .imageUploaded
        case .processing: .imageProcessing
        case .accepted: .imageAccepted
        case .renditionReady: .renditionReady
        case .ready, .copied: .imageReady
        case .rejected: .imageRejected
        case .failed: .imageFailed
        case .retried: .imageRetried
        case .cancelled: .imageCancelled
        case .expired: .imageExpired
        case .removed: .imageRemoved
        }
    }

    /// What this change leads to.
    enum Outcome: Hashable {
        case state(Image.State)
        /// The image is no longer there.
        case gone
        case notAllowed
    }

    /// What the change leads to for an image in `state`; nil is one that is not there yet.
    func outcome(in state: Image.State?) -> Outcome {
        switch (self, state) {
        case (.created, nil), (.idle, .uploading), (.resumed, .uploading): .state(.uploading)
        case (.uploaded, .uploading): .state(.waiting)
        // Again on every attempt: the server may have died in the one before.
        case (.processing, .waiting), (.processing, .processing): .state(.processing)
        case (.accepted, .processing), (.renditionReady, .processing): .state(.processing)
        case (.ready, .processing): .state(.ready)
        case (.copied, .waiting), (.copied, .processing): .state(.ready)
        case (.rejected, .uploading), (.rejected, .waiting), (.rejected, .processing):
            .state(.rejected)
        case (.failed, .uploading), (.failed, .waiting), (.failed, .processing): .state(.failed)
        case (.retried, .failed): .state(.waiting)
        case (.cancelled, .uploading), (.cancelled, .waiting), (.cancelled, .processing):
            .state(.cancelled)
        case (.expired, .uploading): .state(.expired)
        case (.removed, .some(let state)) where state.isFinal: .gone
        default: .notAllowed
        }
    }

    /// The merge patch on the image's member of the document, for an image that will be in `state`, or
    /// gone.
    func patch(on image: Image, to state: Image.State?) -> JSON {
        guard let state else { return .null }
        var patch = details(of: image)
        if state != image.state { patch["state"] = .string(state.rawValue) }
        if image.isIdle, self != .idle { patch["idle"] = .null }
        return .object(patch)
    }

    /// What an image does not take over from its twin: what it has itself, and what is of the twin.
    private static let own: Set<String> = [
        "position", "name", "size", "sha256", "state", "idle", "renditions", "sameAs",
    ]

    private func details(of image: Image) -> [String: JSON] {
        switch self {
        case .created(let position, let name, let size):
            var details: [String: JSON] = ["position": .int(position), "name": .string(name)]
            if let size { details["size"] = .int(size) }
            return details
        case .uploaded(let blob):
            return ["sha256": .string(blob.sha256), "size": .int(blob.size)]
        case .accepted(let facts):
            return facts.members
        case .renditionReady(let rendition):
            return ["renditions": .object([rendition.name: rendition.member(of: image)])]
        case .copied(let twin, let renditions):
            var details = twin.document.members.filter { !Self.own.contains($0.key) }
            details["sameAs"] = .string(twin.id.rawValue)
            details["renditions"] = .object(
                Dictionary(
                    renditions.map { ($0.name, $0.member(of: image)) }, uniquingKeysWith: { $1 }))
            return details
        case .rejected(let problem), .failed(let problem):
            return ["problem": problem.member]
        case .retried:
            return ["problem": .null]
        case .idle:
            return ["idle": true]
        case .resumed, .processing, .ready, .cancelled, .expired, .removed:
            return [:]
        }
    }
}

extension ImageFacts {
    /// What the document says of them, once it does.
    package init?(_ image: Image) {
        let document = image.document
        guard let mediaType = document["mediaType"]?.stringValue.flatMap(MediaType.init),
            let width = document["width"]?.intValue, let height = document["height"]?.intValue,
            let placeholder = document["placeholder"]?.stringValue
        else { return nil }
        self.init(
            mediaType: mediaType, width: width, height: height,
            frames: document["frames"]?.intValue ?? 1, placeholder: placeholder,
            color: document["color"]?.stringValue.flatMap { RGB($0) })
    }

    /// What the document says of them; `frames` only of an animation.
    fileprivate var members: [String: JSON] {
        var members: [String: JSON] = [
            "mediaType": .string(mediaType.rawValue), "width": .int(width),
            "height": .int(height), "placeholder": .string(placeholder),
        ]
        members["color"] = (color?.text).map(JSON.string)
        if frames > 1 { members["frames"] = .int(frames) }
        return members
    }
}

extension Problem {
    /// What the document says of it.
    package var member: JSON {
        var member: [String: JSON] = [
            "code": .string(code.rawValue), "title": .string(code.title),
            "detail": .string(detail), "retryable": .bool(retryable),
        ]
        if let limit { member["limit"] = .int(limit) }
        if let actual { member["actual"] = .int(actual) }
        return .object(member)
    }

    /// The problem that a document tells.
    init?(member: JSON?) {
        guard let member, let code = member["code"]?.stringValue.flatMap(Code.init) else {
            return nil
        }
        self.init(
            code, member["detail"]?.stringValue, limit: member["limit"]?.intValue,
            actual: member["actual"]?.intValue)
    }
}
