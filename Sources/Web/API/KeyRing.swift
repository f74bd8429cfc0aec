// The keys of apps as this process knows them: read anew every few seconds, since `revela keys` changes
// them beside it, so that no request waits for the store.

package import Domain
package import Foundation
import Synchronization

package final class KeyRing: Sendable {
    private let keys = Mutex<[AppKey.ID: AppKey]>([:])
    let now: @Sendable () -> Date

    package init(now: @escaping @Sendable () -> Date = { Date() }) { self.now = now }

    package func replace(with new: [AppKey]) {
        keys.withLock { $0 = Dictionary(new.map { ($0.id, $0) }, uniquingKeysWith: { $1 }) }
    }

    subscript(id: AppKey.ID) -> AppKey? { keys.withLock { $0[id] } }

    var isEmpty: Bool { keys.withLock(\.isEmpty) }

    /// Whether pages of this origin may use the grants of some key.
    func isNamed(_ origin: String) -> Bool {
        keys.withLock { $0.values.contains { $0.origins.contains(origin) } }
    }
}
