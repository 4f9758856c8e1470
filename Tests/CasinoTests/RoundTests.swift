import Foundation
import Logging
import NightjarTesting
import NIOPosix
import Testing

@testable import Games
@testable import Host
@testable import HostModules
@testable import Reload
@testable import Store

/// When rounds open and end, and what the journal tells of them.
@Suite struct RoundBookTests {
    private static let idle = Array(#"{"name":"idle","data":{},"actions":[]}"#.utf8)

    private func run(_ operation: GameCall.Operation = .action("x", params: []), round: Round? = nil) -> GameRun {
        var call = GameCall(
            game: "g", operation: operation, state: nil, stateVersion: 0, site: "s", settings: GameSettings(json: []), credits: 1_000, now: 7)
        call.round = round
        return GameRun(call)
    }

    private func close(_ run: GameRun) {
        _ = Self.idle.withUnsafeBytes { run.close($0, draws: 0) }
        run.rekey()
    }

    @Test func theFirstMovementOpensARoundThatLastsUntilThePlayerMayLeave() throws {
        let bet = run()
        _ = bet.debit(4, .bet)
        close(bet)
        bet.finish(isFinishable: false)
        let open = try #require(bet.rounds.open)
        #expect(open == Round(id: bet.steps[0].id, startedAt: 7, ops: [LedgerEntry(.bet, -4)]))
        #expect(bet.steps[0].round == open.id && bet.steps[0].outcome == nil && bet.rounds.ended.isEmpty)

        let extra = run(round: open)
        _ = extra.debit(1, .extra)
        close(extra)
        extra.finish(isFinishable: false)
        #expect(extra.rounds.open?.id == open.id && extra.rounds.open?.ops == [LedgerEntry(.bet, -4), LedgerEntry(.extra, -1)])
        #expect(extra.steps[0].round == open.id)

        let end = run(round: extra.rounds.open)
        _ = end.credit(6, .win)
        close(end)
        end.finish(isFinishable: true)
        #expect(end.rounds.open == nil)
        #expect(end.steps[0].round == open.id && end.steps[0].outcome == .settled)
        let ended = try #require(end.rounds.ended.first)
        #expect(ended.outcome == .settled && ended.step == 0)
        #expect(ended.round.ops == [LedgerEntry(.bet, -4), LedgerEntry(.extra, -1), LedgerEntry(.win, 6)])
    }

    @Test func aBetInALaterStepEndsTheRoundBeforeIt() {
        let before = Round(id: .random(), startedAt: 1, ops: [LedgerEntry(.bet, -4)])
        let run = run(round: before)
        _ = run.credit(6, .win)
        close(run)
        _ = run.debit(4, .bet)
        close(run)
        _ = run.debit(4, .bet)
        close(run)
        run.finish(isFinishable: true)
        #expect(run.steps.map(\.round) == [before.id, run.steps[1].id, run.steps[2].id])
        #expect(run.steps.map(\.outcome) == [.settled, .settled, .settled])
        #expect(run.rounds.ended.map(\.round.ops) == [[LedgerEntry(.bet, -4), LedgerEntry(.win, 6)], [LedgerEntry(.bet, -4)], [LedgerEntry(.bet, -4)]])
        #expect(run.rounds.open == nil)
    }

    @Test func whatARefusedStepHasMovedBelongsToNoRound() {
        let before = Round(id: .random(), startedAt: 1, ops: [LedgerEntry(.bet, -4)])
        let run = run(round: before)
        close(run)
        _ = run.debit(900, .bet)
        _ = run.debit(900, .bet)
        #expect(run.refusal != nil)
        run.finish(isFinishable: true)
        #expect(run.rounds.ended == [EndedRound(round: before, outcome: .settled, step: 0)])
        #expect(run.steps[0].outcome == .settled)
    }

    @Test func aBetOnAnOpenRoundWithoutAStepBetweenIsItsSecondStake() {
        let before = Round(id: .random(), startedAt: 1, ops: [LedgerEntry(.bet, -4)])
        let run = run(round: before)
        _ = run.debit(4, .bet)
        close(run)
        run.finish(isFinishable: false)
        #expect(run.rounds.open?.id == before.id && run.rounds.open?.staked == 8)
    }

    @Test func theHouseEndsARoundAsExpired() {
        let run = run(.timeout, round: Round(id: .random(), startedAt: 1))
        close(run)
        run.finish(isFinishable: true)
        #expect(run.steps[0].outcome == .expired)
    }

    @Test func withoutMovementThereIsARoundOnlyWhereThePlayerMayNotLeave() {
        let free = run()
        close(free)
        free.finish(isFinishable: true)
        #expect(free.rounds.open == nil && free.steps[0].round == nil && free.rounds.ended.isEmpty)
        let bound = run()
        close(bound)
        bound.finish(isFinishable: false)
        #expect(bound.rounds.open == Round(id: bound.steps[0].id, startedAt: 7) && bound.steps[0].round == bound.steps[0].id)
    }

    @Test func tooManyKindsAreAFault() {
        let run = run()
        let verdicts = (0..<Round.kindsMax).map { run.debit(1, LedgerKind(rawValue: "k\($0)")!) }
        #expect(verdicts.allSatisfy { $0 == .taken })
        guard case .raise = run.debit(1, .bet) else { Issue.record("taken"); return }
        #expect(run.fault?.code == "too_many_kinds")
    }
}

@Suite struct RoundJournalTests {
    /// Every credit that moves belongs to a round, every round has one beginning and one named end, and the slot has the open one.
    @Test func everyMovementIsInARoundAndEveryRoundEndsOnceByName() async throws {
        try onLoop { loop in
            let clock = ManualClock()
            let home = try HomeFixture(loop, initialCredits: 1_000, clock: clock)
            let session = home.playing()
            var generator = Seeded(11)
            for _ in 0..<300 {
                let action = ["bet", "bet", "extra", "end"].randomElement(using: &generator)!
                home.action(session, action, #"{"amount":\#(Int.random(in: 1...5, using: &generator))}"#)
                _ = home.heard(session)
            }
            home.action(session, "end")
            _ = home.heard(session)
            home.action(session, "bet", #"{"amount":2000}"#)
            home.action(session, "bet", #"{"amount":1}"#)
            _ = home.heard(session)
            home.loop.receive(.detach(UserKey(realm: "demo", user: "u"), session))
            clock.advance(CasinoConfiguration().roundOpenMax + 1)
            _ = home.heard(home.attach("u"))

            var open: StateID?
            var ends: [StateID: RoundOutcome] = [:]
            var moved: Int64 = 0
            for entry in home.journal() {
                guard case .call(let record) = JournalEvent(parsing: entry.body) else { continue }
                var opens = false
                for step in record.steps {
                    if step.round == step.id {
                        #expect(open == nil && ends[step.id] == nil)
                        open = step.id
                        opens = true
                    }
                    #expect(step.round == open)
                    if !step.effects.isEmpty { #expect(step.round != nil) }
                    moved += step.effects.reduce(0) { $0 + $1.amount }
                    guard let outcome = step.outcome else { continue }
                    let former = ends.updateValue(outcome, forKey: try #require(open))
                    #expect(former == nil)
                    open = nil
                }
                #expect(entry.opensRound == opens)
            }
            #expect(open == nil)
            #expect(ends.values.count { $0 == .expired } == 1)
            #expect(ends.count > 50 && Set(ends.values) == [.settled, .expired])
            #expect(home.sums()?.heads == 1_000 + moved)
        }
    }

    @Test func aRoundThatIsLeftBecauseTheEngineWasChangedEndsInTheJournal() throws {
        let id = StateID.random()
        let body = JournalBody.leaving(GameKey(site: "s", game: "g"), op: "finish", state: .random(), ending: id, now: 1, credits: 2)
        #expect(JournalEvent(parsing: body) == .finished(GameKey(site: "s", game: "g"), round: id))
        #expect(String(decoding: body, as: UTF8.self).contains(#""outcome":"settled""#))
        let bare = JournalBody.leaving(GameKey(site: "s", game: "g"), op: "finish", state: .random(), now: 1, credits: 2)
        #expect(JournalEvent(parsing: bare) == .finished(GameKey(site: "s", game: "g"), round: nil))
    }
}

/// A store as the release before rounds has written it (`Fixtures`): the player `open` has a round of joker_bingo under way, the
/// player `broke` has bet more than the balance held, so that the round before was ended and the new one refused.
@Suite(.serialized, .timeLimit(.minutes(2))) struct RoundUpgradeTests {
    /// The time at which it was written.
    private static let written: Int64 = 1_796_058_413_500

    private func unpack(into path: String) throws {
        let packed = URL(fileURLWithPath: #filePath).deletingLastPathComponent().path + "/Fixtures/before-rounds.sqlite.gz"
        try #require(try EndedProcess.run(URL(fileURLWithPath: "/bin/gzip"), ["-dc", packed], output: path).status == 0)
    }

    @Test func aStoreFromBeforeRoundsPlaysOnAndAllOfItCanBeReplayed() async throws {
        let folder = TestFolder()
        let path = folder.path + "/store.sqlite"
        try unpack(into: path)
        let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        let store = try SQLiteStore(path: path, logger: logger)
        var options = ServerOptions.casino()
        let clock = ManualClock(now: Self.written)
        options.clock = clock
        options.folder = folder
        options.store = store
        let server = try await TestServer(options)
        let before = try await server.journal()
        #expect(before.count == 34)

        let open = try server.session("open")
        #expect(open.credits == 976)
        let game = try open.load("joker_bingo")
        #expect(game.gameName == "game" && open.sid == "ee62cb9e-e27e-4913-baf0-ee52e76ce8b3")
        let found = open.sid
        try open.act("extra")
        try open.state()
        try open.act("end")
        #expect(try open.state().gameName == "idle")
        let broke = try server.session("broke")
        #expect(broke.credits == 46)
        #expect(try broke.load("joker_bingo").gameName == "idle")
        try broke.act("bet", #"{"amount":4}"#)
        #expect(try broke.state().gameName == "game")
        clock.advance(25 * 60 * 60 * 1_000)
        _ = try server.session("broke")
        let journal = try await server.journal()
        await server.stop()

        // The round goes by the id of the state in which it was found, and ends like any other.
        let records = journal.dropFirst(34).compactMap { JournalRecord(parsing: $0.body) }
        #expect(records.flatMap(\.steps).prefix(2).map { $0.round?.description } == [found, found])
        #expect(records.flatMap(\.steps).map(\.outcome) == [nil, .settled, nil, .expired])
        await store.close()
        let history = try JournalHistory(path: path)
        let replayer = Replayer(history, registry: HostRegistry(StandardModules(store: MemoryStore()).list() + [EngineModule()]))
        defer { replayer.close() }
        let odd = try journal.map { try replayer.replay(try #require(try history.entry($0.seq))) }.filter { $0.verdict != .equal && $0.verdict != .nothingToRun }
        #expect(odd.isEmpty, "\(odd.map { "\($0.seq): \($0.verdict)" })")
        #expect(try SQLiteStore.verify(path: path).isSound)
    }
}
