import Domain
import Testing

@testable import Web

@Suite("Answers that take long to make")
struct AnswerTurnsTests {
    @Test("are made one at a time, in turns of who asks")
    func fair() async throws {
        let turns = AnswerTurns()
        let (made, make) = AsyncStream<String>.makeStream()
        let (gate, open) = AsyncStream<Void>.makeStream()
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask {
                try await turns.run(for: Asker(id: "many")) {
                    for await _ in gate {}
                    make.yield("many")
                }
            }
            while !turns.isTaken { await Task.yield() }
            // Each waits before the next comes, the one who asks once last of all but one.
            for (waiting, id) in ["many", "many", "once", "many"].enumerated() {
                tasks.addTask {
                    try await turns.run(for: Asker(id: id)) { _ = make.yield(id) }
                }
                while turns.waitingCount <= waiting { await Task.yield() }
            }
            open.finish()
            try await tasks.waitForAll()
        }
        make.finish()
        var order: [String] = []
        for await id in made { order.append(id) }
        #expect(order == ["many", "many", "once", "many", "many"])
    }

    @Test("are not made for who has left, and the next is not kept waiting by what one throws")
    func gone() async throws {
        let turns = AnswerTurns()
        await #expect(throws: Problem.self) {
            try await turns.run(for: .unknown) { throw Problem(.noSuchBatch) }
        }
        let left = Task {
            // Cancelled before its turn.
            while !Task.isCancelled { await Task.yield() }
            return try await turns.run(for: .unknown) { true }
        }
        left.cancel()
        await #expect(throws: CancellationError.self) { try await left.value }
        #expect(try await turns.run(for: .unknown) { true })
    }
}
