// Removes what deleted batches held, a slice after the other: others write between two of them. What a
// server before this one had begun is gone on with.

package import Domain
package import Logging
internal import ServiceLifecycle

package struct Purging: Service {
    private let store: any UpkeepStore & CommitSource
    private let logger: Logger
    /// One element at most waits here: it means *look again*, however often it was said.
    private let signals: AsyncStream<Void>

    /// How long after a failure it is tried again.
    private static let pause = Duration.seconds(15)

    package init(store: any UpkeepStore & CommitSource, logger: Logger) {
        self.store = store
        self.logger = logger
        let (signals, signal) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
        self.signals = signals
        signal.yield()
        store.observe { if case .deleted = $0 { signal.yield() } }
    }

    package func run() async throws {
        await cancelWhenGracefulShutdown {
            for await _ in signals { await purge() }
        }
    }

    private func purge() async {
        while !Task.isCancelled {
            do {
                guard try await store.purge() else { return }
            } catch {
                logger.error(
                    "what a deleted batch held could not be removed",
                    metadata: ["error": "\(error)"])
                guard (try? await Task.sleep(for: Self.pause)) != nil else { return }
            }
        }
    }
}
