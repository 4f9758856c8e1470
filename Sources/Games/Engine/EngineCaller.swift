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
        if outcome.fault != nil { outcome.dropSteps() }
        program.missingActions?.look(outcome, of: program, game: game)
        return outcome
    }

    /// May the player leave in this state (`M.can_finish`)? An engine without an opinion says yes.
    func isFinishable(_ slot: GameSlot, settings: GameSettings) throws(GameFault) -> Bool {
        // An older engine cannot judge a newer one's state; where no round is open there is nothing to judge, and the player is let go.
        guard slot.engineVersion <= program.version else {
            if slot.openRound == nil { return true }
            throw tooOld(for: slot.engineVersion, operation: "can_finish")
        }
        guard program.canFinish != nil else { return true }
        let current = try migrated(slot, settings: settings) ?? slot
        return try canFinish(current.blob, current.hidden)
    }

    /// The same of a state in this engine's form.
    private func canFinish(_ blob: [UInt8], _ hidden: [UInt8]) throws(GameFault) -> Bool {
        guard let canFinish = program.canFinish else { return true }
        do throws(ScriptError) {
            prepareQuietCall(blob, hidden)
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
            prepareQuietCall(slot.blob, slot.hidden)
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
                    return try results.json(0, sorted: true, bare: true)
                })
            let halves = text.withUnsafeBytes { state in
                Result { () throws(StateBlob.Problem) in try StateBlob.halves(slot.id, state) }
            }
            var result = slot
            result.engineVersion = program.version
            switch halves {
            case .success(let halves): (result.blob, result.hidden) = (halves.blob, halves.hidden)
            case .failure(let problem): throw ScriptError(kind: .runtime, code: "bad_state", message: problem.text)
            }
            return result
        } catch {
            throw GameFault(
                error, game: game, operation: "migrate from version \(slot.engineVersion)", definition: program.definition(of: migrate))
        }
    }

    /// A state that a newer engine has left means nothing to this one, whose author did not know it: it stays as it is until an engine
    /// comes that does. Rounds of long ago are played again as they were, whatever was right then.
    private func tooOld(for call: GameCall) -> GameFault? {
        guard call.stateVersion > program.version, call.operation != .void, call.state != nil, call.replayed.isEmpty else { return nil }
        return tooOld(for: call.stateVersion, operation: call.operation.label)
    }

    private func tooOld(for version: Int64, operation: String) -> GameFault {
        let place = program.generation.settings.versionSite.map { "\($0.chunk):\($0.line)" }
        return GameFault(
            code: "older_engine", game: game, operation: operation, position: place ?? program.engine.files[0].chunk,
            reason: "M.version is \(program.version), the state was made by version \(version) and stays as it is: \(UnitSettings.versionRemedy(for: version))")
    }

    /// Before a call that gets no context. A generator that an engine has kept gives the same numbers in each of them.
    private func prepareQuietCall(_ blob: [UInt8], _ hidden: [UInt8]) {
        StateBlob.unstamped(blob, hidden: hidden, into: &program.stateText)
        Self.noKey.withBytes { state.seedRandom(program.random, key: $0) }
    }

    // MARK: One call

    private func perform(_ call: GameCall, _ outcome: inout ActionOutcome) {
        guard let function = function(for: call) else {
            outcome.refusal = GameRefusal(code: .actionNotAllowed, detail: "the game has no such action")
            return
        }
        if let fault = tooOld(for: call) {
            outcome.fault = fault
            return
        }
        precondition(program.run == nil, "an engine's call within an engine's call")
        let run = GameRun(call)
        if let rule = run.fault {
            outcome.fault = GameFault(
                code: rule.code, game: game, operation: call.operation.label, position: nil, reason: rule.message)
            return
        }
        program.run = run
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
                if error.isUnreadableArgument {
                    noteUnreadable(error, call, &outcome)
                    return
                }
                outcome.fault = GameFault(
                    error, game: game, operation: call.operation.label, definition: program.definition(of: function))
                return
            }
            traceback = error.traceback
        }
        guard let run = program.run else { return }
        program.run = nil  // what follows is no part of the action
        if let rule = run.fault {
            outcome.fault = GameFault(
                code: rule.code, game: game, operation: call.operation.label,
                position: rule.position ?? program.definition(of: function), reason: rule.message, traceback: traceback)
            return
        }
        close(run, call, &outcome)
    }

    /// Something that the engine was to be given is JSON, but nothing that Lua can hold: a number like 1e999, lists in lists in lists. In
    /// a player's parameters it is his mistake; in what the store has of a state it is nobody's who plays.
    private func noteUnreadable(_ error: ScriptError, _ call: GameCall, _ outcome: inout ActionOutcome) {
        if case .action(_, let params) = call.operation, !params.isEmpty, !isReadable(params) {
            outcome.refusal = GameRefusal(code: .badParams, detail: "the params cannot be read: \(error.message)")
        } else {
            outcome.fault = GameFault(
                code: "unreadable_state", game: game, operation: call.operation.label, position: nil,
                reason: "the state as it is stored cannot be read: \(error.message)")
        }
    }

    private func isReadable(_ json: [UInt8]) -> Bool {
        guard let value = try? state.decodeJSON(json) else { return false }
        state.release(value)
        return true
    }

    /// Counts what the engine has done, up to the refusal if there was one.
    private func close(_ run: GameRun, _ call: GameCall, _ outcome: inout ActionOutcome) {
        let refusal = run.refusal ?? outcome.refusal
        var isFinishable = outcome.isFinishable
        if refusal != nil, let last = run.steps.last {
            // The engine was not asked, for its last state was to be another one.
            do { isFinishable = try canFinish(last.blob, last.hidden) } catch { outcome.fault = error }
        }
        outcome.take(run, isFinishable: isFinishable)
        outcome.refusal = refusal
        guard call.operation == .timeout, let open = outcome.open, outcome.fault == nil else { return }
        outcome.fault = GameFault(
            code: "round_left_open", game: game, operation: call.operation.label, position: definition(of: .timeout),
            reason: "the round \(open.id) is still open afterwards: it must return a state in which the player may leave")
    }

    private func function(for call: GameCall) -> LuaRef? {
        switch call.operation {
        case .start, .void: program.initialize
        case .action(let name, _): program.action(name)
        case .timeout: program.timeout ?? endAction(call)
        }
    }

    /// File and line in which the function for an operation begins.
    func definition(of operation: GameCall.Operation) -> String? {
        let function: LuaRef? =
            switch operation {
            case .start, .void: program.initialize
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
        if let state = call.state { StateBlob.unstamped(state, hidden: call.hidden, into: &program.stateText) }
        let migrates = call.state != nil && call.operation != .void && call.stateVersion < program.version
        var refusal: GameRefusal?
        var isFinishable = false
        try state.call(
            program.act,
            { (arguments: inout LuaArguments) in
                arguments.ref(function)
                if let canFinish = program.canFinish { arguments.ref(canFinish) } else { arguments.nil() }
                switch call.operation {
                case .start, .void:
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
                _ = try results.withJSON(0, sorted: true, bare: true) { program.closeStep($0, isLast: true) }
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
