import Host
import LuaRuntime
import NIOCore
import NIOPosix
import Transport

/// Loops of packages that have one for themselves. Belongs to the control loop.
struct DedicatedLoops {
    /// Packages with a loop of their own; each costs a thread, for as long as the server runs.
    static let loopsMax = 32

    private var loops: [UnitID: (worker: WorkerHandle, group: MultiThreadedEventLoopGroup)] = [:]

    init() {}

    /// The worker of a unit, made when it is first asked for; nil: there are too many.
    mutating func worker(of id: UnitID, _ services: HostServices) -> WorkerHandle? {
        if let known = loops[id] { return known.worker }
        guard loops.count < Self.loopsMax else { return nil }
        let group = LoopTicks.group(numberOfThreads: 1)
        let worker = Worker(index: services.workers.all.count, eventLoop: group.next(), context: nil, services: services)
        let handle: WorkerHandle = worker.handle
        loops[id] = (handle, group)
        return handle
    }

    /// Hands out the groups, to be shut down.
    mutating func removeAll() -> [MultiThreadedEventLoopGroup] {
        defer { loops = [:] }
        return loops.values.map(\.group)
    }
}
