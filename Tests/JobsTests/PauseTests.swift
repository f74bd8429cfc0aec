import Testing

@testable import Jobs

@Suite("A pause of the queue")
struct PauseTests {
    @Test(
        "ends with the longest that was asked for, whichever came first", arguments: [true, false])
    func longest(longFirst: Bool) async {
        let running = RunningJobs()
        var timers: [Task<Void, Never>?] = []
        for isLong in longFirst ? [true, false] : [false, true] {
            timers.append(running.pause(isLong ? .seconds(3_600) : .zero))
        }
        let (long, short) = longFirst ? (timers[0], timers[1]) : (timers[1], timers[0])
        await short?.value
        #expect(running.isPaused && running.count == .max)
        // The hour is over.
        long?.cancel()
        await long?.value
        #expect(!running.isPaused && running.count == 0)
    }
}
