// The thread that watches workers, when it comes late to it: a machine that stalls is no worker's
// fault.

import Foundation
import Glibc
import Testing
import WorkerLink

@Suite(.timeLimit(.minutes(5)))
struct WorkerHostTests {
    @Test func aWorkerThatEndedIsNotOverdueHoweverLateItsHostLooks() async throws {
        let (busy, gate) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
        try await withHost { host in
            // While the host tells of the first one's end, it looks at no other.
            let (first, _) = try await host.worker { _ in
                busy.signal()
                gate.wait()
            }
            let (second, _) = try await host.worker()
            first.kill(because: .retired)
            await Self.wait(for: busy)
            second.allow(time: .zero)
            kill(second.processID, SIGSEGV)
            while Self.state(of: second.processID) != "Z" { await Task.yield() }
            gate.signal()
            let exit = WorkerExit(status: .signal(SIGSEGV), reason: nil)
            #expect(await second.next() == .exited(exit))
        }
    }

    @Test func aWorkerThatDoesNotEndInTimeIsEnded() async throws {
        try await withHost { host in
            let (worker, _) = try await host.worker()
            worker.allow(time: .milliseconds(1))
            let exit = WorkerExit(status: .signal(SIGKILL), reason: .overdue)
            #expect(await worker.next() == .exited(exit))
        }
    }

    private static func wait(for semaphore: DispatchSemaphore) async {
        await withCheckedContinuation { continuation in
            DispatchQueue.global().async {
                semaphore.wait()
                continuation.resume()
            }
        }
    }

    /// By proc(5): the letter behind the name, which is in brackets.
    private static func state(of process: Int32) -> Substring? {
        let line = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8)
        return line?.split(separator: ")").last?.split(separator: " ").first
    }
}
