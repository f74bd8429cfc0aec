// A chore that is done again and again while the server runs: at its start, and then at intervals.

import Foundation
package import Logging
internal import ServiceLifecycle

package struct Housekeeping: Service {
    private let interval: Duration
    private let logger: Logger
    private let chore: @Sendable () async throws -> Void

    package init(
        every interval: Duration, logger: Logger,
        _ chore: @escaping @Sendable () async throws -> Void
    ) {
        self.interval = interval
        self.logger = logger
        self.chore = chore
    }

    package func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                do {
                    try await chore()
                    try await Task.sleep(for: interval)
                } catch is CancellationError {
                    return
                } catch {
                    logger.error("housekeeping failed", metadata: ["error": "\(error)"])
                    guard (try? await Task.sleep(for: interval)) != nil else { return }
                }
            }
        }
    }
}
