import Bytes
import Host
import LuaRuntime

/// What an engine's `ctx` has for jackpots: `ctx:contribute`, `ctx:award`.
enum JackpotContext {
    static let methods = [contribute, award]

    private static let hits = [
        HostReturn(
            "won", .table, optional: true, "List of what was won and is paid already; nil: nothing.",
            as: "{id: string, level: string, amount: integer}[]?")
    ]

    private static let contribute = HostFunction(
        "contribute", [HostParameter("stake", .integer, "Credits, not negative.")], returns: hits,
        "Feeds the game's jackpots (setting `jackpot`) with a stake. Those that are won by chance or must be won are paid at once. Without a jackpot: nothing."
    ) { call in
        let stake = call.integer(0)
        return play(&call, stake) { $0.contribute($1) }
    }

    private static let award = HostFunction(
        "award",
        [
            HostParameter("event", .string, "What has happened, as a level's `on` names it: `bingo`."),
            HostParameter("stake", .integer, "Credits: levels may ask for a smallest bet."),
        ], returns: hits,
        "Pays the levels of the game's jackpots that this event wins. Without a jackpot: nothing."
    ) { call in
        let event = call.string(0) ?? "", stake = call.integer(1)
        return play(&call, stake) { $0.award(event, stake: $1) }
    }

    private static func play(
        _ call: inout HostCall, _ stake: Int64?, _ body: (GameRun, Int64) -> (GameRun.Verdict, [JackpotHit])
    ) -> HostResult {
        guard let program = GameContext.program(call), let stake else { return .raise("ctx is valid only while an action runs") }
        let (verdict, hits) = body(program.run!, stake)
        if case .raise(let message) = verdict {
            program.run?.placeFault(call.caller)
            return .raise(message)
        }
        guard !hits.isEmpty, let plan = program.run?.jackpots?.plan else {
            call.returnNil()
            return .values
        }
        var text = Array("[".utf8)
        for (place, hit) in hits.enumerated() {
            let level = plan.levels[hit.level]
            text.append(text: place > 0 ? ",{\"id\":" : "{\"id\":")
            text.append(jsonString: level.id)
            text.append(text: ",\"level\":")
            text.append(jsonString: level.name)
            text.append(text: ",\"amount\":")
            text.append(decimal: hit.amount)
            text.append(text: "}")
        }
        text.append(text: "]")
        call.returnJSON(text)
        return .values
    }
}
