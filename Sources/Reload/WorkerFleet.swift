import Bytes
import Synchronization
import Host
import Logging
import NIOCore
import Transport

/// All workers, as the control loop sees them: what has to happen on each of them.
struct WorkerFleet: Sendable {
    let workers: WorkerGroup

    /// Runs `body` on every worker's loop and waits for all.
    func everywhere(_ body: @escaping @Sendable (Worker) -> Void) async {
        let all = workers.all
        let done = Countdown(all.count)
        for worker in all {
            worker.execute { worker in
                body(worker)
                done.tick()
            }
        }
        await done.wait()
    }

    /// The workers that run the unit have set their routes with the swap; the others forward.
    func distributeRoutes(of unit: PreparedUnit, former: RunningUnit?) async {
        let id = unit.source.id
        let settings = unit.settings
        let manifest = unit.manifest
        let moved = former.flatMap { $0.settings.listener != settings.listener ? $0.settings.listener : nil }
        let homes = Set(unit.participants.map(\.worker.index))
        guard let home = unit.participants.first?.worker else { return }
        await everywhere { worker in
            if let moved { worker.dropRoutes(id, listener: moved) }
            if !homes.contains(worker.index) { worker.forward(id, listener: settings.listener, manifest, to: home) }
        }
    }

    /// Ends a unit wherever it runs, and its routes everywhere.
    func takeOff(_ id: UnitID, _ running: RunningUnit) async {
        await everywhere { worker in
            if running.workers.contains(worker.index) {
                worker.unload(id)
            } else {
                worker.removeRoutes(id, listener: running.settings.listener)
            }
        }
    }

    /// Which routes a part of the host wants: the first loop with sockets is asked, the others would say the same.
    func nativeRoutes(_ make: @escaping @Sendable (Worker) -> [Route]) async -> [RouteClaim] {
        let found = Lock<[RouteClaim]>([])
        await withCheckedContinuation { continuation in
            guard let first = workers.all.first else { return continuation.resume() }
            first.execute { worker in
                let claims = worker.context == nil ? [] : make(worker).map(\.claim)
                found.withLock { $0 = claims }
                continuation.resume()
            }
        }
        return found.withLock { $0 }
    }

    func setNative(owner: String, listener: String, _ make: @escaping @Sendable (Worker) -> [Route]) async {
        await everywhere { worker in
            guard worker.context != nil else { return }
            worker.setNativeRoutes(owner: owner, listener: listener, make(worker))
        }
    }

    // MARK: The end

    /// How long services may take to answer the close frames of this server's packages: what is silent is left.
    private static let clientPatience = TimeAmount.seconds(1)

    /// Closes what packages have opened to other servers, while they are there to hear of it.
    ///
    /// - Parameter loop: Waits.
    func closeClients(until deadline: NIODeadline, on loop: any EventLoop) async {
        await everywhere { $0.closeClients() }
        let end = min(deadline, .now() + Self.clientPatience)
        while NIODeadline.now() < end, await sum({ $0.openClients() }) > 0 { await Self.pause(.milliseconds(5), on: loop) }
    }

    /// Lets handlers that wait come to their end.
    ///
    /// - Parameter loop: Waits.
    func waitForHandlers(until deadline: NIODeadline, on loop: any EventLoop) async {
        while NIODeadline.now() < deadline, await sum({ $0.waitingJobs() }) > 0 { await Self.pause(.milliseconds(20), on: loop) }
    }

    private func sum(_ count: @escaping @Sendable (Worker) -> Int) async -> Int {
        let sum = LoopSum()
        await everywhere { sum.add(count($0)) }
        return sum.value
    }

    private static func pause(_ time: TimeAmount, on loop: any EventLoop) async {
        await withCheckedContinuation { continuation in
            _ = loop.scheduleTask(in: time) { continuation.resume() }
        }
    }
}

/// A sum over all loops.
private final class LoopSum: Sendable {
    private let sum = Lock(0)
    init() {}
    func add(_ count: Int) { sum.withLock { $0 += count } }
    var value: Int { sum.withLock { $0 } }
}

extension Worker {
    /// Routes of the host itself.
    fileprivate func setNativeRoutes(owner: String, listener: String, _ routes: [Route]) {
        do throws(RouteClash) {
            try context?.setRoutes(listener: listener, owner: owner, routes)
        } catch {
            services.logger.error("routes not taken: \(error)", metadata: ["owner": "\(owner)"])
        }
    }

    /// Takes a unit's routes off a listener it has moved away from; what it has elsewhere stays.
    fileprivate func dropRoutes(_ id: UnitID, listener: String) { setRoutes(id, listener: listener, []) }
}
