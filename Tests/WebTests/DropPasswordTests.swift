// What a wrong password of a drop link costs. The clock is held.

import Domain
import Synchronization
import Testing

@testable import Web

@Suite("The password of a drop link")
struct DropPasswordTests {
    private let ana = Asker(id: "ana")
    private let rui = Asker(id: "rui")

    private func outcome(
        _ passwords: DropPasswords, _ password: String?, _ kept: String?, _ asker: Asker
    ) async -> Problem.Code? {
        do throws(Problem) {
            try await passwords.check(password, against: kept, by: asker)
            return nil
        } catch { return error.code }
    }

    @Test("lets in who knows it, however often, and where there is none everybody")
    func right() async throws {
        let passwords = DropPasswords()
        let kept = try await passwords.hash("caf\u{e9}")
        for _ in 0...DropPasswords.perMinute {
            #expect(await outcome(passwords, "cafe\u{301}", kept, ana) == nil)
        }
        #expect(await outcome(passwords, nil, nil, ana) == nil)
        #expect(await outcome(passwords, "anything", nil, ana) == nil)
    }

    @Test("makes an address wait after five wrong ones, with the right one too, and no other")
    func wrong() async throws {
        let start = ContinuousClock.now
        let passed = Mutex(Duration.zero)
        let passwords = DropPasswords { start + passed.withLock(\.self) }
        let kept = try await passwords.hash("sesame")
        for _ in 0..<DropPasswords.perMinute {
            #expect(await outcome(passwords, "guess", kept, ana) == .wrongPassword)
        }
        #expect(await outcome(passwords, "guess", kept, ana) == .tooManyRequests)
        #expect(await outcome(passwords, "sesame", kept, ana) == .tooManyRequests)
        #expect(await outcome(passwords, "sesame", kept, rui) == nil)
        passed.withLock { $0 += .seconds(12) }
        #expect(await outcome(passwords, "sesame", kept, ana) == nil)
        #expect(await outcome(passwords, "guess", kept, ana) == .wrongPassword)
        #expect(await outcome(passwords, "guess", kept, ana) == .tooManyRequests)
    }

    @Test("that is left out costs nothing, and one too long is refused")
    func absent() async throws {
        let passwords = DropPasswords()
        let kept = try await passwords.hash("sesame")
        for _ in 0...DropPasswords.perMinute {
            #expect(await outcome(passwords, nil, kept, ana) == .wrongPassword)
        }
        #expect(await outcome(passwords, "sesame", kept, ana) == nil)
        let long = String(repeating: "a", count: DropPasswords.length + 1)
        #expect(await outcome(passwords, long, kept, ana) == .wrongPassword)
        let problem = await #expect(throws: Problem.self) { try await passwords.hash(long) }
        #expect(problem?.code == .badRequest && problem?.actual == DropPasswords.length + 1)
    }
}
