import Foundation
import NightjarTesting
import NIOCore
import NIOEmbedded
import Transport
@testable import Games
@testable import Host
@testable import Store
import Testing

/// Rounds that nobody finishes are ended by the house, wherever their players are.
@Suite struct UnfinishedRoundTests {
    private let open = CasinoConfiguration().roundOpenMax

    /// What the journal's last round came to.
    private func lastEnd(_ home: HomeFixture) -> (outcome: RoundOutcome?, effects: [LedgerEntry], kind: TransitionKind)? {
        for entry in home.journal().reversed() {
            guard case .call(let record) = JournalEvent(parsing: entry.body), let step = record.steps.last(where: { $0.outcome != nil }) else { continue }
            return (step.outcome, step.effects, entry.kind)
        }
        return nil
    }

    private func bet(_ home: HomeFixture) -> ConnectionID {
        let session = home.playing()
        home.action(session, "bet", #"{"amount":4}"#)
        _ = home.heard(session)
        home.action(session, "extra")
        _ = home.heard(session)
        return session
    }

    @Test func theRoundOfAPlayerWhoIsAwayIsEndedAndPaidAfterADayAlsoByAServerThatWasStartedSince() async throws {
        try onLoop { loop in
            let clock = ManualClock()
            // A server whose loop never turns again.
            let former = EmbeddedEventLoop()
            let first = try HomeFixture(former, clock: clock)
            _ = bet(first)
            clock.advance(open + 1)
            // And one that has never heard of the player.
            let second = try HomeFixture(loop, otherStore: first.store, clock: clock)
            (loop as! EmbeddedEventLoop).advanceTime(by: .seconds(10))
            second.settle()
            let end = try #require(lastEnd(second))
            #expect(end.outcome == .expired && end.effects == [LedgerEntry(.win, 2)] && end.kind == .settlement)
            #expect(second.sums()?.heads == 7)
            let entries = second.journal().count
            (loop as! EmbeddedEventLoop).advanceTime(by: .hours(2))
            second.settle()
            #expect(second.journal().count == entries, "a round ends once")
            #expect(second.loop.pendingTasks == 0)
        }
    }

    @Test func aRoundIsLeftAloneForADayAndEndedAtTheNextLook() async throws {
        try onLoop { loop in
            let clock = ManualClock()
            let home = try HomeFixture(loop, clock: clock)
            let session = bet(home)
            clock.advance(open)
            (loop as! EmbeddedEventLoop).advanceTime(by: .seconds(10))
            #expect(home.heard(session).isEmpty)
            clock.advance(1)
            (loop as! EmbeddedEventLoop).advanceTime(by: CasinoConfiguration().roundSweepInterval)
            #expect(home.heard(session) == ["state idle 7"])
            #expect(lastEnd(home)?.outcome == .expired)
        }
    }

    /// A win that is paid here and not owed to the operator, because nobody had said yet that it should be, would be lost.
    @Test func noRoundIsEndedBeforeItIsKnownWhereCreditsAre() async throws {
        try onLoop { loop in
            let clock = ManualClock(), wallets = WalletDirectory()
            let home = try HomeFixture(loop, clock: clock, wallets: wallets)
            let session = bet(home)
            clock.advance(open + 1)
            for _ in 0..<3 {
                (loop as! EmbeddedEventLoop).advanceTime(by: .seconds(10))
                #expect(home.heard(session).isEmpty)
            }
            #expect(wallets.replace(Array(#"{"demo":"stored"}"#.utf8)))
            (loop as! EmbeddedEventLoop).advanceTime(by: .seconds(10))
            #expect(home.heard(session) == ["state idle 7"])
        }
    }

    @Test func whereTheManifestSaysSoItIsVoidedAndTheStakesAreGivenBack() async throws {
        try onLoop { loop in
            let clock = ManualClock()
            let home = try HomeFixture(loop, clock: clock, unfinished: "void")
            let session = bet(home)
            clock.advance(open + 1)
            (loop as! EmbeddedEventLoop).advanceTime(by: .seconds(10))
            #expect(home.heard(session) == ["state idle 10"])
            let end = try #require(lastEnd(home))
            #expect(end.outcome == .voided && end.effects == [LedgerEntry(.refund, 5)] && end.kind == .settlement)
            home.action(session, "bet", #"{"amount":4}"#)
            #expect(home.heard(session) == ["state game 6"])
        }
    }

    @Test func ofARoundThatHasPaidOnlyTheRestIsGivenBack() {
        func refund(_ ops: [LedgerEntry]) -> [LedgerEntry] {
            var call = GameCall(
                game: "g", operation: .void, state: nil, stateVersion: 0, site: "s", settings: GameSettings(json: []), credits: 0, now: 7)
            call.round = Round(id: .random(), startedAt: 1, ops: ops)
            var run = GameRun(call)
            // What begins anew may not move credits.
            if case .raise = run.credit(1, .win) {} else { Issue.record("taken") }
            run = GameRun(call)
            _ = Array(#"{"name":"idle","data":{},"actions":[]}"#.utf8).withUnsafeBytes { run.close($0, draws: 0) }
            run.finish(isFinishable: true)
            #expect(run.rounds.open == nil && run.steps[0].outcome == .voided)
            return run.steps[0].effects
        }
        #expect(refund([LedgerEntry(.bet, -10), LedgerEntry(.win, 4)]) == [LedgerEntry(.refund, 6)])
        #expect(refund([LedgerEntry(.bet, -10), LedgerEntry(.win, 14)]) == [])
        #expect(refund([]) == [])
    }

    @Test func everyAccountThatTheStoreNamesIsLookedAt() async throws {
        try onLoop { loop in
            let clock = ManualClock()
            let home = try HomeFixture(loop, clock: clock)
            for n in 0..<5 {
                let id = home.attach("user \(n)")
                home.command(id, .load(game: "toss_up"), user: "user \(n)")
                _ = home.heard(id)
                home.action(id, "bet", #"{"amount":4}"#, user: "user \(n)")
                home.loop.receive(.detach(UserKey(realm: "demo", user: "user \(n)"), id))
            }
            clock.advance(open + 1)
            (loop as! EmbeddedEventLoop).advanceTime(by: .seconds(10))
            home.settle()
            #expect(home.journal().count { $0.kind == .settlement } == 5)
            #expect(home.sums()?.heads == Int64(40))
        }
    }

    /// A look that fails is made up for by the next one.
    @Test func aStoreThatDoesNotAnswerIsAskedAgain() async throws {
        try onLoop { loop in
            let clock = ManualClock()
            let home = try HomeFixture(loop, clock: clock)
            let session = bet(home)
            clock.advance(open + 1)
            home.faults.fail(.call, at: 1)
            (loop as! EmbeddedEventLoop).advanceTime(by: .seconds(10))
            #expect(home.heard(session).isEmpty)
            home.faults.clear()
            (loop as! EmbeddedEventLoop).advanceTime(by: CasinoConfiguration().roundSweepInterval)
            #expect(home.heard(session) == ["state idle 7"])
        }
    }
}

/// The same with engines in Lua, over sockets.
@Suite(.serialized, .timeLimit(.minutes(1))) struct UnfinishedEngineTests {
    private func engine(_ rest: String) -> String {
        """
        local M = { version = 1, actions = {} }
        function M.init() return { name = "idle", data = {}, actions = { "bet" } } end
        function M.actions.bet(_, _, ctx)
          ctx:debit(5)
          return { name = "open", data = {}, private = { secret = 7 }, actions = { "bet" } }
        end
        function M.can_finish(state) return state.name == "idle" end
        \(rest)
        return M
        """
    }

    private struct End: Equatable {
        let credits: Int
        let outcome: RoundOutcome?
    }

    private func end(_ engine: String, manifest: String = #"{"id":"probe"}"#) async throws -> End {
        var options = ServerOptions.casino()
        options.workers = 1
        options.files["games/probe/manifest.json"] = manifest
        options.files["games/probe/engine.lua"] = engine
        options.files["Scripts/casino/sites/probe.json"] = #"{"id":"probe","initial_credits":100,"games":{"probe":{}}}"#
        let clock = ManualClock()
        options.clock = clock
        let server = try await TestServer(options)
        let player = try server.session("u", site: "probe")
        _ = try player.load("probe")
        try player.act("bet")
        try player.state()
        clock.advance(25 * 60 * 60 * 1_000)
        let late = try server.session("u", site: "probe")
        let records = try await server.journal().compactMap { JournalRecord(parsing: $0.body) }
        await server.stop()
        return End(credits: late.credits, outcome: records.last?.steps.last?.outcome)
    }

    @Test func theEngineEndsItOrTheHouseVoidsIt() async throws {
        let paid = try await end(engine("function M.timeout(state, ctx) ctx:credit(state.private.secret) return M.init() end"))
        #expect(paid == End(credits: 102, outcome: .expired))
        // An engine that has no end for its rounds.
        let endless = try await end(engine(""))
        #expect(endless == End(credits: 100, outcome: .voided))
        let manifest = #"{"id":"probe","unfinished":"void"}"#
        let void = try await end(engine("function M.timeout(state, ctx) ctx:credit(50) return M.init() end"), manifest: manifest)
        #expect(void == End(credits: 100, outcome: .voided))
    }

    /// Nothing is paid for a round that is open none the less.
    @Test func anEndThatLeavesTheRoundOpenIsAFault() async throws {
        let left = try await end(engine("function M.timeout(state, ctx) ctx:credit(50) return state end"))
        #expect(left == End(credits: 95, outcome: nil))
    }
}
