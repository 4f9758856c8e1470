package import Host
public import Store

/// Runs the journal again: every call of an engine and every migration, in the engine and with the settings of its time, and
/// compares what comes out with what was written, byte for byte.
///
///     journal ──► JournalContents (engines, settings by name) ──► Replayer ──► one verdict an entry
///
/// An engine depends on nothing but its arguments, and the journal has all of them: the state follows from the entries before,
/// parameters, time, balance and the keys of the random numbers stand in the entry itself. So a round can be looked into years
/// later and on another machine. Any thread, but not on an event loop: it runs scripts for as long as they take.
public struct Replayer {
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

    private let contents: JournalContents
    private let registry: HostRegistry
    /// Where each game of each account has come to.
    private var slots: [Place: GameSlot] = [:]

    /// - Parameter registry: What engines find, as on the server that played.
    package init(_ contents: JournalContents, registry: HostRegistry) {
        self.contents = contents
        self.registry = registry
    }

    /// Replays entries in the order of the journal. Further ones may follow in another call.
    public mutating func replay(_ entries: [JournalEntry]) -> [Result] {
        var engines: [EngineKey: EngineReplica] = [:]
        defer { for engine in engines.values { engine.close() } }
        return entries.map { entry in
            var states: [[UInt8]] = []
            let verdict = replay(entry, &engines, &states)
            return Result(seq: entry.seq, verdict: verdict, states: states)
        }
    }

    private mutating func replay(
        _ entry: JournalEntry, _ engines: inout [EngineKey: EngineReplica], _ states: inout [[UInt8]]
    ) -> Verdict {
        switch JournalEvent(parsing: entry.body) {
        case .call(let record):
            let place = Place(account: entry.account, game: record.place)
            let verdict = replay(record, entry, place, &engines, &states)
            if verdict != .equal { slots[place] = nil }  // what follows would start from another state
            return verdict
        case .migration(let record):
            let place = Place(account: entry.account, game: record.place)
            let verdict = replay(record, entry, place, &engines, &states)
            if verdict != .equal { slots[place] = nil }
            return verdict
        case .finished(let game):
            slots[Place(account: entry.account, game: game)] = nil
            return .nothingToRun
        case .resumed: return .nothingToRun
        case nil:
            return entry.kind == .opening || entry.kind == .adjustment ? .nothingToRun : .notReplayable("the entry cannot be read")
        }
    }

    private mutating func replay(
        _ record: JournalRecord, _ entry: JournalEntry, _ place: Place, _ engines: inout [EngineKey: EngineReplica],
        _ states: inout [[UInt8]]
    ) -> Verdict {
        let slot = slots[place]
        if record.operation != .start, slot == nil { return .notReplayable("the state that it starts from is not known") }
        let engine: EngineReplica
        let settings: GameSettings
        switch find(record.engine, record.settings, record.place.game, &engines) {
        case .success((let found, let known)): (engine, settings) = (found, known)
        case .failure(let missing): return .notReplayable(missing.text)
        }
        let call = record.call(state: record.operation == .start ? nil : slot?.blob, settings: settings)
        var outcome = engine.act(call)
        if let fault = outcome.fault { return .different("the engine failed: \(fault.message)") }
        guard let last = outcome.steps.last else { return .different("the engine refused the action") }
        states = outcome.steps.map(\.blob)
        outcome.generation = GenerationNumber(number: record.generation)
        slots[place] = GameSlot(
            key: place.game, id: last.id, engineVersion: outcome.engineVersion, openedAt: slot?.openedAt ?? 0, blob: last.blob)
        guard record.matches(outcome) else { return .different("states, effects or draws are not those of the entry") }
        // What is not compared above is compared here: the refusal, the versions, the balance.
        let body = JournalBody.call(call, outcome, creditsAfter: call.credits + outcome.steps.reduce(0) { $0 + $1.delta })
        return body == entry.body ? .equal : .different("the entry would be written otherwise")
    }

    private mutating func replay(
        _ record: MigrationRecord, _ entry: JournalEntry, _ place: Place, _ engines: inout [EngineKey: EngineReplica],
        _ states: inout [[UInt8]]
    ) -> Verdict {
        guard let slot = slots[place] else { return .notReplayable("the state that it starts from is not known") }
        let engine: EngineReplica
        let settings: GameSettings
        switch find(record.engine, record.settings, record.place.game, &engines) {
        case .success((let found, let known)): (engine, settings) = (found, known)
        case .failure(let missing): return .notReplayable(missing.text)
        }
        let result: GameSlot?
        do { result = try engine.migrated(slot, settings: settings) } catch { return .different("the engine failed: \(error.message)") }
        guard let result else { return .different("the engine left the state as it was") }
        states = [result.blob]
        slots[place] = result
        let migrated = MigratedState(
            slot: result, generation: GenerationNumber(number: record.generation), engine: record.engine.flatMap { contents.engines[$0] })
        let body = JournalBody.migration(slot, migrated, settings: settings, now: record.now, credits: record.credits)
        return body == entry.body ? .equal : .different("the migrated state is not that of the entry")
    }

    private struct Missing: Error { let text: String }

    private func find(
        _ id: ContentID?, _ name: SettingsName, _ game: String, _ engines: inout [EngineKey: EngineReplica]
    ) -> Swift.Result<(EngineReplica, GameSettings), Missing> {
        guard let id else { return .failure(Missing(text: "the entry was written before engines were kept")) }
        guard let content = contents.engines[id] else { return .failure(Missing(text: "the engine \(id) is not in the store")) }
        guard let settings = contents.settings(name) else { return .failure(Missing(text: "the settings are not in the store")) }
        let key = EngineKey(id: id, game: game)
        if let known = engines[key] { return .success((known, settings)) }
        do {
            let made = try EngineReplica(content, game: game, registry: registry)
            engines[key] = made
            return .success((made, settings))
        } catch {
            return .failure(Missing(text: "the engine does not load: \(error.message)"))
        }
    }
}
