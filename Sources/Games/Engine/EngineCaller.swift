import Host
import LuaRuntime
import Store

/// Calls the functions of one engine: live on a worker, or in a replay. Loop-bound like its program; nothing here waits, and
/// nothing is changed but what the call itself keeps.
struct EngineCaller {
    let program: GameProgram
    let game: String

    private static let noParams = Array("{}".utf8)
    private static let noKey = RandomKey(words: (0, 0, 0, 0))

    init(_ program: GameProgram, game: String) {
        self.program = program
        self.game = game
    }

    private var state: LuaState { program.generation.state }

    /// Runs an operation. The outcome says what is to be committed.
    func act(_ call: GameCall) -> ActionOutcome {
        var outcome = ActionOutcome()
        outcome.generation = program.generation.number
        outcome.engineVersion = program.version
        outcome.engine = program.engine
        perform(call, &outcome)
        if !program.generation.effects.isEmpty { program.generation.effects.removeAll() }  // an engine has nothing to ask of the host
        if outcome.fault != nil { (outcome.steps, outcome.refusal) = ([], nil) }
        return outcome
    }

    /// May the player leave in this state (`M.can_finish`)? An engine without an opinion says yes.
    func isFinishable(_ slot: GameSlot, settings: GameSettings) throws(GameFault) -> Bool {
        guard let canFinish = program.canFinish else { return true }
        let current = try migrated(slot, settings: settings) ?? slot
        do throws(ScriptError) {
            prepareQuietCall(current.blob)
            return try state.call(canFinish, { (arguments: inout LuaArguments) in arguments.json(program.stateText) }) {
                (results: borrowing LuaResults) throws(ScriptError) in results.count > 0 && results.isTrue(0)
            }
        } catch {
            throw GameFault(error, game: game, operation: "can_finish", definition: program.definition(of: canFinish))
        }
    }

    /// The state in the form of this engine, with the same id; nil when it has that form.
    func migrated(_ slot: GameSlot, settings: GameSettings) throws(GameFault) -> GameSlot? {
        guard slot.engineVersion < program.version, let migrate = program.migrate else { return nil }
        do throws(ScriptError) {
            let table = try program.table(settings, site: slot.key.site)
            prepareQuietCall(slot.blob)
            let text = try state.call(
                migrate,
                { (arguments: inout LuaArguments) in
                    arguments.integer(slot.engineVersion)
                    arguments.json(program.stateText)
                    arguments.ref(table)
                },
                { (results: borrowing LuaResults) throws(ScriptError) in
                    guard results.count > 0, !results.isNil(0) else {
                        throw ScriptError(kind: .runtime, code: "bad_state", message: "migrate returns nothing: it must return the new state")
                    }
                    return try results.json(0, sorted: true)
                })
            if let problem = text.withUnsafeBytes({ StateBlob.fault($0) }) {
                throw ScriptError(kind: .runtime, code: "bad_state", message: problem)
            }
            var result = slot
            result.engineVersion = program.version
            result.blob = text.withUnsafeBytes { StateBlob.stamped(slot.id, $0) }
            return result
        } catch {
            throw GameFault(
                error, game: game, operation: "migrate from version \(slot.engineVersion)", definition: program.definition(of: migrate))
        }
    }

    /// Before a call that gets no context. A generator that an engine has kept gives the same numbers in each of them.
    private func prepareQuietCall(_ blob: [UInt8]) {
        StateBlob.unstamped(blob, into: &program.stateText)
        Self.noKey.withBytes { state.seedRandom(program.random, key: $0) }
    }

    // MARK: One call

    private func perform(_ call: GameCall, _ outcome: inout ActionOutcome) {
        guard let function = function(for: call) else {
            outcome.refusal = GameRefusal(code: .actionNotAllowed, detail: "the game has no such action")
            return
        }
        precondition(program.run == nil, "an engine's call within an engine's call")
        program.run = GameRun(call)
        program.callNumber += 1
        program.currentNow = call.now
        defer {
            program.run = nil
            program.currentSettings = nil
        }
        program.rekey()
        var traceback: String?
        do {
            let settings = try program.table(call.settings, site: call.site)
            program.currentSettings = settings
            try enter(call, function, settings, &outcome)
        } catch {
            // A refused debit stops the engine by an error; whatever it made of that error, the refusal is what counts.
            guard program.run?.refusal != nil || program.run?.fault != nil else {
                outcome.fault = GameFault(
                    error, game: game, operation: call.operation.label, definition: program.definition(of: function))
                return
            }
            traceback = error.traceback
        }
        guard let run = program.run else { return }
        outcome.steps = run.steps
        if let rule = run.fault {
            outcome.fault = GameFault(
                code: rule.code, game: game, operation: call.operation.label,
                position: rule.position ?? program.definition(of: function), reason: rule.message, traceback: traceback)
        }
        if let refusal = run.refusal {
            outcome.refusal = refusal
            outcome.isFinishable = false
        }
    }

    private func function(for call: GameCall) -> LuaRef? {
        switch call.operation {
        case .start: program.initialize
        case .action(let name, _): program.action(name)
        case .timeout: program.timeout ?? endAction(call)
        }
    }

    /// File and line in which the function for an operation begins.
    func definition(of operation: GameCall.Operation) -> String? {
        let function: LuaRef? =
            switch operation {
            case .start: program.initialize
            case .action(let name, _): program.action(name)
            case .timeout: program.timeout ?? program.action("end")
            }
        return function.flatMap { program.definition(of: $0) }
    }

    private func endAction(_ call: GameCall) -> LuaRef? {
        guard let state = call.state, StateBlob.offers("end", in: state) else { return nil }
        return program.action("end")
    }

    private func enter(
        _ call: GameCall, _ function: LuaRef, _ settings: LuaRef, _ outcome: inout ActionOutcome
    ) throws(ScriptError) {
        if let state = call.state { StateBlob.unstamped(state, into: &program.stateText) }
        let migrates = call.state != nil && call.stateVersion < program.version
        var refusal: GameRefusal?
        var isFinishable = false
        try state.call(
            program.act,
            { (arguments: inout LuaArguments) in
                arguments.ref(function)
                if let canFinish = program.canFinish { arguments.ref(canFinish) } else { arguments.nil() }
                switch call.operation {
                case .start:
                    arguments.ref(settings)
                    arguments.object(GameContext.type, program.callNumber)
                    arguments.nil()
                case .action(_, let params):
                    arguments.json(program.stateText)
                    arguments.json(params.isEmpty ? Self.noParams : params)
                    arguments.object(GameContext.type, program.callNumber)
                case .timeout where program.timeout != nil:
                    arguments.json(program.stateText)
                    arguments.object(GameContext.type, program.callNumber)
                    arguments.nil()
                case .timeout:
                    arguments.json(program.stateText)
                    arguments.json(Self.noParams)
                    arguments.object(GameContext.type, program.callNumber)
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

    private static func refusal(_ results: borrowing LuaResults) throws(ScriptError) -> GameRefusal {
        guard let text = results.string(1), let code = GameRefusal.Code(rawValue: text) else {
            let given = results.string(1).map { "nil and \"\($0)\"" } ?? "nil"
            throw ScriptError(
                kind: .runtime, code: "bad_refusal",
                message: "returns \(given): it must return a state, or nil and one of bad_params, action_not_allowed, insufficient_funds")
        }
        return GameRefusal(code: code, detail: results.string(2) ?? text)
    }
}
