// How often one address may begin something. The clock is held.

import Domain
import HTTPTypes
import HummingbirdCore
import Synchronization
import Testing

@testable import Web

@Suite("What may be begun from one address in a minute")
struct RateLimitTests {
    private final class Clock: Sendable {
        private let start = ContinuousClock.now
        private let passed = Mutex(Duration.zero)
        func pass(_ duration: Duration) { passed.withLock { $0 += duration } }
        @Sendable func now() -> ContinuousClock.Instant { start + passed.withLock(\.self) }
    }

    private let clock = Clock()
    private let ana = Asker(id: "ana")
    private let rui = Asker(id: "rui")

    private func limit(_ perMinute: Int) -> RateLimit {
        RateLimit("batches", perMinute: perMinute, now: clock.now)
    }

    /// How many are let through before the first refusal, at most `tries`.
    private func allowed(_ limit: RateLimit, _ asker: Asker?, of tries: Int = 100) -> Int {
        for count in 0..<tries {
            do { try limit.count(asker) } catch { return count }
        }
        return tries
    }

    @Test("all at once, then evenly, and each address for itself")
    func evenly() {
        let limit = limit(6)
        #expect(allowed(limit, ana) == 6)
        #expect(allowed(limit, rui) == 6)
        clock.pass(.seconds(9))
        #expect(allowed(limit, ana) == 0)
        clock.pass(.seconds(1))
        #expect(allowed(limit, ana) == 1)
        clock.pass(.seconds(3_600))
        #expect(allowed(limit, ana) == 6)
        #expect(limit.refusals == 5)
    }

    @Test("a refusal says how many there may be, and when one more may come")
    func refusal() throws {
        let limit = limit(6)
        _ = allowed(limit, ana)
        clock.pass(.milliseconds(2_500))
        let problem = #expect(throws: Problem.self) { try limit.count(ana) }
        #expect(problem?.code == .tooManyRequests && problem?.limit == 6)
        #expect(problem?.retryAfter == 8)
        #expect(problem?.response().headers[.retryAfter] == "8")
        clock.pass(.seconds(8))
        try limit.count(ana)
    }

    @Test("nobody is limited who cannot be told from others, nor where there is no limit")
    func unlimited() {
        #expect(allowed(limit(6), nil) == 100)
        #expect(allowed(limit(0), ana) == 100)
    }

    @Test("many addresses take a bounded room, and who asks the most is not forgotten for them")
    func bounded() {
        let limit = limit(6)
        _ = allowed(limit, ana)
        for number in 0..<40_000 { _ = allowed(limit, Asker(id: "\(number)"), of: 1) }
        #expect(allowed(limit, ana) == 0)
    }

    private static let viaProxy: HTTPFields = [.forwardedFor: "203.0.113.9"]

    @Test(
        "who is limited by address",
        arguments: [
            ("203.0.113.5", [:], true), ("192.168.1.7", [:], true), ("2001:db8::1", [:], true),
            // Its own programs, and proxies nobody told of: they ask for many.
            ("127.0.0.1", [:], false), ("::1", [:], false), ("127.0.0.1", viaProxy, false),
            ("172.17.0.1", viaProxy, false), ("10.0.0.1", viaProxy, false),
            ("192.168.0.2", viaProxy, false), ("fd00::2", viaProxy, false),
            // Who only calls itself a proxy.
            ("203.0.113.5", viaProxy, true), ("172.32.0.1", viaProxy, true),
        ] as [(String, HTTPFields, Bool)])
    func limitedAskers(peer: String, fields: HTTPFields, isLimited: Bool) {
        let head = HTTPRequest(
            method: .post, scheme: "http", authority: "a.example", path: "/", headerFields: fields)
        let asker = Access().limitedAsker(of: head, from: peer)
        #expect(asker == (isLimited ? Asker(address: peer) : nil))
    }

    @Test("a proxy that is trusted says who is limited, and cannot be made to say another")
    func trustedProxy() {
        let access = Access(trustedProxies: ["127.0.0.1"])
        let head = HTTPRequest(
            method: .post, scheme: "http", authority: "a.example", path: "/",
            headerFields: [.forwardedFor: "198.51.100.1, 203.0.113.9"])
        #expect(
            access.limitedAsker(of: head, from: "127.0.0.1") == Asker(address: "203.0.113.9"))
    }
}
