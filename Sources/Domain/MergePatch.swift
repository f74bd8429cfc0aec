// RFC 7396, JSON Merge Patch: the one way a document changes.

extension JSON {
    /// The value after `patch`: members of an object patch are merged, null removes a member, and
    /// anything else replaces the value (RFC 7396, section 2).
    package func merging(_ patch: JSON) -> JSON {
        guard case .object(let changes) = patch else { return patch }
        var result = members
        for (name, change) in changes {
            if change == .null {
                result[name] = nil
            } else {
                result[name] = (result[name] ?? .null).merging(change)
            }
        }
        return .object(result)
    }
}
