import Testing
@testable import Games
@testable import Host
@testable import HostModules
@testable import Reload

@Suite struct ControlSettleTests {
    static let ms: Int64 = 1_000_000

    @Test func nothingIsHandedOutWithoutAChange() {
        var machine = SettleMachine()
        #expect(machine.poll(at: 0) == .idle)
        #expect(machine.poll(at: 1_000 * Self.ms) == .idle)
    }

    @Test func aSaveIsHandedOutFifteenMillisecondsAfterItsLastEvent() {
        var machine = SettleMachine()
        machine.isWritten("a", at: 0)
        machine.changed("a", at: 10 * Self.ms)
        #expect(machine.poll(at: 24 * Self.ms) == .wait(until: 25 * Self.ms))
        #expect(machine.poll(at: 25 * Self.ms) == .settled(.init(paths: ["a"])))
        #expect(machine.poll(at: 26 * Self.ms) == .idle)
    }

    @Test func workBeginsAMillisecondAfterTheLastEventOfAFewFilesThatAreClosed() {
        var machine = SettleMachine()
        #expect(machine.headStart == nil)
        machine.isWritten("a", at: 0)
        #expect(machine.headStart == nil, "it is being written")
        machine.changed("a", at: 10 * Self.ms)
        #expect(machine.headStart == 11 * Self.ms && machine.paths == ["a"])
        machine.changed("b", at: 12 * Self.ms)
        #expect(machine.headStart == 13 * Self.ms && machine.paths == ["a", "b"])
        machine.found("c", at: 13 * Self.ms)
        #expect(machine.headStart == nil, "nobody tells when it is closed")
        machine.changed("c", at: 14 * Self.ms)
        #expect(machine.headStart == 15 * Self.ms)
        for file in ["d", "e"] { machine.changed(file, at: 15 * Self.ms) }
        #expect(machine.headStart == nil, "it is a checkout or a copy, and rests longer anyway")
        guard case .settled = machine.poll(at: 1_000 * Self.ms) else { return #expect(Bool(false)) }
        #expect(machine.headStart == nil)
        machine.overflowed(at: 2_000 * Self.ms)
        #expect(machine.headStart == nil)
    }

    @Test func aHundredFilesInOneSecondAreOneBatch() {
        var machine = SettleMachine()
        var batches: [SettleMachine.Batch] = []
        for file in 0..<100 {
            let now = Int64(file) * 10 * Self.ms
            if case .settled(let batch) = machine.poll(at: now) { batches.append(batch) }
            machine.changed("file\(file)", at: now)
        }
        if case .settled(let batch) = machine.poll(at: 2_000 * Self.ms) { batches.append(batch) }
        #expect(batches.count == 1)
        #expect(batches.first?.paths.count == 100)
    }

    @Test func aFileThatIsStillOpenHoldsTheBatchBack() {
        var machine = SettleMachine()
        machine.isWritten("a", at: 0)
        #expect(machine.poll(at: 100 * Self.ms) == .wait(until: 500 * Self.ms))
        machine.isWritten("a", at: 400 * Self.ms)
        #expect(machine.poll(at: 600 * Self.ms) == .wait(until: 900 * Self.ms))
        machine.changed("a", at: 610 * Self.ms)
        #expect(machine.poll(at: 640 * Self.ms) == .settled(.init(paths: ["a"])))
    }

    @Test func aFileThatIsNeverClosedIsTakenInTheEnd() {
        var machine = SettleMachine()
        machine.isWritten("a", at: 0)
        #expect(machine.poll(at: 500 * Self.ms) == .settled(.init(paths: ["a"])))
        #expect(machine.poll(at: 501 * Self.ms) == .idle)
    }

    @Test func thePollDoesNotDeclareAnOpenFileComplete() {
        var machine = SettleMachine()
        machine.isWritten("a", at: 0)
        machine.found("a", at: 20 * Self.ms)
        #expect(machine.poll(at: 100 * Self.ms) == .wait(until: 500 * Self.ms))
    }

    @Test func endlessChangesCannotPutABatchOffForEver() {
        var machine = SettleMachine()
        var now: Int64 = 0
        var settled: Int64?
        while settled == nil, now < 10_000 * Self.ms {
            machine.changed("a", at: now)
            if case .settled = machine.poll(at: now) { settled = now }
            now += 20 * Self.ms
        }
        #expect(settled == 3_000 * Self.ms)
    }

    @Test func lostEventsMakeABatchForEverything() {
        var machine = SettleMachine()
        machine.overflowed(at: 0)
        #expect(machine.poll(at: 150 * Self.ms) == .settled(.init(paths: [], isComplete: false)))
    }

    @Test func morePathsThanTheLimitStandForEverything() {
        var machine = SettleMachine()
        for file in 0...SettleMachine.Timing().pathsMax { machine.changed("\(file)", at: 0) }
        guard case .settled(let batch) = machine.poll(at: 200 * Self.ms) else { return #expect(Bool(false)) }
        #expect(!batch.isComplete)
        #expect(batch.paths.count == SettleMachine.Timing().pathsMax)
    }

    @Test(arguments: ["a.lua", "games/g/manifest.json"]) func anEmptyScriptIsWaitedFor(_ path: String) {
        var machine = SettleMachine()
        machine.changed(path, at: 0)
        #expect(machine.poll(at: 30 * Self.ms, bytes: { _ in 0 }) == .wait(until: 1_000 * Self.ms))
        machine.changed(path, at: 400 * Self.ms)
        #expect(machine.poll(at: 430 * Self.ms, bytes: { _ in 12 }) == .settled(.init(paths: [path])))
    }

    @Test func aScriptThatStaysEmptyIsTaken() {
        var machine = SettleMachine()
        machine.changed("a.lua", at: 0)
        #expect(machine.poll(at: 999 * Self.ms, bytes: { _ in 0 }) == .wait(until: 1_000 * Self.ms))
        #expect(machine.poll(at: 1_000 * Self.ms, bytes: { _ in 0 }) == .settled(.init(paths: ["a.lua"])))
        #expect(machine.isIdle)
    }

    @Test func otherFilesMayBeEmptyAndFilesMayBeGone() {
        var machine = SettleMachine()
        machine.changed("data/words.txt", at: 0)
        machine.changed("gone.lua", at: 0)
        #expect(machine.poll(at: 30 * Self.ms, bytes: { $0 == "gone.lua" ? nil : 0 }) == .settled(.init(paths: ["data/words.txt", "gone.lua"])))
    }

    @Test func aFileThatOnlyThePollSeesIsLookedAtUntilItGrowsNoMore() {
        var machine = SettleMachine()
        machine.found("a.lua", at: 0)
        #expect(machine.poll(at: 30 * Self.ms, bytes: { _ in 100 }) == .wait(until: 60 * Self.ms))
        #expect(machine.poll(at: 60 * Self.ms, bytes: { _ in 200 }) == .wait(until: 90 * Self.ms))
        #expect(machine.poll(at: 90 * Self.ms, bytes: { _ in 200 }) == .settled(.init(paths: ["a.lua"])))
    }

    @Test func aFileThatThePollMissesIsNotWaitedFor() {
        var machine = SettleMachine()
        machine.found("gone.lua", at: 0)
        #expect(machine.poll(at: 30 * Self.ms, bytes: { _ in nil }) == .settled(.init(paths: ["gone.lua"])))
    }

    @Test func aFileThatGrowsForEverIsTakenInTheEnd() {
        var machine = SettleMachine()
        machine.found("a.lua", at: 0)
        var now: Int64 = 30 * Self.ms, size: Int64 = 0
        while case .wait(let until) = machine.poll(at: now, bytes: { _ in size }) {
            now = until
            size += 1
        }
        #expect(now == 3_000 * Self.ms)
    }
}
