import Host
import NIOPosix
import Store
import Synchronization

/// Runs calls of engines once more in an engine that has just been loaded, and says so when something else comes out: in
/// development mode every call, in production one a second.
///
/// What an engine keeps in a local variable of its file cannot be taken away from it without taking caches away too. But a
/// fresh engine has nothing in its variables: if it answers otherwise, then one player's action has changed what another's
/// does, and the journal could not be run again. What is kept once is there in every later call, so that one call a second finds
/// it, and costs less than a thousandth of a processor. Any thread; works on its own threads, for no player waits for it.
final class PurityWatch: Sendable {
    /// Calls that wait to be run again. A script that is under work has one player, seldom more; beyond, calls are left out.
    private static let waitingMax = 64

    private let registry: HostRegistry
    private let threadPool: NIOThreadPool
    /// Milliseconds between two calls that are looked at; 0: all are.
    private let interval: Int64
    /// When the next one may be, milliseconds since 1970.
    private let next = Atomic(Int64(0))
    private let waiting = Atomic(0)

    init(registry: HostRegistry, threadPool: NIOThreadPool, everyCall: Bool) {
        self.registry = registry
        self.threadPool = threadPool
        interval = everyCall ? 0 : 1_000
    }

    /// Is a call of this time to be looked at? Who is told yes has to do so.
    func isDue(at now: Int64) -> Bool {
        guard interval > 0 else { return true }
        let due = next.load(ordering: .relaxed)
        // A clock that was set back must not keep the watch waiting.
        guard now >= due || now < due - interval else { return false }
        return next.compareExchange(expected: due, desired: now + interval, ordering: .relaxed).exchanged
    }

    /// Looks at a call that has been answered. `found` is called on another thread, if there is something to tell.
    func look(_ call: GameCall, _ outcome: ActionOutcome, _ found: @escaping @Sendable (GameFault) -> Void) {
        guard let engine = outcome.engine, outcome.fault == nil, waiting.load(ordering: .relaxed) < Self.waitingMax else { return }
        waiting.wrappingAdd(1, ordering: .relaxed)
        threadPool.submit { [self] state in
            defer { waiting.wrappingSubtract(1, ordering: .relaxed) }
            guard case .active = state else { return }
            if let fault = difference(call, outcome, engine) { found(fault) }
        }
    }

    private func difference(_ call: GameCall, _ outcome: ActionOutcome, _ engine: EngineContent) -> GameFault? {
        // An engine that does not load by itself has told so when it was loaded.
        guard let replica = try? EngineReplica(engine, game: call.game, registry: registry) else { return nil }
        defer { replica.close() }
        var call = call
        call.replayed = outcome.steps.map { GameCall.ReplayedStep(id: $0.id, key: $0.key) }
        let again = replica.act(call)
        guard again.steps != outcome.steps || again.refusal?.code != outcome.refusal?.code || again.fault != nil else { return nil }
        let what = again.fault.map { "it raises \"\($0.reason)\"" } ?? "the outcome is another one"
        return GameFault(
            code: "not_pure", game: call.game, operation: call.operation.label, position: replica.definition(of: call.operation),
            reason: """
                in an engine that was just loaded \(what), with the same arguments and the same random numbers: the engine keeps \
                something between calls, in a variable outside of the function or in a table of the module; put it into the state
                """)
    }
}
