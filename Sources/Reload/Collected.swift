import Bytes
import Synchronization
import Host
import Logging
import Transport

/// A sum over all loops.
final class JobSum: Sendable {
    private let sum = Lock(0)
    init() {}
    func add(_ count: Int) { sum.withLock { $0 += count } }
    var value: Int { sum.withLock { $0 } }
}

extension Worker {
    /// Routes of the host itself.
    func setNativeRoutes(owner: String, listener: String, _ routes: [Route]) {
        do throws(RouteClash) {
            try context?.setRoutes(listener: listener, owner: owner, routes)
        } catch {
            services.logger.error("routes not taken: \(error)", metadata: ["owner": "\(owner)"])
        }
    }

    /// Takes a unit's routes off a listener it has moved away from; what it has elsewhere stays.
    func dropRoutes(_ id: UnitID, listener: String) { setRoutes(id, listener: listener, []) }
}
