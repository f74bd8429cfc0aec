// The HTTP fields that the HTTP library has no constant for.

import HTTPTypes

extension HTTPField.Name {
    static let contentSecurityPolicy = known("Content-Security-Policy")
    static let forwardedFor = known("X-Forwarded-For")
    static let forwardedHost = known("X-Forwarded-Host")
    static let forwardedProto = known("X-Forwarded-Proto")
    static let host = known("Host")
    static let idempotencyKey = known("Idempotency-Key")
    static let link = known("Link")
    static let referrerPolicy = known("Referrer-Policy")
    static let secFetchSite = known("Sec-Fetch-Site")

    /// A name that is written here and right, so that it needs no second look when it is used.
    static func known(_ name: String) -> Self {
        guard let name = Self(name) else { preconditionFailure("\(name) is no field name") }
        return name
    }
}
