// A version of a batch's document: where a reader stands in its log.

/// Written `"{epoch}.{seq}"` and opaque to clients. The epoch names one life of a log; it changes
/// only when the log is lost or restored from a backup, and then no old cursor is served.
package struct Cursor: Hashable, Sendable, CustomStringConvertible {
    package let epoch: String
    /// The number of the last event seen; 0 is before the first.
    package let seq: Int

    package init(epoch: String, seq: Int) {
        self.epoch = epoch
        self.seq = seq
    }

    package init?(_ text: some StringProtocol) {
        let bytes = text.utf8
        guard let dot = bytes.firstIndex(of: UInt8(ascii: ".")) else { return nil }
        let (epoch, digits) = (text[..<dot], text[dot...].dropFirst())
        guard !epoch.isEmpty, epoch.utf8.count <= 32,
            digits.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
            let seq = Int(digits)
        else { return nil }
        self.init(epoch: String(epoch), seq: seq)
    }

    package var description: String { "\(epoch).\(seq)" }
}
