import Bytes
import Synchronization
import Host
import LuaRuntime
import NIOCore

/// Executes the steps of one swap: all of the candidate's workers swap, or none. Any thread.
final class UnitSwap: Sendable {
    private let unit: PreparedUnit
    private let timer: any EventLoop
    private let voteMilliseconds: Int64
    private let machine: Lock<SwapMachine>
    private let limit = Lock<Scheduled<Void>?>(nil)
    private let outcome = Outcome()

    private init(_ unit: PreparedUnit, timer: any EventLoop, voteMilliseconds: Int64) {
        self.unit = unit
        self.timer = timer
        self.voteMilliseconds = voteMilliseconds
        let timeout = ScriptError(
            kind: .timeout, code: "vote_timeout",
            message: "not all workers were ready within \(voteMilliseconds) ms; nothing was changed")
        machine = Lock(SwapMachine(participants: unit.participants.count, timeoutError: timeout))
    }

    /// Swaps a candidate in on all its workers, or on none. The candidate is given away.
    ///
    /// - Parameters:
    ///   - timer: Ends the vote.
    ///   - voteMilliseconds: How long a worker that is ready may wait for the others.
    /// - Returns: Why not, or nil, once every worker has acted.
    static func run(_ unit: PreparedUnit, timer: any EventLoop, voteMilliseconds: Int64) async -> ScriptError? {
        let swap = UnitSwap(unit, timer: timer, voteMilliseconds: voteMilliseconds)
        for (index, participant) in unit.participants.enumerated() {
            participant.worker.execute { worker in swap.tell(.reached(index), on: worker) }
        }
        return await swap.outcome.wait()
    }

    /// - Parameter worker: The one whose loop this is; nil elsewhere.
    private func tell(_ event: SwapMachine.Event, on worker: Worker?) {
        for action in machine.withLock({ $0.handle(event) }) { execute(action, worker) }
    }

    private func execute(_ action: SwapMachine.Action, _ worker: Worker?) {
        switch action {
        case .stage(let index):
            on(index, worker) { worker in
                switch StagedSwap.stage(self.unit.participants[index].generation, on: worker) {
                case .success(let staged):
                    worker.eventLoop.assumeIsolated().scheduleTask(in: Self.pause) { self.complete(staged, index, worker) }
                case .failure(let error): self.tell(.failed(index, error), on: worker)
                }
            }
        case .drop(let index):
            on(index, worker) { worker in
                let generation = self.unit.participants[index].generation
                generation.state.adopt()
                generation.close()
                self.tell(.acted(index), on: worker)
            }
        case .commit(let index): act(index, worker) { $0.commit() }
        case .abort(let index): act(index, worker) { $0.abort() }
        case .startTimer:
            let task = timer.scheduleTask(in: .milliseconds(voteMilliseconds)) { self.tell(.timeout, on: nil) }
            limit.withLock { $0 = task }
        case .finish(let error):
            limit.withLock { $0 }?.cancel()
            outcome.set(error)
        }
    }

    /// Long enough for the loop to look after its sockets: a task that is due already would run before.
    private static let pause = TimeAmount.microseconds(20)

    private func complete(_ staged: StagedSwap, _ index: Int, _ worker: Worker) {
        do throws(ScriptError) { try staged.complete() } catch { return tell(.failed(index, error), on: worker) }
        self.staged.withLock { $0[index] = Handover(staged) }
        tell(.ready(index), on: worker)
    }

    /// What each worker has staged, until it has acted.
    private let staged = Lock<[Int: Handover<StagedSwap>]>([:])

    private func act(_ index: Int, _ worker: Worker?, _ body: @escaping @Sendable (StagedSwap) -> Void) {
        on(index, worker) { worker in
            guard let staged = self.staged.withLock({ $0.removeValue(forKey: index) }) else {
                preconditionFailure("a worker acts on what it has staged")
            }
            body(staged.value)
            self.tell(.acted(index), on: worker)
        }
    }

    /// Runs `body` on the participant's loop: at once if this is it.
    private func on(_ index: Int, _ here: Worker?, _ body: @escaping @Sendable (Worker) -> Void) {
        let handle = unit.participants[index].worker
        if let here, here.index == handle.index { body(here) } else { handle.execute(body) }
    }
}

/// A result that one task waits for. Any thread.
private final class Outcome: Sendable {
    private struct State {
        var result: ScriptError??
        var waiter: CheckedContinuation<ScriptError?, Never>?
    }

    private let state = Lock(State())

    func set(_ result: ScriptError?) {
        let waiter = state.withLock { state in
            state.result = .some(result)
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume(returning: result)
    }

    func wait() async -> ScriptError? {
        await withCheckedContinuation { continuation in
            let known: ScriptError?? = state.withLock { state in
                if state.result == nil { state.waiter = continuation }
                return state.result
            }
            if let known { continuation.resume(returning: known) }
        }
    }
}
