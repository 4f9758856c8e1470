public import Store

/// Finds rounds in the journal, archives included. Blocks, like the ``Store/JournalHistory`` that it reads.
///
/// Rounds that were played before rounds were kept are in the journal as steps without a name; they are not found.
public struct RoundHistory {
    /// Most rounds of one answer: what a player, or who answers him, looks through.
    public static let roundsMax = 100

    private let history: JournalHistory

    public init(_ history: JournalHistory) { self.history = history }

    /// The account's last rounds that the filter takes, newest first.
    ///
    /// - Parameter limit: 1…``roundsMax``.
    public func rounds(of account: AccountKey, limit: Int, where filter: RoundFilter = RoundFilter()) throws -> [PlayedRound] {
        var found: [PlayedRound] = []
        var parts = Parts()
        try history.backwards(from: try history.lastSeq(of: account)) { entry in
            for round in parts.addBackwards(entry) where filter.takes(round) && found.count < limit { found.append(round) }
            return found.count < limit
        }
        // Those whose beginning is not in the journal.
        for round in parts.rest() where filter.takes(round) && found.count < limit { found.append(round) }
        return found
    }

    /// The last rounds of all players that the filter takes, newest first: by their last step, for players play at the same time. Reads the
    /// whole journal.
    ///
    /// - Parameters:
    ///   - limit: 1…``roundsMax``.
    ///   - progress: Told the entry that was read last, now and then.
    public func rounds(limit: Int, where filter: RoundFilter, progress: (Int64) -> Void = { _ in }) throws -> [PlayedRound] {
        var found: [PlayedRound] = []
        var parts = Parts()
        try history.forEach { entry in
            if entry.entry.seq % 1_024 == 0 { progress(entry.entry.seq) }
            for round in parts.add(entry) where filter.takes(round) {
                // Twice as many, so that the oldest are seldom taken off.
                if found.count >= 2 * limit { found.removeFirst(limit) }
                found.append(round)
            }
            return true
        }
        // Of one entry that ends a round and begins another one the later step counts.
        let all = (found + parts.rest().reversed().filter { filter.takes($0) }).enumerated().map { (seq: $1.steps.last?.seq ?? 0, place: $0, round: $1) }
        return all.sorted { ($0.seq, $0.place) > ($1.seq, $1.place) }.prefix(limit).map(\.round)
    }

    /// The round that has this id, or a state with it; nil if there is none.
    ///
    /// - Parameter progress: Told the entry that was read last, now and then, if the whole journal has to be read.
    public func round(_ id: StateID, progress: (Int64) -> Void = { _ in }) throws -> PlayedRound? {
        guard let found = try step(id, progress), let round = found.step.round else { return nil }
        var result: PlayedRound?
        var parts = Parts()
        try history.backwards(from: try history.lastSeq(of: found.account)) { entry in
            result = parts.addBackwards(entry).first { $0.id == round }
            return result == nil
        }
        return result ?? parts.rest().first { $0.id == round }
    }

    /// The entry that made the state with this id, or in whose round it is; nil if there is none.
    public func entry(_ id: StateID, progress: (Int64) -> Void = { _ in }) throws -> Int64? { try step(id, progress)?.step.seq }

    private func step(_ id: StateID, _ progress: (Int64) -> Void) throws -> (account: AccountKey, step: PlayedStep)? {
        func look(_ entry: HistoryEntry) -> (account: AccountKey, step: PlayedStep)? {
            JournalSteps(entry)?.steps.first { $0.id == id || $0.round == id }.map { (entry.entry.account, $0) }
        }
        // Most ids are those of a last step, which are found by the row.
        if let seq = try history.seq(ofTransition: id), let entry = try history.entry(seq), let found = look(entry) { return found }
        let text = Array(id.description.utf8)
        var found: (account: AccountKey, step: PlayedStep)?
        try history.forEach { entry in
            if entry.entry.seq % 1_024 == 0 { progress(entry.entry.seq) }
            if entry.entry.body.firstRange(of: text) != nil { found = look(entry) }
            return found == nil
        }
        return found
    }
}

/// Rounds that are put together from the steps of entries in order, or in reverse order.
private struct Parts {
    private struct Part {
        let account: AccountKey
        let place: GameKey
        var steps: [PlayedStep]
    }

    private var parts: [StateID: Part] = [:]

    /// - Returns: The rounds that ended with this entry.
    mutating func add(_ entry: HistoryEntry) -> [PlayedRound] { take(entry, isBackwards: false) { step, _ in step.outcome != nil } }

    /// - Returns: The rounds that began with this entry, the later one first.
    mutating func addBackwards(_ entry: HistoryEntry) -> [PlayedRound] { take(entry, isBackwards: true) { step, round in step.id == round } }

    private mutating func take(_ entry: HistoryEntry, isBackwards: Bool, _ isLast: (PlayedStep, StateID) -> Bool) -> [PlayedRound] {
        guard let read = JournalSteps(entry) else { return [] }
        var rounds: [PlayedRound] = []
        for step in isBackwards ? read.steps.reversed() : read.steps {
            guard let id = step.round else { continue }
            parts[id, default: Part(account: entry.entry.account, place: read.place, steps: [])].steps.append(step)
            guard isLast(step, id), let part = parts.removeValue(forKey: id) else { continue }
            rounds.append(Self.round(id, part, isBackwards: isBackwards))
        }
        return rounds
    }

    /// Those that are not complete, the later ones first.
    func rest() -> [PlayedRound] {
        parts.map { id, part in Self.round(id, part, isBackwards: part.steps.count > 1 && part.steps[0].seq > part.steps[part.steps.count - 1].seq) }
            .sorted { ($0.steps.last?.seq ?? 0) > ($1.steps.last?.seq ?? 0) }
    }

    private static func round(_ id: StateID, _ part: Part, isBackwards: Bool) -> PlayedRound {
        PlayedRound(id: id, account: part.account, place: part.place, steps: isBackwards ? part.steps.reversed() : part.steps)
    }
}
