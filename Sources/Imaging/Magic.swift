// libmagic's opinion of a file's first bytes.

internal import CMagic
internal import Domain

/// libmagic with its database loaded. A cookie serves one thread.
final class Magic {
    /// More bytes cost time and change no answer.
    static let needed = 4096

    private let cookie: magic_t

    struct Unavailable: Error {}

    init() throws(Unavailable) {
        guard let cookie = magic_open(MAGIC_MIME_TYPE) else { throw Unavailable() }
        self.cookie = cookie
        // Throwing here runs no deinit on its own: the object is not whole before its last field.
        guard magic_load(cookie, nil) == 0 else {
            throw Unavailable()
        }
    }

    deinit {
        magic_close(cookie)
    }

    static var version: String { "\(magic_version() / 100).\(magic_version() % 100)" }

    /// A media type such as `image/png`; nil when libmagic fails.
    func mediaType(of bytes: [UInt8]) -> String? {
        magic_buffer(cookie, bytes, bytes.count).map { String(cString: $0) }
    }

    /// Whether an opinion names this format. libmagic calls the still formats of HEIF by their
    /// container where the first brand is a general one, and does not know all of those.
    static func agrees(_ opinion: String, with mediaType: MediaType) -> Bool {
        switch mediaType {
        case .avif, .heic:
            [mediaType.rawValue, "image/heif", "application/octet-stream"].contains(opinion)
        case .png: opinion == "image/png" || opinion == "image/apng"
        default: opinion == mediaType.rawValue
        }
    }
}
