import Bytes
import Host
import LuaRuntime
import NIOPosix

/// Which workers run a unit. Belongs to the control loop.
struct WorkerPlacement {
    /// Those that have sockets.
    var socketWorkers: [WorkerHandle] = []
    private var dedicated = DedicatedLoops()
    private let services: HostServices

    init(services: HostServices) { self.services = services }

    /// The workers that are to run a candidate, the loop of its own made if it asks for one.
    mutating func workers(of candidate: Candidate) throws(ScriptError) -> [WorkerHandle] {
        let id = candidate.source.id
        switch candidate.settings.placement {
        case .all: return socketWorkers
        case .one:
            // By name, so that packages spread over the loops and stay where they are.
            return [socketWorkers[StableHash(of: id.name).place(among: socketWorkers.count)]]
        case .dedicated:
            if let worker = dedicated.worker(of: id, services) { return [worker] }
            throw candidate.error("too_many_loops", "at most \(DedicatedLoops.loopsMax) packages may be \"dedicated\"")
        }
    }

    /// Hands out the dedicated loops, to be shut down.
    mutating func removeDedicated() -> [MultiThreadedEventLoopGroup] { dedicated.removeAll() }
}
