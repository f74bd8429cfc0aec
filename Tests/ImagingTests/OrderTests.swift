// What comes when: facts, then the thumb, then the rest, and progress that only grows.

import Domain
import Testing

@testable import Imaging

extension DarkroomTests {
    @Suite struct OrderTests {
        @Test(arguments: ["jpegsave_target", "pngsave_target"])
        func deliversTheThumbFirst(_ encoder: String) throws {
            let developed = try Developed(Picture.noise(2600, 1900).file(encoder))
            #expect(developed.renditions.map(\.name) == ["thumb", "medium", "large"])
            let words = developed.reports.compactMap { report -> String? in
                switch report {
                case .accepted: "accepted"
                case .rendition(let name, _, _, _, _): name
                case .done: "done"
                default: nil
                }
            }
            #expect(words == ["accepted", "thumb", "medium", "large", "done"])
        }

        @Test func neverRunsBackwards() throws {
            let developed = try Developed(Picture.noise(2600, 1900).file("jpegsave_target"))
            var last = 0.0
            for case .progress(let progress) in developed.reports {
                let share =
                    (Double(progress.step) + (progress.fraction ?? 0)) / Double(progress.steps)
                #expect(share >= last)
                #expect(share < 1)
                last = share
            }
            #expect(last > 0)
        }

        @Test func tellsAtMostTenFractionsASecond() {
            var meter = ProgressMeter()
            let start = ContinuousClock.now
            let told = (0..<1000).filter { index in
                let progress = Progress(
                    step: 1, steps: 4, stage: .encode, fraction: Double(index) / 1000)
                return meter.admits(progress, at: start + .milliseconds(index))
            }
            #expect(told.count == 10)
        }

        @Test func tellsEveryStepHoweverSoon() {
            var meter = ProgressMeter()
            let start = ContinuousClock.now
            for step in 0..<5 {
                let isTold = meter.admits(Progress(step: step, steps: 5, stage: .encode), at: start)
                #expect(isTold)
            }
        }
    }
}
