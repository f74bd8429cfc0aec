// Everything that can go wrong and be told to somebody, as a closed set of codes. The page
// translates codes; `detail` is the plain English sentence for everybody else. Only Web knows
// which HTTP status a code has.

/// A refusal or a failure: what, why, the limit that was met and the value that met it.
package struct Problem: Error, Codable, Sendable, Hashable {
    package let code: Code
    package let detail: String
    package let limit: Int?
    package let actual: Int?
    /// Seconds after which the same request may succeed, where that is known.
    package let retryAfter: Int?

    package init(
        _ code: Code, _ detail: String? = nil, limit: Int? = nil, actual: Int? = nil,
        retryAfter: Int? = nil
    ) {
        self.retryAfter = retryAfter
        self.code = code
        self.detail = detail ?? code.title
        self.limit = limit
        self.actual = actual
    }

    package enum Code: String, Codable, Sendable, Hashable, CaseIterable {
        // Of an image: the input is at fault.
        case emptyFile = "empty-file"
        case notAnImage = "not-an-image"
        case unsupportedFormat = "unsupported-format"
        case rawPhoto = "raw-photo"
        case tiffImage = "tiff-image"
        case movingImage = "moving-image"
        case formatMismatch = "format-mismatch"
        case damaged
        case fileTooLarge = "file-too-large"
        case tooManyPixels = "too-many-pixels"
        case sideTooLong = "side-too-long"
        case tooManyFrames = "too-many-frames"
        case lengthExceeded = "length-exceeded"
        case uploadIncomplete = "upload-incomplete"
        case digestMismatch = "digest-mismatch"
        case tooSlow = "too-slow"

        // Of an image: we, or the circumstances, are at fault.
        case workerCrashed = "worker-crashed"
        case timedOut = "timed-out"
        case outOfMemory = "out-of-memory"
        case diskFull = "disk-full"
        case `internal`

        // Of a request.
        case badRequest = "bad-request"
        case malformedMultipart = "malformed-multipart"
        case unsupportedMediaType = "unsupported-media-type"
        case invalidRecipe = "invalid-recipe"
        case noSuchBatch = "no-such-batch"
        case batchDeleted = "batch-deleted"
        case noSuchImage = "no-such-image"
        case noSuchUpload = "no-such-upload"
        case uploadGone = "upload-gone"
        case noSuchRendition = "no-such-rendition"
        case notOwner = "not-owner"
        case notInvited = "not-invited"
        case noSuchInvitation = "no-such-invitation"
        case noSuchDropLink = "no-such-drop-link"
        case dropEnded = "drop-ended"
        case wrongPassword = "wrong-password"
        case noSuchManageLink = "no-such-manage-link"
        case tooManyDevices = "too-many-devices"
        case noSuchGrant = "no-such-grant"
        case grantExpired = "grant-expired"
        case grantTooWide = "grant-too-wide"
        case noSuchTicket = "no-such-ticket"
        case tooManyGuests = "too-many-guests"
        case tooManyFiles = "too-many-files"
        case tooManyBytes = "too-many-bytes"
        case foreignOrigin = "foreign-origin"
        case batchFull = "batch-full"
        case ownerFull = "owner-full"
        case tooManyBatches = "too-many-batches"
        case wrongState = "wrong-state"
        case offsetMismatch = "offset-mismatch"
        case keyReused = "key-reused"
        case requestUnderWay = "request-under-way"
        case tooManyRequests = "too-many-requests"
        case unavailable
        case notFound = "not-found"
        case methodNotAllowed = "method-not-allowed"
        case preconditionFailed = "precondition-failed"
        case rangeNotSatisfiable = "range-not-satisfiable"
    }

    /// Whether the same request, or a retry of the image, can succeed later.
    package var retryable: Bool { code.retryable }
}

extension Problem.Code {
    package var retryable: Bool {
        switch self {
        case .workerCrashed, .timedOut, .outOfMemory, .diskFull, .internal, .requestUnderWay,
            .tooManyRequests, .unavailable:
            true
        default: false
        }
    }

    /// The code in words, for people who read no page.
    package var title: String {
        switch self {
        case .emptyFile: "The file is empty."
        case .notAnImage: "The file is not an image."
        case .unsupportedFormat: "This image format is not accepted here."
        case .rawPhoto:
            "This is a camera's raw file, which is not developed here: export it as JPEG."
        case .tiffImage: "This is a TIFF, which is not accepted here: save it as JPEG or PNG."
        case .movingImage:
            "This is a film in AVIF, HEIC or JPEG XL: save one picture of it as JPEG, "
                + "or the film as GIF or WebP."
        case .formatMismatch: "The file's checks disagree about what it is."
        case .damaged: "The image is damaged or cut short."
        case .fileTooLarge: "The file is too large."
        case .tooManyPixels: "The image has too many pixels."
        case .sideTooLong: "One side of the image is too long."
        case .tooManyFrames: "The animation has too many frames."
        case .lengthExceeded: "More bytes came than were announced."
        case .uploadIncomplete: "The upload ended before its last byte."
        case .digestMismatch: "The bytes do not match their digest."
        case .tooSlow: "The image takes more computing time than a photo may."
        case .workerCrashed: "The image could not be processed: it stopped the worker repeatedly."
        case .timedOut: "Processing took too long."
        case .outOfMemory: "Processing needed too much memory."
        case .diskFull: "The server has no room left."
        case .internal: "Something went wrong on the server."
        case .badRequest: "The request cannot be understood."
        case .malformedMultipart: "The form data is malformed."
        case .unsupportedMediaType: "This kind of content is not accepted here."
        case .invalidRecipe: "The recipe is not valid."
        case .noSuchBatch: "There is no such batch."
        case .batchDeleted: "The batch was deleted."
        case .noSuchImage: "There is no such image in this batch."
        case .noSuchUpload: "There is no such upload."
        case .uploadGone: "The upload no longer exists."
        case .noSuchRendition: "There is no such rendition."
        case .notOwner: "Only the batch's owner may do this."
        case .notInvited: "Who begins a batch here needs an invitation."
        case .noSuchInvitation: "There is no such invitation, or it was used, or its time is over."
        case .noSuchDropLink: "There is no such drop link, or it was ended, or its time is over."
        case .dropEnded: "The drop link was ended, or its time is over: it takes no more photos."
        case .wrongPassword: "This is not the drop link's password."
        case .noSuchManageLink: "There is no such manage link, or it was ended."
        case .tooManyDevices: "The manage link takes no more browsers."
        case .noSuchGrant: "There is no such grant, or its key was withdrawn."
        case .grantExpired: "The grant's time is over."
        case .grantTooWide: "The grant allows more than it may."
        case .noSuchTicket: "There is no such ticket, or it was used, or its time is over."
        case .tooManyGuests: "The drop link takes no more guests."
        case .tooManyFiles: "The drop link takes no more photos."
        case .tooManyBytes: "The drop link takes no more bytes."
        case .foreignOrigin: "The request comes from another site."
        case .batchFull: "The batch holds as much as it may."
        case .ownerFull: "The owner's batches hold as much as they may."
        case .tooManyBatches: "The owner keeps as many batches as they may."
        case .wrongState: "The image's state does not allow this."
        case .offsetMismatch: "The offset is not where the upload stands."
        case .keyReused: "The key belongs to another request."
        case .requestUnderWay: "The same request is still under way."
        case .tooManyRequests: "Too many requests at once."
        case .unavailable: "The server cannot do this right now."
        case .notFound: "There is nothing here."
        case .methodNotAllowed: "This method is not allowed here."
        case .preconditionFailed: "What is here is not what the request is about."
        case .rangeNotSatisfiable: "The range begins behind the end."
        }
    }
}
