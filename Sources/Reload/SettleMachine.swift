/// Decides when a burst of file changes is over. A value without clock or threads: times are nanoseconds of any clock that
/// never goes back.
struct SettleMachine {
    struct Timing: Sendable {
        /// Quiet time after the last of a few changes. Editors save with two to four operations within a millisecond.
        var quiet: Int64 = 30_000_000
        /// Quiet time after more than `burstPaths` changes: a checkout or a copy of a folder pauses between its files.
        var burstQuiet: Int64 = 150_000_000
        var burstPaths = 4
        /// A file that is being written counts as done so long after its last change, even if it stays open.
        var openMax: Int64 = 500_000_000
        /// After so long a batch is handed out whatever still goes on, so endless changes cannot put a reload off for ever.
        var latest: Int64 = 3_000_000_000
        /// Paths that are told apart in one batch; above it the batch stands for everything.
        var pathsMax = 10_000
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
    private var first: Int64?
    private var last: Int64 = 0

    init(timing: Timing = Timing()) { self.timing = timing }

    /// A path was closed after writing, created, moved or removed.
    mutating func changed(_ path: String, at now: Int64) {
        writing[path] = nil
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
        note(path, now)
    }

    /// Changes got lost.
    mutating func overflowed(at now: Int64) {
        batch.isComplete = false
        writing.removeAll()
        touch(now)
    }

    private mutating func note(_ path: String, _ now: Int64) {
        if batch.paths.count < timing.pathsMax { batch.paths.insert(path) } else { batch.isComplete = false }
        touch(now)
    }

    private mutating func touch(_ now: Int64) {
        if first == nil { first = now }
        last = max(last, now)
    }

    /// Hands the batch out once it is complete.
    mutating func poll(at now: Int64) -> Answer {
        guard let first else { return .idle }
        let isBurst = batch.paths.count > timing.burstPaths || !batch.isComplete
        var due = last + (isBurst ? timing.burstQuiet : timing.quiet)
        for time in writing.values { due = max(due, time + timing.openMax) }
        due = min(due, first + timing.latest)
        guard now >= due else { return .wait(until: due) }
        let result = batch
        batch = Batch()
        self.first = nil
        // A file that stays open is told of again with its next change only.
        writing.removeAll()
        return .settled(result)
    }
}
