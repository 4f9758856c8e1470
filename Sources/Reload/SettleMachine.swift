/// Decides when a burst of file changes is over. A value without clock or threads: times are nanoseconds of any clock that
/// never goes back.
struct SettleMachine {
    struct Timing: Sendable {
        /// Quiet time after the last of a few changes. Editors save with two to four operations within a millisecond.
        var quiet: Int64 = 15_000_000
        /// Time after the last of a few changes from which on work on them begins, see ``HeadStart``: what an editor does in one
        /// save is mostly over by then.
        var headStart: Int64 = 1_000_000
        /// A file that the poll found must keep its size for so long: nobody tells when it is closed.
        var sameSize: Int64 = 30_000_000
        /// Quiet time after more than `burstPaths` changes: a checkout or a copy of a folder pauses between its files.
        var burstQuiet: Int64 = 150_000_000
        var burstPaths = 4
        /// A file that is being written counts as done so long after its last change, even if it stays open.
        var openMax: Int64 = 500_000_000
        /// After so long a batch is handed out whatever still goes on, so endless changes cannot put a reload off for ever.
        var latest: Int64 = 3_000_000_000
        /// An empty script or manifest is waited for so long after its last change: nobody means it to be empty, but saving
        /// in two steps leaves one for a moment. After that it is taken as it is, and told as the mistake it is.
        var emptyMax: Int64 = 1_000_000_000
        /// How long the failure of a saved file is held back, see ``HeldFailures``. Together with the settling and a load below
        /// 300 ms after the save.
        var held: Int64 = 150_000_000
        /// Paths that are told apart in one batch; above it the batch stands for everything.
        var pathsMax = 10_000
        /// Paths of a batch whose sizes are looked at before it is handed out; larger batches rest longer anyway.
        var looksMax = 256
    }

    /// What has changed.
    struct Batch: Equatable {
        var paths: Set<String> = []
        /// Changes were lost or too many: look at everything.
        var isComplete = true
    }

    enum Answer: Equatable {
        case idle
        /// Ask again at this time.
        case wait(until: Int64)
        case settled(Batch)
    }

    let timing: Timing
    private var batch = Batch()
    /// Files that are open for writing, with their last change.
    private var writing: [String: Int64] = [:]
    /// Last change of each path of the batch.
    private var times: [String: Int64] = [:]
    /// Files the poll found changed, with the size they had at the last look; they may still grow.
    private var growing: [String: Int64?] = [:]
    private var first: Int64?
    private var last: Int64 = 0

    init(timing: Timing = Timing()) { self.timing = timing }

    /// A path was closed after writing, created, moved or removed.
    mutating func changed(_ path: String, at now: Int64) {
        writing[path] = nil
        growing[path] = nil
        note(path, now)
    }

    /// A file is being written and not closed yet.
    mutating func isWritten(_ path: String, at now: Int64) {
        if writing.count < timing.pathsMax { writing[path] = now }
        note(path, now)
    }

    /// The poll found a path changed; says nothing about whether it is complete.
    mutating func found(_ path: String, at now: Int64) {
        if writing[path] != nil { return }
        if growing.count < timing.looksMax { growing.updateValue(nil, forKey: path) }
        note(path, now)
    }

    /// Changes got lost.
    mutating func overflowed(at now: Int64) {
        batch.isComplete = false
        writing.removeAll()
        touch(now)
    }

    private mutating func note(_ path: String, _ now: Int64) {
        if batch.paths.count < timing.pathsMax {
            batch.paths.insert(path)
            times[path] = now
        } else {
            batch.isComplete = false
        }
        touch(now)
    }

    private mutating func touch(_ now: Int64) {
        if first == nil { first = now }
        last = max(last, now)
    }

    /// Nothing is on its way.
    var isIdle: Bool { first == nil }

    /// Hands the batch out once it is complete.
    ///
    /// - Parameter bytes: The present size of a file; nil if there is none.
    mutating func poll(at now: Int64, bytes: (_ path: String) -> Int64? = { _ in nil }) -> Answer {
        guard let first else { return .idle }
        let latest = first + timing.latest
        var due = last + quiet
        for time in writing.values { due = max(due, time + timing.openMax) }
        if now >= due { due = max(due, look(now, bytes)) }
        due = min(due, latest)
        guard now >= due else { return .wait(until: due) }
        let result = batch
        batch = Batch()
        self.first = nil
        times.removeAll()
        growing.removeAll()
        // A file that stays open is told of again with its next change only.
        writing.removeAll()
        return .settled(result)
    }

    /// From when on it is worth while to begin with what has changed; nil: not before the batch is handed out, since files are still
    /// being written or there are many.
    var headStart: Int64? {
        guard first != nil, writing.isEmpty, growing.isEmpty, batch.isComplete, batch.paths.count <= timing.burstPaths else { return nil }
        return last + timing.headStart
    }

    /// What has changed so far.
    var paths: Set<String> { batch.paths }

    private var quiet: Int64 {
        batch.paths.count > timing.burstPaths || !batch.isComplete ? timing.burstQuiet : timing.quiet
    }

    /// When the batch may be handed out as far as the sizes of its files tell.
    private mutating func look(_ now: Int64, _ bytes: (_ path: String) -> Int64?) -> Int64 {
        guard batch.paths.count <= timing.looksMax else { return now }
        var due = now
        for (path, time) in times {
            let size = bytes(path)
            if size == 0, path.hasSuffix(".lua") || path.hasSuffix(".json") { due = max(due, time + timing.emptyMax) }
            guard let former = growing[path] else { continue }
            if size == nil {
                // What is gone does not grow.
                growing[path] = nil
            } else if let former, former == size {
                growing[path] = nil
            } else {
                growing.updateValue(size, forKey: path)
                due = max(due, now + timing.sameSize)
            }
        }
        return due
    }
}
