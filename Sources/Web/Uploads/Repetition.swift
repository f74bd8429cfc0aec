// A creation that comes again: what it asks for, so that it is known for the same, and what a request
// leaves to it that was cut off. Without a key nobody can come back to what one request was to bring.

import Domain
import NIOCore

extension UploadMetadata {
    /// The key of the creation that announces this.
    /// - Parameter place: of a file in its form.
    func request(
        under key: IdempotencyKey?, place: Int = 0, length: Int?, type: String?
    ) -> RequestKey? {
        key?.request(
            "upload", name, metadata, concat, sha256, length.map(String.init), type, place: place)
    }
}

extension Change {
    /// How an image ends whose request failed with `error`; nil where the same request may come again
    /// and bring it.
    static func end(by error: any Error, isKeyed: Bool) -> Change? {
        switch error {
        case let refused as Refused: .rejected(refused.problem)
        case Interruption.cancelled, Interruption.refused:
            .rejected(Problem(.uploadIncomplete))
        case is Interruption: isKeyed ? nil : .rejected(Problem(.uploadIncomplete))
        case let problem as Problem where problem.retryable: isKeyed ? nil : .failed(problem)
        case let problem as Problem: .rejected(problem)
        default: isKeyed ? nil : .failed(Problem(.internal))
        }
    }
}

/// The bytes of a body that came before and are kept: those that come are the others.
struct Held {
    private var missing: Int

    init(_ bytes: Int) { missing = bytes }

    /// What of `buffer` is new.
    mutating func rest(of buffer: ByteBuffer) -> ByteBuffer {
        guard missing > 0 else { return buffer }
        let known = min(missing, buffer.readableBytes)
        missing -= known
        return buffer.getSlice(
            at: buffer.readerIndex + known, length: buffer.readableBytes - known) ?? buffer
    }
}
