import Domain
import Testing

@testable import WorkerLink

@Suite struct MailboxTests {
    private static func progress(_ step: Int) -> WorkerMessage {
        .report(.progress(Progress(step: step, steps: 9, stage: .encode)))
    }

    @Test func keepsTheLatestProgressOnly() async {
        let mailbox = Mailbox()
        for step in 0..<1000 { #expect(mailbox.put(Self.progress(step))) }
        _ = mailbox.put(.report(.done))
        #expect(await mailbox.next() == .message(Self.progress(999)))
        #expect(await mailbox.next() == .message(.report(.done)))
    }

    @Test func hasABound() {
        let mailbox = Mailbox()
        for _ in 0..<Mailbox.capacity { #expect(mailbox.put(.report(.done))) }
        #expect(!mailbox.put(.report(.done)))
    }

    @Test func givesWhatWasSaidBeforeTheEnd() async {
        let mailbox = Mailbox()
        let exit = WorkerExit(status: .signal(11), reason: nil)
        _ = mailbox.put(.report(.done))
        mailbox.end(exit)
        #expect(await mailbox.next() == .message(.report(.done)))
        #expect(await mailbox.next() == .exited(exit))
        #expect(await mailbox.next() == .exited(exit))
    }
}
