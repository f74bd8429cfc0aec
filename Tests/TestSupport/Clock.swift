import Foundation

/// The CPU time of this thread that `body` takes: what a busy machine does beside it counts nothing.
public func cpuSeconds(_ body: () throws -> Void) rethrows -> Double {
    func now() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
    let before = now()
    try body()
    return now() - before
}
