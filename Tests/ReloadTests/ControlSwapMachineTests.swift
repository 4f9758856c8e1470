import LuaRuntime
import NightjarTesting
import Testing
@testable import Games
@testable import Host
@testable import HostModules
@testable import Reload

/// The vote on a swap as a value: no Lua, no loops.
@Suite struct ControlSwapMachineTests {
    private static let late = ScriptError(kind: .timeout, code: "vote_timeout", message: "late")
    private static let broken = ScriptError(kind: .runtime, code: "runtime", message: "broken")

    private func machine(_ participants: Int) -> SwapMachine { SwapMachine(participants: participants, timeoutError: Self.late) }

    @Test func oneWorkerStagesAndCommitsWithoutATimer() {
        var machine = machine(1)
        #expect(machine.handle(.reached(0)) == [.stage(0)])
        #expect(machine.handle(.ready(0)) == [.commit(0)])
        #expect(machine.handle(.acted(0)) == [.finish(nil)])
    }

    @Test func allCommitWhenTheLastIsReadyAndTheLastComesFirst() {
        var machine = machine(3)
        for worker in 0..<3 { #expect(machine.handle(.reached(worker)) == [.stage(worker)]) }
        #expect(machine.handle(.ready(2)) == [.startTimer])
        #expect(machine.handle(.ready(0)) == [])
        #expect(machine.handle(.ready(1)) == [.commit(1), .commit(0), .commit(2)])
        #expect(machine.handle(.acted(1)) == [])
        #expect(machine.handle(.acted(2)) == [])
        #expect(machine.handle(.acted(0)) == [.finish(nil)])
    }

    @Test func oneFailureAbortsTheReadyAndDropsTheRest() {
        var machine = machine(4)
        for worker in 0..<3 { _ = machine.handle(.reached(worker)) }
        _ = machine.handle(.ready(0))
        #expect(machine.handle(.failed(1, Self.broken)) == [.abort(0)])
        // This one was staging when it was decided, that one had not begun.
        #expect(machine.handle(.ready(2)) == [.abort(2)])
        #expect(machine.handle(.reached(3)) == [.drop(3)])
        #expect(machine.handle(.acted(0)) == [])
        #expect(machine.handle(.acted(3)) == [])
        #expect(machine.handle(.acted(2)) == [.finish(Self.broken)])
    }

    @Test func theFirstFailureIsTheReason() {
        var machine = machine(2)
        _ = machine.handle(.reached(0))
        _ = machine.handle(.reached(1))
        #expect(machine.handle(.failed(1, Self.broken)) == [])
        #expect(machine.handle(.failed(0, Self.late)) == [.finish(Self.broken)])
    }

    @Test func theTimeBeginsWithTheFirstReadyWorkerAndEndsTheVote() {
        var machine = machine(2)
        _ = machine.handle(.reached(0))
        #expect(machine.handle(.ready(0)) == [.startTimer])
        #expect(machine.handle(.timeout) == [.abort(0)])
        #expect(machine.handle(.acted(0)) == [], "a loop that has not come to it yet is waited for")
        #expect(machine.handle(.reached(1)) == [.drop(1)])
        #expect(machine.handle(.acted(1)) == [.finish(Self.late)])
    }

    @Test func aTimerThatComesAfterTheDecisionChangesNothing() {
        var machine = machine(2)
        for worker in 0..<2 { _ = machine.handle(.reached(worker)) }
        _ = machine.handle(.ready(0))
        #expect(machine.handle(.ready(1)) == [.commit(1), .commit(0)])
        #expect(machine.handle(.timeout) == [])
        _ = machine.handle(.acted(0))
        #expect(machine.handle(.acted(1)) == [.finish(nil)])
        #expect(machine.handle(.timeout) == [])
    }

    /// Any order of events ends with one finish, with everybody committed or nobody, and every worker acted at most once.
    @Test(arguments: 0..<200) func everyOrderEndsWithAllOrNone(_ seed: UInt64) {
        var random = Seeded(seed)
        let participants = Int.random(in: 1...5, using: &random)
        var machine = machine(participants)
        var possible: [SwapMachine.Event] = (0..<participants).map { .reached($0) }
        var commits = 0, others = 0, finished = 0
        var failure: ScriptError?
        while !possible.isEmpty {
            let event = possible.remove(at: Int.random(in: 0..<possible.count, using: &random))
            for action in machine.handle(event) {
                switch action {
                case .stage(let worker):
                    possible.append(Int.random(in: 0..<5, using: &random) == 0 ? .failed(worker, Self.broken) : .ready(worker))
                    if case .failed = possible.last { others += 1 }
                case .startTimer: if Bool.random(using: &random) { possible.append(.timeout) }
                case .commit(let worker):
                    commits += 1
                    possible.append(.acted(worker))
                case .abort(let worker), .drop(let worker):
                    others += 1
                    possible.append(.acted(worker))
                case .finish(let error):
                    finished += 1
                    failure = error
                }
            }
        }
        #expect(finished == 1)
        #expect(failure == nil ? (commits == participants && others == 0) : (commits == 0 && others == participants))
    }
}
