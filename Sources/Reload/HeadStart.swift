import Host

/// Work on a save before it is known to be whole: the units that it concerns are loaded and their specs are run while it is still
/// being waited for that nobody writes any more.
///
///     last change ─▸ 1 ms ─▸ load ─▸ specs
///                 ────────── 15 ms quiet ──────────▸ settled ─▸ take what is the same ─▸ gates ─▸ swap
///
/// Nothing of it counts by itself. A unit that was loaded is taken in place of another load only if every file that it has read, or
/// looked for, is what it was when the save has settled; specs that have passed are not run again because `PassedSpecs` knows the
/// files they have read. The gates examine the candidate as ever. What fails is forgotten without a word: the attempt that
/// counts fails in the same way, and tells. What the scripts log and count is put off until the unit is taken; one that does what
/// cannot be put off (a metric or a book of tokens that the server has not had) is loaded when its turn comes.
///
/// Control loop only.
final class HeadStart {
    /// Units of one save that are loaded ahead: each has its memory twice meanwhile, with one state for a spec. A file of `lib` may concern all there are.
    static let unitsMax = 4
    /// Processor time of the specs of one unit. Nothing else is loaded meanwhile, and the save may turn out to be half of one;
    /// beside longer ones the quiet time is of no account.
    static let specsDeadline = Duration.milliseconds(100)

    private struct Start {
        var number: GenerationNumber
        var attempt: UnitLoader.Attempt
    }

    private let loader: UnitLoader
    private let specs: SpecRunner
    /// What has been read last; nil when nothing has been begun.
    private var snapshot: SourceSnapshot?
    private var starts: [UnitID: Start] = [:]
    /// Loads that have been begun, so that tests see when there is one.
    private(set) var loads = 0

    /// - Parameter specs: Has what need not be run again.
    init(loader: UnitLoader, specs: SpecRunner) {
        self.loader = loader
        var specs = specs
        specs.deadline = Self.specsDeadline
        self.specs = specs
    }

    /// The files as they are now. What this has read before and nobody has written since is not read again.
    ///
    /// - Parameter written: Nil: unknown.
    func snapshot(written: Set<String>?) -> SourceSnapshot {
        guard let written, let snapshot else { return SourceSnapshot() }
        return SourceSnapshot(after: snapshot, written: written)
    }

    /// Loads units that a save concerns, and runs their specs. What was begun before and is the same goes on.
    ///
    /// - Parameters:
    ///   - units: In the order in which they will be loaded, with the limits of what runs.
    ///   - snapshot: From `snapshot(written:)`.
    ///   - next: The number that the next generation will have.
    func begin(_ units: [(source: UnitSource, running: RunningUnit)], _ snapshot: SourceSnapshot, next: UInt64) {
        self.snapshot = snapshot
        let wanted = units.prefix(Self.unitsMax).enumerated().map { (unit: $1, number: GenerationNumber(number: next + UInt64($0))) }
        let kept = starts.filter { id, start in
            wanted.contains { $0.unit.source.id == id && $0.number == start.number } && isSame(start, in: snapshot)
        }
        // Before anything is loaded: nobody's memory is taken three times.
        for (id, start) in starts where kept[id] == nil { start.attempt.generation?.close() }
        starts = kept
        for (unit, number) in wanted where kept[unit.source.id] == nil {
            loads += 1
            let attempt = loader.load(
                unit.source, number: number, snapshot: snapshot, likely: unit.running.settings.limits, isAhead: true)
            guard let generation = attempt.generation else { continue }
            if generation.lacksActs { generation.close() } else { starts[unit.source.id] = Start(number: number, attempt: attempt) }
            _ = specs.run(unit.source, snapshot)
        }
    }

    /// What was loaded ahead, if it is what a load would come to now. The unit is attempted: whatever there was of it is given away.
    ///
    /// - Parameter number: Of the attempt; scripts know their number from the beginning.
    func take(_ unit: UnitID, _ number: GenerationNumber, _ snapshot: SourceSnapshot) -> UnitLoader.Attempt? {
        guard let start = starts.removeValue(forKey: unit) else { return nil }
        guard start.number == number, isSame(start, in: snapshot) else {
            start.attempt.generation?.close()
            return nil
        }
        start.attempt.generation?.doHeldActs()
        return start.attempt
    }

    /// Forgets everything.
    func end() {
        for start in starts.values { start.attempt.generation?.close() }
        starts = [:]
        snapshot = nil
    }

    private func isSame(_ start: Start, in snapshot: SourceSnapshot) -> Bool {
        start.attempt.files.allSatisfy { snapshot.look($0.key, as: $0.value) == $0.value }
    }
}
