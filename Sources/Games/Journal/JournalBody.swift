import Bytes
import Host
import Store

/// Writes the journal's bodies: everything needed to repeat a call of an engine to the byte, and to show it to an auditor.
/// States are not repeated here: they follow from the entries before, and each step carries its state's fingerprint. Nor are
/// the engine's files and the settings: entries name them by ``ContentID``, and the store has each once.
///
/// A step that belongs to a round names it (`"round"`: the id of the step that opened it, so that one that names itself opens
/// one); the step that ends a round says how (`"outcome"`, a `RoundOutcome`). What an engine has marked stands in `"marks"`, the
/// mode that it has chosen in `"mode"`, the fingerprint of what it keeps to itself in `"private"`. Entries of releases before
/// rounds have none of them.
enum JournalBody {
    /// A call of an engine and what came of it.
    static func call(_ call: GameCall, _ outcome: ActionOutcome, creditsAfter: Int64) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(640)
        switch call.operation {
        case .start: bytes.append(text: "{\"op\":\"start\"")
        case .timeout: bytes.append(text: "{\"op\":\"timeout\"")
        case .void: bytes.append(text: "{\"op\":\"void\"")
        case .action(let name, let params):
            bytes.append(text: "{\"op\":\"action\",\"action\":")
            bytes.append(jsonString: name)
            bytes.append(text: ",\"params\":")
            if params.isEmpty { bytes.append(text: "{}") } else { bytes.append(contentsOf: params) }
        }
        appendPlace(GameKey(site: call.site, game: call.game), to: &bytes)
        bytes.append(text: ",\"generation\":")
        bytes.append(decimal: Int64(clamping: outcome.generation.number))
        bytes.append(text: ",\"engine_version\":")
        bytes.append(decimal: outcome.engineVersion)
        bytes.append(text: ",\"state_version\":")
        bytes.append(decimal: call.stateVersion)
        appendContents(outcome.engine, call.settings, to: &bytes)
        bytes.append(text: ",\"now\":")
        bytes.append(decimal: call.now)
        bytes.append(text: ",\"steps\":[")
        for (index, step) in outcome.steps.enumerated() {
            if index > 0 { bytes.append(text: ",") }
            append(step, call.settings.jackpots, to: &bytes)
        }
        bytes.append(text: "]")
        if call.isWithoutStakes { bytes.append(text: ",\"stakes\":false") }
        JackpotText.append(pots: call.pots, outcome.steps, call.settings.jackpots, to: &bytes)
        if let refusal = outcome.refusal {
            bytes.append(text: ",\"refused\":")
            bytes.append(jsonString: refusal.code.rawValue)
        }
        appendCredits(before: call.credits, after: creditsAfter, to: &bytes)
        bytes.append(text: "}")
        return bytes
    }

    /// A stored state that was brought into the form of a newer engine.
    ///
    /// - Parameter old: The state as it was.
    static func migration(
        _ old: GameSlot, _ migrated: MigratedState, settings: GameSettings, now: Int64, credits: Int64
    ) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(384)
        bytes.append(text: "{\"op\":\"migrate\",\"state\":\"")
        bytes.append(old.id)
        bytes.append(text: "\"")
        appendPlace(old.key, to: &bytes)
        bytes.append(text: ",\"generation\":")
        bytes.append(decimal: Int64(clamping: migrated.generation.number))
        bytes.append(text: ",\"engine_version\":")
        bytes.append(decimal: migrated.slot.engineVersion)
        bytes.append(text: ",\"state_version\":")
        bytes.append(decimal: old.engineVersion)
        appendContents(migrated.engine, settings, to: &bytes)
        bytes.append(text: ",\"now\":")
        bytes.append(decimal: now)
        bytes.append(text: ",\"fingerprint\":\"")
        bytes.append(fingerprint: Fingerprint.of(migrated.slot.blob))
        bytes.append(text: "\"")
        append(hidden: migrated.slot.hidden, to: &bytes)
        appendCredits(before: credits, after: credits, to: &bytes)
        bytes.append(text: "}")
        return bytes
    }

    /// A game that was ended by its player, or by the house because it or its site is gone; or that was taken up again in order to
    /// end it.
    ///
    /// - Parameters:
    ///   - round: A round that ends by it: of a game that is gone, or where the engine was changed so that the player may leave now.
    ///   - refund: What is given back of it.
    static func leaving(
        _ key: GameKey, op: StaticString, state: StateID, ending round: StateID? = nil, as outcome: RoundOutcome = .settled, refund: Int64 = 0,
        now: Int64, credits: Int64
    ) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(192)
        bytes.append(text: "{\"op\":\"")
        bytes.append(text: op)
        bytes.append(text: "\",\"state\":\"")
        bytes.append(state)
        bytes.append(text: "\"")
        appendPlace(key, to: &bytes)
        append(round, round == nil ? nil : outcome, to: &bytes)
        bytes.append(text: ",\"now\":")
        bytes.append(decimal: now)
        appendCredits(before: credits, after: credits + refund, to: &bytes)
        bytes.append(text: "}")
        return bytes
    }

    private static func append(hidden: [UInt8], to bytes: inout [UInt8]) {
        guard !hidden.isEmpty else { return }
        bytes.append(text: ",\"private\":\"")
        bytes.append(fingerprint: Fingerprint.of(hidden))
        bytes.append(text: "\"")
    }

    private static func append(_ round: StateID?, _ outcome: RoundOutcome?, to bytes: inout [UInt8]) {
        if let round {
            bytes.append(text: ",\"round\":\"")
            bytes.append(round)
            bytes.append(text: "\"")
        }
        if let outcome {
            bytes.append(text: ",\"outcome\":\"")
            bytes.append(contentsOf: outcome.rawValue.utf8)
            bytes.append(text: "\"")
        }
    }

    private static func append(_ step: GameStep, _ plan: JackpotPlan?, to bytes: inout [UInt8]) {
        bytes.append(text: "{\"id\":\"")
        bytes.append(step.id)
        bytes.append(text: "\",\"effects\":[")
        for (index, effect) in step.effects.enumerated() {
            if index > 0 { bytes.append(text: ",") }
            bytes.append(text: "[\"")
            bytes.append(contentsOf: effect.kind.rawValue.utf8)
            bytes.append(text: "\",")
            bytes.append(decimal: effect.amount)
            bytes.append(text: "]")
        }
        bytes.append(text: "],\"key\":\"")
        step.key.withBytes { bytes.append(hex: $0) }
        bytes.append(text: "\",\"draws\":")
        bytes.append(decimal: Int64(clamping: step.draws))
        bytes.append(text: ",\"fingerprint\":\"")
        bytes.append(fingerprint: Fingerprint.of(step.blob))
        bytes.append(text: "\"")
        append(hidden: step.hidden, to: &bytes)
        append(step.round, step.outcome, to: &bytes)
        if let mode = step.mode {
            bytes.append(text: ",\"mode\":\"")
            bytes.append(contentsOf: mode.rawValue.utf8)
            bytes.append(text: "\"")
        }
        JackpotText.append(step.jackpots, plan, to: &bytes)
        if !step.marks.isEmpty {
            bytes.append(text: ",\"marks\":[")
            for (place, mark) in step.marks.enumerated() {
                bytes.append(text: place > 0 ? ",\"" : "\"")
                bytes.append(contentsOf: mark.rawValue.utf8)
                bytes.append(text: "\"")
            }
            bytes.append(text: "]")
        }
        bytes.append(text: "}")
    }

    private static func appendContents(_ engine: EngineContent?, _ settings: GameSettings, to bytes: inout [UInt8]) {
        if let engine {
            bytes.append(text: ",\"engine\":\"")
            engine.id.append(to: &bytes)
            bytes.append(text: "\"")
        }
        bytes.append(text: ",\"settings\":\"")
        settings.id.append(to: &bytes)
        bytes.append(text: "\"")
    }

    private static func appendPlace(_ key: GameKey, to bytes: inout [UInt8]) {
        bytes.append(text: ",\"game\":")
        bytes.append(jsonString: key.game)
        bytes.append(text: ",\"site\":")
        bytes.append(jsonString: key.site)
    }

    private static func appendCredits(before: Int64, after: Int64, to bytes: inout [UInt8]) {
        bytes.append(text: ",\"credits_before\":")
        bytes.append(decimal: before)
        bytes.append(text: ",\"credits_after\":")
        bytes.append(decimal: after)
    }
}

extension [UInt8] {
    /// Appends 16 hexadecimal digits.
    fileprivate mutating func append(fingerprint: UInt64) {
        Swift.withUnsafeBytes(of: fingerprint.bigEndian) { append(hex: $0) }
    }
}
