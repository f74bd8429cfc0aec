// Proxies that nobody named as trusted. All who come through one have its address, so that none of them is
// limited by address: the log says so, once for each.

import Logging
import Synchronization

final class UntrustedProxies: Sendable {
    /// So many are told of at most.
    private static let capacity = 16

    private let known = Mutex<Set<String>>([])
    private let logger: Logger

    init(_ logger: Logger) { self.logger = logger }

    func note(_ address: String) {
        let isNew = known.withLock { known in
            known.count < Self.capacity && known.insert(address).inserted
        }
        guard isNew else { return }
        logger.warning(
            "requests come through a proxy that is not trusted, so that nobody is limited by address: give --trusted-proxy",
            metadata: ["proxy": "\(address)"])
    }
}
