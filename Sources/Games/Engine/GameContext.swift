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
        id: type, name: "game.context", methods: [debit, credit, step], properties: [settings, credits, now, random],
        "What an engine's function may know and do; valid only during the call.")

    private static let settings = HostProperty("settings", .table, "The game's settings on this site.") { call in
        guard let table = program(call)?.currentSettings else { return .raise(over) }
        call.returnRef(table)
        return .values
    }

    private static let credits = HostProperty("credits", .integer, "The balance before the action, smallest unit.") { call in
        guard let start = program(call)?.run?.start else { return .raise(over) }
        call.returnInteger(start)
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

    private static let debit = HostFunction(
        "debit",
        [
            HostParameter("amount", .integer, "Credits, not negative."),
            HostParameter("kind", .string, optional: true, "Accounting operation; default \"bet\"."),
        ],
        "Takes credits from the player. If the balance does not cover them, this step and all that follows is refused."
    ) { call in move(&call, .bet) { $0.debit($1, $2) } }

    private static let credit = HostFunction(
        "credit",
        [
            HostParameter("amount", .integer, "Credits, not negative."),
            HostParameter("kind", .string, optional: true, "Accounting operation; default \"win\"."),
        ],
        "Pays credits to the player."
    ) { call in move(&call, .win) { $0.credit($1, $2) } }

    private static let step = HostFunction(
        "step", [HostParameter("state", .table, "The state the step ends with.")],
        "Closes a step: what was moved so far and this state stand, whatever follows."
    ) { call in
        guard let program = program(call) else { return .raise(over) }
        let verdict: GameRun.Verdict
        do throws(ScriptError) {
            verdict = try call.withJSON(0, sorted: true) { program.closeStep($0, isLast: false) }
        } catch {
            return .raise(error.message)
        }
        if case .raise(let message) = verdict {
            program.run?.placeFault(call.caller)
            return .raise(message)
        }
        return .none
    }

    private static func move(
        _ call: inout HostCall, _ usual: LedgerKind, _ body: (inout GameRun, Int64, LedgerKind) -> GameRun.Verdict
    ) -> HostResult {
        guard let program = program(call), let amount = call.integer(0) else { return .raise(over) }
        var kind = usual
        if call.count > 1, let text = call.string(1) {
            guard let named = LedgerKind(rawValue: text), named != .opening else {
                return .raise("the kind must be 1 to 32 characters of a-z, 0-9 and _")
            }
            kind = named
        }
        if case .raise(let message) = body(&program.run!, amount, kind) {
            program.run?.placeFault(call.caller)
            return .raise(message)
        }
        return .none
    }

    /// The engine, while the call runs that this context belongs to.
    private static func program(_ call: borrowing HostCall) -> GameProgram? {
        guard let program = call.generation.program, program.run != nil, call.handle == program.callNumber else { return nil }
        return program
    }
}
