import Host
import NIOPosix
import Store
import Synchronization

/// In development mode: runs every call of an engine once more in an engine that has just been loaded, and says so when
/// something else comes out.
///
/// What an engine keeps in a local variable of its file cannot be taken away from it without taking caches away too. But a
/// fresh engine has nothing in its variables: if it answers otherwise, then one player's action has changed what another's
/// does, and the journal could not be run again. Any thread; works on its own threads, for no player waits for it.
final class PurityWatch: Sendable {
    /// Calls that wait to be run again. A script that is under work has one player, seldom more; beyond, calls are left out.
    private static let waitingMax = 64

    private let registry: HostRegistry
    private let threadPool: NIOThreadPool
    private let waiting = Atomic(0)

    init(registry: HostRegistry, threadPool: NIOThreadPool) {
        self.registry = registry
        self.threadPool = threadPool
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
