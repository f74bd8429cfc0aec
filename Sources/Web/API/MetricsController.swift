// `/metrics` in Prometheus' text format 0.0.4
// (https://prometheus.io/docs/instrumenting/exposition_formats/). Values are read when somebody
// asks; nothing is kept for it.

import Domain
import HTTPTypes
import Hashing
import Hummingbird

/// One metric: a name, what it means, and a value for each set of labels.
package struct Metric: Sendable {
    package enum Kind: String, Sendable {
        case gauge, counter
    }
    package struct Sample: Sendable {
        let label: (name: String, value: String)?
        let value: Double
    }
    let name: String
    let kind: Kind
    let help: String
    let samples: [Sample]

    package init(_ name: String, _ kind: Kind = .gauge, help: String, _ value: Double?) {
        self.name = name
        self.kind = kind
        self.help = help
        samples = value.map { [Sample(label: nil, value: $0)] } ?? []
    }

    /// - Parameter values: by the label's value.
    package init(
        _ name: String, _ kind: Kind = .gauge, help: String, by label: String,
        _ values: [String: Double]
    ) {
        self.name = name
        self.kind = kind
        self.help = help
        samples = values.sorted { $0.key < $1.key }
            .map { Sample(label: (label, $0.key), value: $0.value) }
    }

    /// Label values are our own words and need no escaping.
    fileprivate var text: String {
        let lines = samples.map { sample in
            let label = sample.label.map { "{\($0.name)=\"\($0.value)\"}" } ?? ""
            return "\(name)\(label) \(sample.value)\n"
        }
        return "# HELP \(name) \(help)\n# TYPE \(name) \(kind.rawValue)\n" + lines.joined()
    }
}

struct MetricsController {
    let metrics: @Sendable () async throws -> [Metric]
    /// Whoever brings it may read; without one only this machine may.
    let token: String?

    /// `GET /metrics`; for everybody else there is nothing here.
    @Sendable func show(_ request: Request, context: WebContext) async throws -> Response {
        guard mayRead(request.head, from: context.peer) else { throw Problem(.notFound) }
        let text = try await metrics().map(\.text).joined()
        return Response(
            status: .ok,
            headers: [.contentType: "text/plain; version=0.0.4", .cacheControl: "no-store"],
            body: .init(byteBuffer: .init(string: text)))
    }

    private func mayRead(_ head: HTTPRequest, from peer: String?) -> Bool {
        if let token {
            let given = head.headerFields[.authorization] ?? ""
            return isEqualInConstantTime(Array(given.utf8), Array("Bearer \(token)".utf8))
        }
        // What a proxy on this machine passes on comes from elsewhere.
        let isForwarded = Self.forwarding.contains { head.headerFields[$0] != nil }
        return !isForwarded && Self.loopback.contains(peer ?? "")
    }

    private static let loopback: Set<String> = ["127.0.0.1", "::1", "::ffff:127.0.0.1"]
    private static let forwarding = ["Forwarded", "X-Forwarded-For", "X-Real-IP", "Via"]
        .compactMap { HTTPField.Name($0) }
}
