public import Host
import LuaRuntime
public import Store

/// Calls the engines of the games on one worker. Loop-bound; nothing here waits.
public final class GameRunner {
    private unowned let worker: Worker
    private var stateText: [UInt8] = []

    /// - Parameter worker: The worker whose loop the caller is on.
    public init(worker: Worker) { self.worker = worker }

    /// The manifest of the running generation, by canonical id; nil when there is no such game.
    public func manifest(of game: String) -> GameManifest? { worker.generation(of: .game(game))?.manifest }

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
        var outcome = ActionOutcome()
        guard let instance = worker.generation(of: .game(call.game)) else {
            outcome.fault = GameFault(code: "no_such_game", message: "the game \(call.game) is not loaded", traceback: nil)
            return outcome
        }
        outcome.generation = instance.number
        do {
            let program = try program(of: instance)
            outcome.engineVersion = program.version
            try perform(call, program, &outcome)
        } catch {
            outcome.fault = GameFault(error)
        }
        if !instance.effects.isEmpty { instance.effects.removeAll() }  // an engine is pure: what it asked of the host is void
        if outcome.fault != nil { (outcome.steps, outcome.refusal) = ([], nil) }
        return outcome
    }

    /// May the player leave the game in this state (`M.can_finish`)? An engine without an opinion says yes.
    public func isFinishable(_ slot: GameSlot, settings: GameSettings) -> Result<Bool, GameFault> {
        guard let instance = worker.generation(of: .game(slot.key.game)) else {
            return .failure(GameFault(code: "no_such_game", message: "the game \(slot.key.game) is not loaded", traceback: nil))
        }
        do {
            let program = try program(of: instance)
            guard let canFinish = program.canFinish else { return .success(true) }
            let current = try migrated(slot, settings, program) ?? slot
            StateBlob.unstamped(current.blob, into: &stateText)
            let answer = try instance.state.call(canFinish, { (arguments: inout LuaArguments) in arguments.json(self.stateText) }) {
                (results: borrowing LuaResults) throws(ScriptError) in results.count > 0 && results.isTrue(0)
            }
            return .success(answer)
        } catch {
            return .failure(GameFault(error))
        }
    }

    /// The stored state in the form of the running engine, with the same id; nil when it has that form.
    public func migrated(_ slot: GameSlot, settings: GameSettings) -> (slot: GameSlot?, fault: GameFault?) {
        guard let instance = worker.generation(of: .game(slot.key.game)) else { return (nil, nil) }
        do { return (try migrated(slot, settings, try program(of: instance)), nil) } catch { return (nil, GameFault(error)) }
    }

    private func migrated(_ slot: GameSlot, _ settings: GameSettings, _ program: GameProgram) throws(ScriptError) -> GameSlot? {
        guard slot.engineVersion < program.version, let migrate = program.migrate else { return nil }
        let table = try program.table(settings, site: slot.key.site)
        StateBlob.unstamped(slot.blob, into: &stateText)
        let text = try program.instance.state.call(
            migrate,
            { (arguments: inout LuaArguments) in
                arguments.integer(slot.engineVersion)
                arguments.json(self.stateText)
                arguments.ref(table)
            },
            { (results: borrowing LuaResults) throws(ScriptError) in try results.json(0, sorted: true) })
        if let problem = text.withUnsafeBytes({ StateBlob.fault($0) }) { throw ScriptError(kind: .runtime, code: "bad_state", message: "migrate: \(problem)") }
        var result = slot
        result.engineVersion = program.version
        result.blob = text.withUnsafeBytes { StateBlob.stamped(slot.id, $0) }
        return result
    }

    private func program(of instance: Generation) throws(ScriptError) -> GameProgram {
        if let program = instance.program { return program }
        let program = try GameProgram(instance)
        instance.moduleStorage[ObjectIdentifier(GameProgram.self)] = program
        return program
    }

    // MARK: One call

    private func perform(_ call: GameCall, _ program: GameProgram, _ outcome: inout ActionOutcome) throws(ScriptError) {
        guard let function = function(for: call, program) else {
            outcome.refusal = GameRefusal(code: .actionNotAllowed, detail: "the game has no such action")
            return
        }
        precondition(program.run == nil, "an engine's call within an engine's call")
        let settings = try program.table(call.settings, site: call.site)
        program.run = GameRun(call)
        program.currentSettings = settings
        program.currentNow = call.now
        defer { program.run = nil }
        rekey(program)
        do {
            try enter(call, function, settings, program, &outcome)
        } catch {
            // A refused debit stops the engine by an error; whatever it made of that error, the refusal is what counts.
            if program.run?.refusal == nil, program.run?.fault == nil { throw error }
        }
        guard let run = program.run else { return }
        outcome.steps = run.steps
        outcome.fault = run.fault ?? outcome.fault
        if let refusal = run.refusal { outcome.refusal = refusal }
        if run.refusal != nil { outcome.isFinishable = false }
    }

    private func function(for call: GameCall, _ program: GameProgram) -> LuaRef? {
        switch call.operation {
        case .start: program.initialize
        case .action(let name, _): program.action(name)
        case .timeout: program.timeout ?? endAction(call, program)
        }
    }

    private func endAction(_ call: GameCall, _ program: GameProgram) -> LuaRef? {
        guard let state = call.state, StateBlob.offers("end", in: state) else { return nil }
        return program.action("end")
    }

    private func enter(
        _ call: GameCall, _ function: LuaRef, _ settings: LuaRef, _ program: GameProgram, _ outcome: inout ActionOutcome
    ) throws(ScriptError) {
        if let state = call.state { StateBlob.unstamped(state, into: &stateText) }
        let migrates = call.state != nil && call.stateVersion < program.version
        var refusal: GameRefusal?
        var isFinishable = false
        try program.instance.state.call(
            program.act,
            { (arguments: inout LuaArguments) in
                arguments.ref(function)
                if let canFinish = program.canFinish { arguments.ref(canFinish) } else { arguments.nil() }
                switch call.operation {
                case .start:
                    arguments.ref(settings)
                    arguments.object(GameContext.type, GameContext.handle)
                    arguments.nil()
                case .action(_, let params):
                    arguments.json(self.stateText)
                    arguments.json(params.isEmpty ? Self.noParams : params)
                    arguments.object(GameContext.type, GameContext.handle)
                case .timeout where program.timeout != nil:
                    arguments.json(self.stateText)
                    arguments.object(GameContext.type, GameContext.handle)
                    arguments.nil()
                case .timeout:
                    arguments.json(self.stateText)
                    arguments.json(Self.noParams)
                    arguments.object(GameContext.type, GameContext.handle)
                }
                guard migrates, let migrate = program.migrate else { return }
                arguments.ref(migrate)
                arguments.integer(call.stateVersion)
                arguments.ref(settings)
            },
            { (results: borrowing LuaResults) throws(ScriptError) in
                guard !results.isNil(0) else {
                    refusal = try Self.refusal(results)
                    return
                }
                isFinishable = results.isTrue(1)
                _ = try results.withJSON(0, sorted: true) { program.closeStep($0, isLast: true) }
            })
        outcome.refusal = refusal
        outcome.isFinishable = isFinishable
    }

    private static let noParams = Array("{}".utf8)

    private static func refusal(_ results: borrowing LuaResults) throws(ScriptError) -> GameRefusal {
        guard let text = results.string(1), let code = GameRefusal.Code(rawValue: text) else {
            throw ScriptError(
                kind: .runtime, code: "bad_refusal",
                message: "an action returns a state, or nil and one of bad_params, action_not_allowed, insufficient_funds")
        }
        return GameRefusal(code: code, detail: results.string(2) ?? text)
    }

    private func rekey(_ program: GameProgram) {
        guard let key = program.run?.key else { return }
        key.withBytes { program.instance.state.seedRandom(program.random, key: $0) }
    }
}

extension GameProgram {
    /// Closes a step with the engine's state and, unless it is the last one, takes a fresh key for the next.
    @discardableResult
    func closeStep(_ state: UnsafeRawBufferPointer, isLast: Bool) -> GameRun.Verdict {
        let draws = instance.state.randomDraws(random)
        guard let verdict = run?.close(state, draws: draws) else { return .raise("ctx is valid only while an action runs") }
        guard verdict == .taken, !isLast else { return verdict }
        run?.rekey()
        run?.key.withBytes { instance.state.seedRandom(random, key: $0) }
        return .taken
    }
}

extension GameFault {
    init(_ error: ScriptError) {
        self.init(code: error.code, message: error.description, traceback: error.traceback)
    }
}
