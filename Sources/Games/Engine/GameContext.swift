import Host
import LuaRuntime
import Store

/// `ctx`, what an engine's function gets: the balance, the time, random numbers, and the ways to move credits. Valid only during
/// the call it was made for: its handle is the number of that call.
enum GameContext {
    static let type = ObjectTypes.register("game.context")
    private static let over = "ctx is valid only while an action runs"

    /// For the host table.
    static let hostType = HostType(
        id: type, name: "game.context", methods: [debit, credit, step, mark, mode] + JackpotContext.methods,
        properties: [settings, credits, maxWin, now, random],
        "What an engine's function may know and do; valid only during the call.")

    private static let settings = HostProperty("settings", .table, "The game's settings on this site.") { call in
        guard let table = program(call)?.currentSettings else { return .raise(over) }
        call.returnRef(table)
        return .values
    }

    private static let credits = HostProperty(
        "credits", .integer, "The balance before the action, smallest unit; only if the manifest says that the engine reads it."
    ) { call in
        guard let program = program(call), let start = program.run?.start else { return .raise(over) }
        guard program.readsCredits else {
            return answer(program, call) {
                $0.refuse("not_declared", "ctx.credits: an engine does not know the balance, unless its manifest says \"reads\": [\"credits\"]")
            }
        }
        call.returnInteger(start)
        return .values
    }

    private static let maxWin = HostProperty(
        "max_win", .integer, "The most that the round may still pay, by the caps of game, mode and site; nil if nothing bounds it.", as: "integer?"
    ) { call in
        guard let run = program(call)?.run else { return .raise(over) }
        if let most = run.maxWin { call.returnInteger(most) } else { call.returnNil() }
        return .values
    }

    private static let now = HostProperty("now", .integer, "The time of the action, milliseconds since 1970.") { call in
        guard let program = program(call) else { return .raise(over) }
        call.returnInteger(program.currentNow)
        return .values
    }

    private static let random = HostProperty("random", .any, "Random numbers, freshly keyed for every step.", as: "nightjar.Random") { call in
        guard let program = program(call) else { return .raise(over) }
        call.returnRef(program.random)
        return .values
    }

    /// Whatever it is is looked at here, so that a wrong amount ends the action even if the engine catches the error.
    private static let amount = HostParameter("amount", HostValueTypes.any.union(.nil), "Credits, whole and not negative.", as: "integer")

    private static let debit = HostFunction(
        "debit",
        [
            amount,
            HostParameter(
                "kind", .string, optional: true,
                "Accounting operation: \"bet\" (the default), \"extra\", or one of the engine's own; not what the server pays: \"win\", \"jackpot\", \"refund\"."),
        ],
        "Takes credits from the player. If the balance does not cover them, this step and all that follows is refused."
    ) { call in move(&call, .bet) { $0.debit($1, $2) } }

    private static let credit = HostFunction(
        "credit",
        [
            amount,
            HostParameter(
                "kind", .string, optional: true,
                "Accounting operation: \"win\" (the default), \"refund\", or one of the engine's own; not \"jackpot\", which `ctx:award` pays."),
        ],
        "Pays credits to the player. More than `max_win` ends the action with nothing changed."
    ) { call in move(&call, .win) { $0.credit($1, $2) } }

    private static let step = HostFunction(
        "step", [HostParameter("state", HostValueTypes.any.union(.nil), "The state the step ends with.", as: "game.State")],
        "Closes a step: what was moved so far and this state stand, whatever follows."
    ) { call in
        guard let program = program(call) else { return .raise(over) }
        let verdict: GameRun.Verdict
        do throws(ScriptError) {
            verdict = try call.withJSON(0, sorted: true, bare: true) { program.closeStep($0, isLast: false) }
        } catch {
            let message = error.message
            return answer(program, call) { $0.refuse("bad_state", message) }
        }
        return answer(program, call) { _ in verdict }
    }

    private static let mark = HostFunction(
        "mark", [HostParameter("name", HostValueTypes.any.union(.nil), "1 to 32 characters of a-z, 0-9 and _.", as: "string")],
        "Notes in the journal what happened in this step, so that its round can be found by it: `ctx:mark(\"free_spins\")`."
    ) { call in
        guard let program = program(call) else { return .raise(over) }
        let mark = call.string(0).flatMap { Mark(rawValue: $0) }
        return answer(program, call) { run in
            mark.map { run.mark($0) } ?? run.refuse("bad_mark", "a mark must be 1 to 32 characters of a-z, 0-9 and _")
        }
    }

    private static let mode = HostFunction(
        "mode", [HostParameter("name", HostValueTypes.any.union(.nil), "One of the setting `modes`.", as: "string")],
        "Says in which of the game's modes the round is played: its win cap holds from here on."
    ) { call in
        guard let program = program(call) else { return .raise(over) }
        let mode = call.string(0).flatMap { Mark(rawValue: $0) }
        return answer(program, call) { run in
            mode.map { run.play(in: $0) } ?? run.refuse("bad_mode", "a mode must be 1 to 32 characters of a-z, 0-9 and _")
        }
    }

    /// Asks the run, and raises what it says with the line that asked.
    private static func answer(
        _ program: GameProgram, _ call: borrowing HostCall, _ body: (GameRun) -> GameRun.Verdict
    ) -> HostResult {
        guard case .raise(let message) = body(program.run!) else { return .none }
        program.run?.placeFault(call.caller)
        return .raise(message)
    }

    private static func move(
        _ call: inout HostCall, _ usual: LedgerKind, _ body: (GameRun, Int64, LedgerKind) -> GameRun.Verdict
    ) -> HostResult {
        guard let program = program(call) else { return .raise(over) }
        guard let amount = call.integer(0) else {
            let given = call.number(0).map { "\($0)" } ?? "no number"
            return answer(program, call) { $0.refuse("bad_amount", "the amount must be a whole number (integer expected, got \(given))") }
        }
        var kind = usual
        if call.count > 1, let text = call.string(1) {
            guard let named = LedgerKind(rawValue: text) else {
                return answer(program, call) { $0.refuse("bad_kind", "the kind must be 1 to 32 characters of a-z, 0-9 and _") }
            }
            kind = named
        }
        return answer(program, call) { body($0, amount, kind) }
    }

    /// The engine, while the call runs that this context belongs to.
    static func program(_ call: borrowing HostCall) -> GameProgram? {
        guard let program = call.generation.program, program.run != nil, call.handle == program.callNumber else { return nil }
        return program
    }
}
