// The structured fields (RFC 9651) that are read here. A field of the wrong type is nil: as good as
// absent for an upload, as the upload draft demands.

import HTTPTypes
import RawStructuredFieldValues

enum StructuredField {
    static func integer(_ text: String?) -> Int? {
        guard case .integer(let value) = item(text) else { return nil }
        return Int(value)
    }

    static func boolean(_ text: String?) -> Bool? {
        guard case .bool(let value) = item(text) else { return nil }
        return value
    }

    static func string(_ text: String?) -> String? {
        guard case .string(let value) = item(text) else { return nil }
        return value
    }

    /// The member of a dictionary of byte sequences, as digests are written (RFC 9530).
    static func bytes(_ key: String, in text: String?) -> String? {
        guard let text else { return nil }
        var parser = StructuredFieldValueParser(Array(text.utf8))
        guard let members = try? parser.parseDictionaryFieldValue(),
            case .item(let item) = members[key],
            case .undecodedByteSequence(let base64) = item.rfc9651BareItem
        else { return nil }
        return base64
    }

    private static func item(_ text: String?) -> RFC9651BareItem? {
        guard let text else { return nil }
        var parser = StructuredFieldValueParser(Array(text.utf8))
        return try? parser.parseItemFieldValue().rfc9651BareItem
    }

    static func write(_ flag: Bool) -> String { flag ? "?1" : "?0" }
}
