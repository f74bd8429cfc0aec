// Who has taken a manage link, as this process knows it: so that no request waits for the store to know
// for whom its bearer stands.

package import Domain
import Synchronization

package final class Devices: Sendable {
    private let owners = Mutex<[Owner: Owner]>([:])

    package init() {}

    func bearer(_ holder: Owner) -> Bearer {
        Bearer(holder, managing: owners.withLock { $0[holder] })
    }

    /// From now on the holder manages what is the owner's.
    func add(_ device: Device) { owners.withLock { $0[device.holder] = device.owner } }

    /// Nobody manages any more what is the owner's.
    func remove(of owner: Owner) { owners.withLock { $0 = $0.filter { $0.value != owner } } }
}
