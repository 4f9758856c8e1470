import Host
import LuaRuntime
import NIOCore
import Synchronization

/// A loaded candidate, ready to be swapped in on all the workers that are to run it.
///
/// @unchecked Sendable: the instances belong to nobody while they are handed from the control loop to their workers; each is
/// touched only by the worker it is paired with, after `execute`.
struct PreparedUnit: @unchecked Sendable {
    var source: UnitSource
    var generation: GenerationNumber
    var settings: UnitSettings
    var manifest: RouteManifest
    /// One instance per worker.
    var participants: [(worker: WorkerHandle, instance: Generation)]
}

/// The vote of the workers on one swap: all swap or none. Any thread.
///
/// A worker that is ready waits, with its messages held, until every other one is; the first failure or the end of the time
/// drops the candidate everywhere.
private final class SwapVote: Sendable {
    private struct State {
        var missing: Int
        var failure: ScriptError?
        var isDecided = false
        /// What ready workers do once it is decided.
        var followers: [@Sendable (_ commits: Bool) -> Void] = []
        /// Told the decision, and then that every worker has acted.
        var whenDecided: CheckedContinuation<Void, Never>?
    }

    private let state: Mutex<State>

    init(participants: Int) { state = Mutex(State(missing: participants)) }

    var isOpen: Bool { state.withLock { !$0.isDecided } }

    /// A worker is ready. `follow` runs on the thread that decides and must hop.
    func agree(_ follow: @escaping @Sendable (_ commits: Bool) -> Void) {
        let run: [@Sendable (Bool) -> Void]? = state.withLock { state in
            guard !state.isDecided else { return [] }
            state.followers.append(follow)
            state.missing -= 1
            guard state.missing == 0 else { return nil }
            state.isDecided = true
            defer { state.followers = [] }
            return state.followers
        }
        guard let run else { return }
        // An empty list: the others gave up before.
        if run.isEmpty { return follow(false) }
        for follow in run { follow(true) }
        finish()
    }

    func fail(_ error: ScriptError) {
        let run: [@Sendable (Bool) -> Void]? = state.withLock { state in
            guard !state.isDecided else { return nil }
            state.isDecided = true
            state.failure = error
            defer { state.followers = [] }
            return state.followers
        }
        guard let run else { return }
        for follow in run { follow(false) }
        finish()
    }

    private func finish() {
        let waiter = state.withLock { state in
            defer { state.whenDecided = nil }
            return state.whenDecided
        }
        waiter?.resume()
    }

    func decision() async -> ScriptError? {
        await withCheckedContinuation { continuation in
            let isDecided = state.withLock { state in
                if !state.isDecided { state.whenDecided = continuation }
                return state.isDecided
            }
            if isDecided { continuation.resume() }
        }
        return state.withLock { $0.failure }
    }
}

enum UnitSwap {
    /// Swaps a candidate in on all its workers, or on none.
    ///
    /// - Parameters:
    ///   - timer: Ends the vote after `voteMilliseconds`.
    /// - Returns: Why not, or nil.
    static func run(_ unit: PreparedUnit, timer: any EventLoop, voteMilliseconds: Int64) async -> ScriptError? {
        if unit.participants.count == 1, let (worker, instance) = unit.participants.first {
            return await single(worker, Handover(instance))
        }
        let vote = SwapVote(participants: unit.participants.count)
        let done = Countdown(unit.participants.count)
        let limit = timer.scheduleTask(in: .milliseconds(voteMilliseconds)) {
            vote.fail(ScriptError(
                kind: .timeout, code: "vote_timeout", message: "not all workers were ready within \(voteMilliseconds) ms; nothing was changed"))
        }
        for (worker, instance) in unit.participants { stage(worker, Handover(instance), vote, done) }
        let failure = await vote.decision()
        limit.cancel()
        // Routes may change only when every worker has acted on the decision.
        await done.wait()
        return failure
    }

    /// One worker: stage and commit in one turn of its loop.
    private static func single(_ worker: WorkerHandle, _ candidate: Handover<Generation>) async -> ScriptError? {
        await withCheckedContinuation { continuation in
            worker.execute { worker in
                switch StagedSwap.stage(candidate.value, on: worker) {
                case .success(let staged):
                    staged.commit()
                    continuation.resume(returning: nil)
                case .failure(let error):
                    continuation.resume(returning: error)
                }
            }
        }
    }

    private static func stage(
        _ handle: WorkerHandle, _ candidate: Handover<Generation>, _ vote: SwapVote, _ done: Countdown
    ) {
        handle.execute { worker in
            guard vote.isOpen else {
                candidate.value.state.adopt()
                candidate.value.close()
                return done.tick()
            }
            switch StagedSwap.stage(candidate.value, on: worker) {
            case .success(let staged):
                let staged = Handover(staged)
                vote.agree { commits in
                    handle.execute { _ in
                        if commits { staged.value.commit() } else { staged.value.abort() }
                        done.tick()
                    }
                }
            case .failure(let error):
                vote.fail(error)
                done.tick()
            }
        }
    }
}

/// Lets one task wait until something has happened so many times. Any thread.
final class Countdown: Sendable {
    private let state: Mutex<(left: Int, waiter: CheckedContinuation<Void, Never>?)>

    init(_ count: Int) { state = Mutex((count, nil)) }

    func tick() {
        let waiter = state.withLock { state -> CheckedContinuation<Void, Never>? in
            state.left -= 1
            guard state.left <= 0 else { return nil }
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume()
    }

    func wait() async {
        await withCheckedContinuation { continuation in
            let isOver = state.withLock { state in
                if state.left > 0 { state.waiter = continuation }
                return state.left <= 0
            }
            if isOver { continuation.resume() }
        }
    }
}
