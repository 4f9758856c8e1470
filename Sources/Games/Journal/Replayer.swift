package import Host
public import Store

/// Runs the journal again: every call of an engine and every migration, in the engine and with the settings of its time, and
/// compares what comes out with what was written, byte for byte: the entry itself and the state that it left.
///
///     JournalHistory ──► entry, the state before ──► EngineReplica (files and settings by content) ──► one verdict an entry
///
/// An engine depends on nothing but its arguments, and the journal has all of them: the state stands in the entry before,
/// parameters, time, balance and the keys of the random numbers stand in the entry itself. So a round can be looked into years
/// later and on another machine, whatever became of the files. Each entry starts from the stored state, so one that comes out
/// otherwise says nothing about the next. Used by one thread, and not on an event loop: it runs scripts for as long as they take.
public final class Replayer {
    /// What became of an entry.
    public enum Verdict: Sendable, Equatable {
        /// Came out as it was written, to the byte.
        case equal
        /// Tells of no engine: an opening, an adjustment, a game left or taken up again.
        case nothingToRun
        /// Came out otherwise.
        case different(String)
        /// Something is missing that the replay needs.
        case notReplayable(String)
    }

    /// One entry, run again.
    public struct Result: Sendable {
        public let seq: Int64
        public let verdict: Verdict
        /// The states that came out, in order, as they were sent to the player.
        public let states: [[UInt8]]
    }

    private struct Place: Hashable {
        let account: AccountKey
        let game: GameKey
    }

    private struct EngineKey: Hashable {
        let id: ContentID
        let game: String
    }

    /// Engines that are loaded at a time, a megabyte or so each; closed together when there are more.
    private static let enginesMax = 64
    /// Games whose state is remembered, two kilobytes or so each; beyond, states are looked up in the journal.
    private static let slotsMax = 100_000

    private let history: JournalHistory
    private let contents: JournalContents
    private let registry: HostRegistry
    private var engines: [EngineKey: EngineReplica] = [:]
    /// Where each game of each account has come to, and the entry that says so.
    private var slots: [Place: (seq: Int64, slot: GameSlot?)] = [:]

    /// - Parameter registry: What engines find, as on the server that played.
    package convenience init(_ history: JournalHistory, registry: HostRegistry) {
        self.init(history, contents: JournalContents { try history.value($0) }, registry: registry)
    }

    /// - Parameter contents: What the store has of engines and settings; others than those of `history` are for tests.
    init(_ history: JournalHistory, contents: JournalContents, registry: HostRegistry) {
        self.history = history
        self.contents = contents
        self.registry = registry
    }

    /// Nothing may be called afterwards.
    public func close() {
        for engine in engines.values { engine.close() }
        engines = [:]
    }

    /// Replays an entry. One after the other in the order of the journal is fastest, but any order will do.
    ///
    /// - Throws: ``StoreError`` when the journal cannot be read.
    public func replay(_ entry: HistoryEntry) throws -> Result {
        var states: [[UInt8]] = []
        let verdict: Verdict
        switch JournalEvent(parsing: entry.entry.body) {
        case .call(let record): verdict = try replay(record, entry, &states)
        case .migration(let record): verdict = try replay(record, entry, &states)
        case .finished, .resumed: verdict = .nothingToRun
        case nil:
            verdict = entry.entry.kind == .opening || entry.entry.kind == .adjustment ? .nothingToRun : .notReplayable("the entry cannot be read")
        }
        note(entry)
        return Result(seq: entry.entry.seq, verdict: verdict, states: states)
    }

    // MARK: The state before

    private func note(_ entry: HistoryEntry) {
        if slots.count >= Self.slotsMax { slots.removeAll() }
        switch entry.slot {
        case .keep: break
        case .set(let slot): slots[Place(account: entry.entry.account, game: slot.key)] = (entry.entry.seq, slot)
        case .clear:
            guard case .finished(let game, _) = JournalEvent(parsing: entry.entry.body) else { return }
            slots[Place(account: entry.entry.account, game: game)] = (entry.entry.seq, nil)
        }
    }

    /// The game's state before `entry`; nil if it had none.
    private func slot(_ game: GameKey, before entry: HistoryEntry) throws -> GameSlot? {
        // What is remembered holds if it is older, and nothing of the account was left out since; entries that were replayed in another
        // order are looked up.
        let place = Place(account: entry.entry.account, game: game)
        if let known = slots[place], known.seq < entry.entry.seq, let slot = known.slot, try isLatest(known.seq, game, before: entry) { return slot }
        var found: GameSlot?
        try history.backwards(from: entry.previous) { earlier in
            switch earlier.slot {
            case .keep: return true
            case .set(let slot):
                guard slot.key == game else { return true }
                found = slot
                return false
            case .clear:
                guard case .finished(let finished, _) = JournalEvent(parsing: earlier.entry.body) else { return true }
                return finished != game
            }
        }
        return found
    }

    /// Is the remembered state still that of the game? Mostly it is of the entry just before.
    private func isLatest(_ seq: Int64, _ game: GameKey, before entry: HistoryEntry) throws -> Bool {
        if entry.previous == seq { return true }
        var isLatest = true
        try history.backwards(from: entry.previous) { earlier in
            if earlier.entry.seq <= seq { return false }
            switch earlier.slot {
            case .keep: return true
            case .clear: isLatest = false
            case .set(let slot): isLatest = slot.key != game
            }
            return isLatest
        }
        return isLatest
    }

    // MARK: Running

    private func replay(_ record: JournalRecord, _ entry: HistoryEntry, _ states: inout [[UInt8]]) throws -> Verdict {
        let slot = record.operation == .start ? nil : try slot(record.place, before: entry)
        if record.operation != .start, slot == nil { return .notReplayable("the state that it starts from is not in the journal") }
        let engine: EngineReplica
        let settings: GameSettings
        switch try find(record.engine, record.settings, record.place.game) {
        case .success((let found, let known)): (engine, settings) = (found, known)
        case .failure(let missing): return .notReplayable(missing.text)
        }
        let call = record.call(on: slot, settings: settings)
        var outcome = engine.act(call)
        if let fault = outcome.fault { return .different("the engine failed: \(fault.message)") }
        guard !outcome.steps.isEmpty else { return .different("the engine refused the action") }
        states = outcome.steps.map(\.blob)
        outcome.generation = GenerationNumber(number: record.generation)
        let tellsRounds = record.tellsRounds(as: outcome)
        let result = tellsRounds ? GameSlot(call, outcome) : outcome.withoutRounds(call, before: slot)
        guard record.matches(outcome) else { return .different("states, effects or draws are not those of the entry") }
        // What is not compared above is compared here: the refusal, the versions, the balance.
        let body = JournalBody.call(call, outcome, creditsAfter: call.credits + outcome.steps.reduce(0) { $0 + $1.delta })
        guard body == entry.entry.body else { return .different("the entry would be written otherwise") }
        guard case .set(let stored) = entry.slot, Self.isSame(stored, result, withRound: tellsRounds) else {
            return .different("the state that was stored is another one")
        }
        return .equal
    }

    private static func isSame(_ stored: GameSlot, _ made: GameSlot, withRound: Bool) -> Bool {
        var made = made
        // Of a time before rounds were kept: when one began is not compared.
        if !withRound { (made.openedAt, made.round) = (stored.openedAt, stored.round) }
        return stored == made
    }

    private func replay(_ record: MigrationRecord, _ entry: HistoryEntry, _ states: inout [[UInt8]]) throws -> Verdict {
        guard let slot = try slot(record.place, before: entry) else { return .notReplayable("the state that it starts from is not in the journal") }
        let engine: EngineReplica
        let settings: GameSettings
        switch try find(record.engine, record.settings, record.place.game) {
        case .success((let found, let known)): (engine, settings) = (found, known)
        case .failure(let missing): return .notReplayable(missing.text)
        }
        let result: GameSlot?
        do { result = try engine.migrated(slot, settings: settings) } catch { return .different("the engine failed: \(error.message)") }
        guard let result else { return .different("the engine left the state as it was") }
        states = [result.blob]
        let migrated = MigratedState(
            slot: result, generation: GenerationNumber(number: record.generation), engine: try content(record.engine))
        let body = JournalBody.migration(slot, migrated, settings: settings, now: record.now, credits: record.credits)
        guard body == entry.entry.body else { return .different("the migrated state is not that of the entry") }
        guard entry.slot == .set(result) else { return .different("the state that was stored is another one") }
        return .equal
    }

    private func content(_ id: ContentID?) throws -> EngineContent? {
        guard let id else { return nil }
        return try contents.engine(id)
    }

    private struct Missing: Error { let text: String }

    private func find(_ id: ContentID?, _ name: SettingsName, _ game: String) throws -> Swift.Result<(EngineReplica, GameSettings), Missing> {
        guard let id else { return .failure(Missing(text: "the entry was written before engines were kept")) }
        guard let content = try contents.engine(id) else { return .failure(Missing(text: "the engine \(id) is not in the store")) }
        guard let settings = try contents.settings(name) else { return .failure(Missing(text: "the settings are not in the store")) }
        let key = EngineKey(id: id, game: game)
        if let known = engines[key] { return .success((known, settings)) }
        if engines.count >= Self.enginesMax { close() }
        do {
            let made = try EngineReplica(content, game: game, registry: registry)
            engines[key] = made
            return .success((made, settings))
        } catch {
            return .failure(Missing(text: "the engine does not load: \(error.message)"))
        }
    }
}
