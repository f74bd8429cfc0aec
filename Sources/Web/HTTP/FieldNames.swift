// The HTTP fields that the HTTP library has no constant for, and how a field writes a time.

import Foundation
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

extension Date {
    /// `Wed, 25 Jun 2014 16:00:00 GMT` (RFC 9110, section 5.6.7).
    var httpDate: String {
        let style = Date.VerbatimFormatStyle(
            format: """
                \(weekday: .abbreviated), \(day: .twoDigits) \(month: .abbreviated) \
                \(year: .padded(4)) \(hour: .twoDigits(clock: .twentyFourHour, hourCycle: .zeroBased)):\
                \(minute: .twoDigits):\(second: .twoDigits) GMT
                """,
            locale: Locale(identifier: "en_US_POSIX"), timeZone: .gmt,
            calendar: Calendar(identifier: .gregorian))
        return formatted(style)
    }
}
