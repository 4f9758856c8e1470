import LuaRuntime

/// The vote of the workers on one swap: all swap or none. A value without Lua, loops or a clock; whoever has it tells it what
/// happened and executes what it answers.
///
///     stage ──ready──▸ waits for the others ──all ready──▸ commit ──acted──▸
///       │                    │                                             finish
///       └──failed──▸ ────────┴───one failed, or time is up──▸ abort ──acted──▸
///
/// A worker that is ready holds the unit's inputs until it is told to commit or to abort, so the time of the vote begins with
/// the first one that is ready: before that nobody waits.
struct SwapMachine {
    /// Workers are numbered from 0 in the order of the participants.
    enum Event {
        /// The worker's loop has come to the swap.
        case reached(Int)
        /// It has staged the candidate and holds the unit's inputs.
        case ready(Int)
        /// It could not; its candidate is closed and it holds nothing.
        case failed(Int, ScriptError)
        /// It has committed, aborted or dropped.
        case acted(Int)
        /// The time that `startTimer` asked for is up.
        case timeout
    }

    enum Action: Equatable {
        /// Bring the candidate to the point where it could go live.
        case stage(Int)
        /// Close a candidate that was not staged.
        case drop(Int)
        case startTimer
        case commit(Int)
        case abort(Int)
        /// Everybody has acted; nil: the generation runs.
        case finish(ScriptError?)
    }

    private enum Stage {
        case called, staging, ready, deciding, done
    }

    private enum Decision {
        case open, commits
        case aborts(ScriptError)
    }

    private let timeoutError: ScriptError
    private var stages: [Stage]
    private var decision = Decision.open
    private var hasTimer = false

    init(participants: Int, timeoutError: ScriptError) {
        precondition(participants > 0, "a swap needs a worker")
        stages = Array(repeating: .called, count: participants)
        self.timeoutError = timeoutError
    }

    mutating func handle(_ event: Event) -> [Action] {
        switch event {
        case .reached(let worker):
            move(worker, from: .called)
            guard case .open = decision else {
                stages[worker] = .deciding
                return [.drop(worker)]
            }
            stages[worker] = .staging
            return [.stage(worker)]
        case .ready(let worker):
            move(worker, from: .staging)
            stages[worker] = .ready
            return ready(worker)
        case .failed(let worker, let error):
            move(worker, from: .staging)
            stages[worker] = .done
            return abort(error) + finished()
        case .acted(let worker):
            move(worker, from: .deciding)
            stages[worker] = .done
            return finished()
        case .timeout:
            return abort(timeoutError)
        }
    }

    private mutating func ready(_ worker: Int) -> [Action] {
        guard case .open = decision else {
            stages[worker] = .deciding
            return [.abort(worker)]
        }
        guard stages.allSatisfy({ $0 == .ready }) else {
            if hasTimer { return [] }
            hasTimer = true
            return [.startTimer]
        }
        decision = .commits
        // The one that was ready last is at it already and comes first.
        return decide([worker] + stages.indices.filter { $0 != worker }) { .commit($0) }
    }

    private mutating func abort(_ error: ScriptError) -> [Action] {
        guard case .open = decision else { return [] }
        decision = .aborts(error)
        return decide(stages.indices.filter { stages[$0] == .ready }) { .abort($0) }
    }

    private mutating func decide(_ workers: [Int], _ action: (Int) -> Action) -> [Action] {
        for worker in workers { stages[worker] = .deciding }
        return workers.map(action)
    }

    private func finished() -> [Action] {
        guard stages.allSatisfy({ $0 == .done }) else { return [] }
        if case .aborts(let error) = decision { return [.finish(error)] }
        return [.finish(nil)]
    }

    private func move(_ worker: Int, from stage: Stage) {
        precondition(stages[worker] == stage, "a worker of a swap tells of each step once and in order")
    }
}
