public import Host
import LuaRuntime
public import Store

/// Calls the engines of the games on one worker. Loop-bound; nothing here waits.
public final class GameRunner {
    private unowned let worker: Worker

    /// - Parameter worker: The worker whose loop the caller is on.
    public init(worker: Worker) { self.worker = worker }

    /// The game that runs, by canonical id; nil when there is no such game.
    public func loaded(_ game: String) -> LoadedGame? { worker.generation(of: .game(game))?.game }

    /// The canonical id of a game that a client names, `-` and `_` being equal; nil when there is no such game.
    public func canonicalID(of name: String) -> String? {
        if worker.generation(of: .game(name)) != nil { return name }
        let folded = GameName.folded(name)
        return worker.units.values.first {
            $0.id.kind == .game && $0.generation != nil && GameName.folded($0.id.name) == folded
        }?.id.name
    }

    /// Runs an operation. Nothing is changed anywhere: the outcome says what is to be committed.
    public func act(_ call: GameCall) -> ActionOutcome {
        guard let caller = caller(call.game) else {
            var outcome = ActionOutcome()
            outcome.fault = .notLoaded(call.game, operation: call.operation.label)
            return outcome
        }
        return caller.act(call)
    }

    /// May the player leave the game in this state (`M.can_finish`)? An engine without an opinion says yes.
    public func isFinishable(_ slot: GameSlot, settings: GameSettings) -> Result<Bool, GameFault> {
        guard let caller = caller(slot.key.game) else { return .failure(.notLoaded(slot.key.game, operation: "can_finish")) }
        return Result { () throws(GameFault) in try caller.isFinishable(slot, settings: settings) }
    }

    /// The stored state in the form of the running engine, with the same id; nil when it has that form.
    public func migrated(_ slot: GameSlot, settings: GameSettings) -> Result<MigratedState?, GameFault> {
        guard let caller = caller(slot.key.game) else { return .success(nil) }
        return Result { () throws(GameFault) in
            guard let migrated = try caller.migrated(slot, settings: settings) else { return nil }
            return MigratedState(slot: migrated, generation: caller.program.generation.number, engine: caller.program.engine)
        }
    }

    private func caller(_ game: String) -> EngineCaller? {
        worker.generation(of: .game(game))?.program.map { EngineCaller($0, game: game) }
    }
}

/// A stored state in the form of a newer engine.
public struct MigratedState: Sendable, Equatable {
    public var slot: GameSlot
    public var generation: GenerationNumber
    /// The files that made it so; nil when it is not an engine of files.
    public var engine: EngineContent?

    public init(slot: GameSlot, generation: GenerationNumber, engine: EngineContent?) {
        self.slot = slot
        self.generation = generation
        self.engine = engine
    }
}
