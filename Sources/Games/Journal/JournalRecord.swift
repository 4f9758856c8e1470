import Bytes
import Host
import LuaRuntime
import Store

/// A call of an engine read back from the journal, for repeating it.
struct JournalRecord: Sendable, Equatable {
    struct Step: Sendable, Equatable {
        var id: StateID
        var effects: [LedgerEntry]
        var key: RandomKey
        var draws: UInt64
        var fingerprint: UInt64
        /// The round it belongs to: its own id if it opened it. Nil outside of rounds, and in entries from before they were kept.
        var round: StateID?
        /// How the round ended, if it ended here.
        var outcome: RoundOutcome?
        var marks: [Mark] = []
        var mode: Mark?
        /// Fingerprint of what the engine keeps to itself; nil if nothing.
        var hidden: UInt64?
    }

    var operation: GameCall.Operation
    var place: GameKey
    var generation: UInt64
    var engineVersion: Int64
    var stateVersion: Int64
    /// The engine's files; nil in entries from before they were kept.
    var engine: ContentID?
    /// The effective settings.
    var settings: SettingsName
    var now: Int64
    var steps: [Step]
    var refused: String?
    /// The wallet took no stake.
    var isWithoutStakes: Bool
    var creditsBefore: Int64
    var creditsAfter: Int64
    /// What was known of the jackpots that were won (``JackpotText``), as text; nil: none was.
    var pots: [UInt8]?

    /// Reads a body written by ``JournalBody/call(_:_:creditsAfter:)``; nil for other entries and for damaged ones.
    init?(parsing body: [UInt8]) {
        guard case .call(let record) = JournalEvent(parsing: body) else { return nil }
        self = record
    }

    init?(_ object: JSONObject) {
        switch object["op"]?.string {
        case "start": operation = .start
        case "timeout": operation = .timeout
        case "void": operation = .void
        case "action":
            guard let name = object["action"]?.string, let params = object["params"] else { return nil }
            operation = .action(name, params: [UInt8](params.bytes))
        default: return nil
        }
        guard let game = object["game"]?.string, let site = object["site"]?.string,
            let generation = object["generation"]?.integer, let engineVersion = object["engine_version"]?.integer,
            let stateVersion = object["state_version"]?.integer, let settings = SettingsName(object["settings"]),
            let now = object["now"]?.integer, let before = object["credits_before"]?.integer,
            let after = object["credits_after"]?.integer, let elements = object["steps"]?.elements
        else { return nil }
        place = GameKey(site: site, game: game)
        self.generation = UInt64(clamping: generation)
        self.engineVersion = engineVersion
        self.stateVersion = stateVersion
        engine = object["engine"]?.string.flatMap { ContentID($0) }
        self.settings = settings
        self.now = now
        refused = object["refused"]?.string
        isWithoutStakes = object["stakes"]?.boolean == false
        creditsBefore = before
        creditsAfter = after
        pots = object["pots"].map { [UInt8]($0.bytes) }
        steps = elements.compactMap { Self.step($0) }
        guard steps.count == elements.count else { return nil }
    }

    private static func step(_ value: JSONValue) -> Step? {
        guard let object = value.object, let id = object["id"]?.string.flatMap({ StateID($0) }),
            let key = object["key"]?.string.flatMap({ Hex.bytes($0.utf8) }).flatMap({ RandomKey(bytes: $0) }),
            let draws = object["draws"]?.integer, let fingerprint = Fingerprint.read(object["fingerprint"]),
            let effects = object["effects"]?.elements
        else { return nil }
        let entries = effects.compactMap { effect -> LedgerEntry? in
            guard let pair = effect.elements, pair.count == 2, let kind = pair[0].string.flatMap({ LedgerKind(rawValue: $0) }),
                let amount = pair[1].integer
            else { return nil }
            return LedgerEntry(kind, amount)
        }
        guard entries.count == effects.count else { return nil }
        var step = Step(id: id, effects: entries, key: key, draws: UInt64(clamping: draws), fingerprint: fingerprint)
        step.round = object["round"]?.string.flatMap { StateID($0) }
        step.outcome = object["outcome"]?.string.flatMap { RoundOutcome(rawValue: $0) }
        step.mode = object["mode"]?.string.flatMap { Mark(rawValue: $0) }
        step.hidden = Fingerprint.read(object["private"])
        step.marks = object["marks"]?.elements?.compactMap { $0.string.flatMap { Mark(rawValue: $0) } } ?? []
        return step
    }

    /// The call that repeats the entry.
    ///
    /// - Parameter slot: What the entry started from; nil for a start.
    func call(on slot: GameSlot?, settings: GameSettings) -> GameCall {
        var call = GameCall(
            game: place.game, operation: operation, state: slot?.blob, stateVersion: stateVersion, site: place.site, settings: settings,
            credits: creditsBefore, now: now)
        call.hidden = slot?.hidden ?? []
        call.round = slot?.openRound
        call.isWithoutStakes = isWithoutStakes
        call.replayed = steps.map { GameCall.ReplayedStep(id: $0.id, key: $0.key) }
        if let pots { call.pots = JackpotText.pots(pots, settings.jackpots) }
        return call
    }

    /// Is `outcome` what the journal tells, to the byte?
    func matches(_ outcome: ActionOutcome) -> Bool {
        guard outcome.fault == nil, outcome.refusal?.code.rawValue == refused, outcome.steps.count == steps.count else { return false }
        return zip(steps, outcome.steps).allSatisfy { told, step in
            told.id == step.id && told.effects == step.effects && told.draws == step.draws
                && told.fingerprint == Fingerprint.of(step.blob) && told.hidden == (step.hidden.isEmpty ? nil : Fingerprint.of(step.hidden))
        }
    }
}

// MARK: Before rounds were kept

extension JournalRecord {
    /// Was the entry written by a release that keeps rounds? One before would have named none where there is one.
    func tellsRounds(as outcome: ActionOutcome) -> Bool {
        steps.contains { $0.round != nil } || outcome.steps.allSatisfy { $0.round == nil }
    }
}

extension ActionOutcome {
    /// Makes it what a release from before rounds would have written.
    ///
    /// - Returns: The slot that it would have left.
    mutating func withoutRounds(_ call: GameCall, before: GameSlot?) -> GameSlot {
        for index in steps.indices { (steps[index].round, steps[index].outcome) = (nil, nil) }
        (open, ended) = (nil, [])
        var slot = GameSlot(call, self)
        // Which took a round for open after a refusal, too.
        if refusal != nil || !isFinishable { slot.openedAt = before.map { $0.openedAt > 0 ? $0.openedAt : call.now } ?? call.now }
        return slot
    }
}
