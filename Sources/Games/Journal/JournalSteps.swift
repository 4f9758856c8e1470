import LuaRuntime
import Store

/// The steps that an entry of the journal tells of. More than ``JournalEvent`` it takes what it finds: whoever looks back wants to see
/// entries of a later release, too.
struct JournalSteps {
    let place: GameKey
    /// In their order; none for entries that are of no game.
    let steps: [PlayedStep]

    /// Nil for entries of no game, and for those without steps.
    init?(_ entry: HistoryEntry) {
        let read = entry.entry.body.withUnsafeBytes { bytes in (try? JSONObject(bytes)).flatMap { Self.read($0, entry) } }
        guard let (place, steps) = read else { return nil }
        self.place = place
        self.steps = steps
    }

    private static func read(_ body: JSONObject, _ entry: HistoryEntry) -> (GameKey, [PlayedStep])? {
        guard let game = body["game"]?.string, let site = body["site"]?.string, let operation = body["op"]?.string else { return nil }
        let place = GameKey(site: site, game: game)
        let at = body["now"]?.integer ?? entry.entry.at
        var credits = body["credits_before"]?.integer ?? entry.entry.credits - entry.entry.delta
        var state: [UInt8]?
        if case .set(let slot) = entry.slot, slot.key == place { state = slot.blob }
        guard let elements = body["steps"]?.elements else {
            // A game that was left, or a round that the house has ended without its engine: one step.
            guard let id = body["state"]?.string.flatMap({ StateID($0) }), body["round"] != nil else { return nil }
            var step = PlayedStep(seq: entry.entry.seq, at: at, operation: operation, id: id, effects: entry.entry.ledger, credits: entry.entry.credits)
            read(body, &step)
            step.state = state
            return (place, [step])
        }
        var steps: [PlayedStep] = []
        for element in elements {
            guard let object = element.object, let id = object["id"]?.string.flatMap({ StateID($0) }) else { return nil }
            let effects = object["effects"]?.elements?.compactMap { effect(of: $0) } ?? []
            credits += effects.reduce(0) { $0 &+ $1.amount }
            var step = PlayedStep(
                seq: entry.entry.seq, at: at, operation: body["action"]?.string ?? operation, id: id, effects: effects, credits: credits)
            if let params = body["params"] { step.params = [UInt8](params.bytes) }
            read(object, &step)
            steps.append(step)
        }
        guard let last = steps.indices.last else { return nil }
        steps[last].state = state
        steps[last].refused = body["refused"]?.string
        return (place, steps)
    }

    private static func read(_ object: JSONObject, _ step: inout PlayedStep) {
        step.round = object["round"]?.string.flatMap { StateID($0) }
        step.outcome = object["outcome"]?.string
        step.marks = object["marks"]?.elements?.compactMap(\.string) ?? []
    }

    private static func effect(of value: JSONValue) -> LedgerEntry? {
        guard let pair = value.elements, pair.count == 2, let kind = pair[0].string.flatMap({ LedgerKind(rawValue: $0) }),
            let amount = pair[1].integer
        else { return nil }
        return LedgerEntry(kind, amount)
    }
}
