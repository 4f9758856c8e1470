import NIOCore
import NIOEmbedded
import NightjarTesting
@testable import Games
@testable import Host
@testable import HostModules
@testable import Reload
import Store
import Testing
import Transport

@Suite struct HomeTests {
    @Test func startAnswersWithAStateWithoutGame() async throws {
        try onLoop { loop in
            let home = try HomeFixture(loop)
            let session = home.attach("u")
            #expect(home.heard(session) == ["state - 10"])
        }
    }

    @Test func workedRoundOfTheProtocol() async throws {
        try onLoop { loop in
            let home = try HomeFixture(loop)
            let session = home.attach("u")
            home.command(session, .load(game: "toss-up"))
            #expect(home.heard(session) == ["state - 10", "state idle 10"])
            home.action(session, "bet", #"{"amount":4}"#)
            #expect(home.heard(session) == ["state game 6"])
            home.action(session, "extra")
            #expect(home.heard(session) == ["state game 5"])
            let former = try #require(home.stateID(session))
            home.action(session, "bet", #"{"amount":4}"#)
            #expect(home.heard(session) == ["state idle 7", "state game 3"])
            home.action(session, "end", sid: former)
            #expect(home.heard(session) == ["error stale_state", "state game 3"])
            home.action(session, "end")
            #expect(home.heard(session) == ["state idle 5"])
            let sums = try #require(home.sums())
            #expect(sums.ledger == sums.heads)
            #expect(sums.heads == 5)
        }
    }

    @Test func everyErrorLeavesEverythingAsItWas() async throws {
        try onLoop { loop in
            let home = try HomeFixture(loop)
            let session = home.attach("u")
            home.action(session, "bet", sid: "x")
            home.command(session, .load(game: "chess"))
            home.command(session, .finish)
            home.command(session, .component(which: "clock", message: Array("{}".utf8)))
            home.command(session, .component(which: "userdata", message: Array("{}".utf8)))
            #expect(home.heard(session)
                == ["state - 10", "error no_game", "error unknown_game", "state - 10", "error unknown_component", "error component_error"])
            home.command(session, .load(game: "toss_up"))
            _ = home.heard(session)
            home.action(session, "bet", sid: "nonsense")
            home.action(session, "end")
            home.action(session, "bet", "{}")
            home.action(session, "bet", #"{"amount":11}"#)
            home.action(session, "boom")
            #expect(home.heard(session)
                == [
                    "error stale_state", "state idle 10", "error action_not_allowed", "state idle 10", "error bad_params",
                    "error insufficient_funds", "state idle 10", "error internal", "state idle 10",
                ])
            home.action(session, "bet", #"{"amount":10}"#)
            _ = home.heard(session)
            home.command(session, .finish)
            home.command(session, .load(game: "other"))
            home.command(session, .load(game: "toss_up"))
            #expect(home.heard(session)
                == ["error finish_refused", "state game 0", "error game_running", "state game 0", "error game_running", "state game 0"])
        }
    }

    @Test func betDuringARoundThatTheBalanceDoesNotCoverStillEndsIt() async throws {
        try onLoop { loop in
            let home = try HomeFixture(loop)
            let session = home.playing()
            home.action(session, "bet", #"{"amount":10}"#)
            _ = home.heard(session)
            home.action(session, "bet", #"{"amount":10}"#)
            #expect(home.heard(session) == ["state idle 2", "error insufficient_funds", "state idle 2"])
        }
    }

    @Test func brokenActionIsShownToItsAuthorInDebug() async throws {
        try onLoop { loop in
            let home = try HomeFixture(loop, debug: true)
            let session = home.playing()
            home.action(session, "boom")
            #expect(home.heard(session) == ["component engine", "error internal", "state idle 10"])
            home.action(session, "boom")
            let shown = home.take(session).first?["message"] as? [String: Any]
            #expect(shown?["what"] as? String == "error" && shown?["during"] as? String == "action")
        }
    }

    @Test func allSessionsOfAUserHearEveryChangeInTheirOwnView() async throws {
        try onLoop { loop in
            let home = try HomeFixture(loop)
            let first = home.attach("u")
            let second = home.attach("u")
            let stranger = home.attach("v")
            home.command(first, .load(game: "toss_up"))
            home.command(second, .load(game: "other"))
            _ = home.heard(first)
            _ = home.heard(second)
            _ = home.heard(stranger)
            home.action(first, "bet", #"{"amount":4}"#)
            #expect(home.heard(first) == ["state game 6"])
            #expect(home.heard(second) == ["state idle 6"])
            #expect(home.heard(stranger).isEmpty)
            home.command(second, .component(which: "userdata", message: Array(#"{"values":{"a":1}}"#.utf8)))
            #expect(home.heard(first) == ["state game 6"])
            let message = try #require(home.take(second).first)
            #expect((message["userdata"] as? [String: Int])?["a"] == 1)
        }
    }

    @Test func twoSessionsInOneGameShareItsState() async throws {
        try onLoop { loop in
            let home = try HomeFixture(loop)
            let first = home.attach("u")
            let second = home.attach("u")
            home.command(first, .load(game: "toss_up"))
            home.command(second, .load(game: "toss_up"))
            _ = home.heard(first)
            _ = home.heard(second)
            #expect(home.stateID(first) == home.stateID(second))
            let sid = try #require(home.stateID(first))
            home.action(first, "bet", #"{"amount":4}"#, sid: sid)
            home.action(second, "bet", #"{"amount":4}"#, sid: sid)
            #expect(home.heard(first) == ["state game 6"])
            #expect(home.heard(second) == ["state game 6", "error stale_state", "state game 6"])
            home.action(second, "end")
            home.command(second, .finish)
            #expect(home.heard(first) == ["state idle 8", "state - 8"])
        }
    }

    @Test func gameIsRestoredWithItsIdAfterALostConnection() async throws {
        try onLoop { loop in
            let home = try HomeFixture(loop)
            let first = home.playing()
            home.action(first, "bet", #"{"amount":4}"#)
            _ = home.heard(first)
            home.loop.receive(.detach(UserKey(realm: "demo", user: "u"), first))
            let second = home.attach("u")
            home.command(second, .load(game: "toss-up"))
            #expect(home.heard(second) == ["state - 6", "state game 6"])
            #expect(home.stateID(second) == home.stateID(first))
            home.action(second, "end")
            #expect(home.heard(second) == ["state idle 8"])
            #expect(home.heard(first).isEmpty)
        }
    }

    @Test func gamePutAsideForAnotherIsTakenUpAgain() async throws {
        try onLoop { loop in
            let home = try HomeFixture(loop)
            let first = home.attach("u")
            let second = home.attach("u")
            home.command(first, .load(game: "toss_up"))
            _ = home.heard(first)
            home.action(first, "bet", #"{"amount":4}"#)
            home.command(second, .load(game: "other"))
            home.action(first, "extra", sid: home.heard(first).isEmpty ? nil : home.stateID(first))
            home.action(first, "end", sid: home.heard(first).isEmpty ? nil : home.stateID(first))
            _ = home.heard(second)
            home.command(second, .finish)
            #expect(home.heard(second) == ["state - 7"])
            home.command(first, .finish)
            #expect(home.heard(first).last == "state - 7")
            let sums = try #require(home.sums())
            #expect(sums.ledger == sums.heads)
        }
    }

    @Test func sessionsOfOneUserAreBounded() async throws {
        try onLoop { loop in
            let home = try HomeFixture(loop)
            for _ in 0..<CasinoLimits.sessionsPerUser { #expect(home.heard(home.attach("u")) == ["state - 10"]) }
            let last = home.attach("u")
            #expect(home.heard(last).isEmpty)
            #expect(home.sockets.closed[last] == SessionCloseCode.tooMuch)
        }
    }

    @Test func roundOpenForADayIsEndedAndPaidAtTheNextStart() async throws {
        try onLoop { loop in
            let clock = ManualClock()
            let home = try HomeFixture(loop, clock: clock)
            let first = home.playing()
            home.action(first, "bet", #"{"amount":4}"#)
            _ = home.heard(first)
            home.loop.receive(.detach(UserKey(realm: "demo", user: "u"), first))
            clock.advance(CasinoConfiguration().roundOpenMax)
            #expect(home.heard(home.attach("u")) == ["state - 6"])
            clock.advance(1)
            let third = home.attach("u")
            #expect(home.heard(third) == ["state - 8"])
            home.command(third, .load(game: "toss_up"))
            #expect(home.heard(third) == ["state idle 8"])
            #expect(home.journal().contains { $0.kind == .settlement })
        }
    }

    @Test func failedCommitIsAnErrorAndPlayGoesOn() async throws {
        try onLoop { loop in
            let home = try HomeFixture(loop)
            let session = home.playing()
            home.faults.setDiskFull(true)
            home.action(session, "bet", #"{"amount":4}"#)
            #expect(home.heard(session).first == "error internal")
            home.faults.clear()
            home.action(session, "bet", #"{"amount":4}"#)
            #expect(home.heard(session) == ["state game 6"])
        }
    }

    /// A client that waits for the state after an error gets it, also when it takes the store a while to come back.
    @Test func aStateThatNobodyKnewIsToldWhenTheStoreIsBack() async throws {
        try onLoop { loop in
            let embedded = try #require(loop as? EmbeddedEventLoop)
            let home = try HomeFixture(loop)
            let (one, other) = (home.playing(), home.playing())
            home.faults.fail(.call, at: 1, times: 1_000)
            home.action(one, "bet", #"{"amount":4}"#)
            #expect(home.heard(one) == ["error internal"])
            embedded.advanceTime(by: .seconds(2))
            #expect(home.heard(one) == [])
            home.faults.clear()
            embedded.advanceTime(by: .seconds(1))
            home.settle()
            #expect(home.heard(one) == ["state idle 10"] && home.heard(other) == [])
            embedded.advanceTime(by: .seconds(60))
            #expect(home.heard(one) == [] && home.loop.pendingTasks == 0)
            home.action(one, "bet", #"{"amount":4}"#)
            #expect(home.heard(one) == ["state game 6"])
        }
    }

    @Test func commitWhoseAnswerIsLostStandsAndIsShown() async throws {
        try onLoop { loop in
            let home = try HomeFixture(loop)
            let session = home.playing()
            let former = try #require(home.stateID(session))
            home.faults.fail(.answer, at: 1)
            home.action(session, "bet", #"{"amount":4}"#)
            #expect(home.heard(session) == ["error internal", "state game 6"])
            home.action(session, "bet", #"{"amount":4}"#, sid: former)
            #expect(home.heard(session) == ["error stale_state", "state game 6"])
        }
    }

    @Test(arguments: StoreFaults.Point.allCases)
    func anyStoreCallMayFailAndLeavesBeforeOrAfter(_ point: StoreFaults.Point) async throws {
        try onLoop { loop in
            for n in 1...14 {
                let home = try HomeFixture(loop)
                home.faults.fail(point, at: n)
                let session = home.attach("u")
                if home.loop.pendingTasks != 0 { Issue.record("a task hangs at \(point) \(n)") }
                home.command(session, .load(game: "toss_up"))
                _ = home.heard(session)
                home.action(session, "bet", #"{"amount":4}"#)
                _ = home.heard(session)
                home.action(session, "end")
                #expect(home.loop.pendingTasks == 0)
                home.faults.clear()
                let sums = try #require(home.sums())
                #expect(sums.ledger == sums.heads)
                #expect([0, 6, 8, 10].contains(sums.heads), "\(point) \(n): \(sums.heads)")
            }
        }
    }

    @Test func anotherWritersChangeIsNoticed() async throws {
        try onLoop { loop in
            let home = try HomeFixture(loop)
            let session = home.playing()
            let second = try HomeFixture(loop, otherStore: home.store)
            let other = second.attach("u")
            second.command(other, .load(game: "toss_up"))
            _ = second.heard(other)
            second.action(other, "bet", #"{"amount":4}"#)
            home.action(session, "bet", #"{"amount":4}"#)
            #expect(home.heard(session) == ["error stale_state", "state game 6"])
            home.action(session, "end")
            #expect(home.heard(session) == ["state idle 8"])
        }
    }

    @Test func drainWaitsForNothingWhenNothingIsUnderWayAndTakesNoMore() async throws {
        try onLoop { loop in
            let home = try HomeFixture(loop)
            let session = home.attach("u")
            _ = home.heard(session)
            let promise = loop.makePromise(of: Void.self)
            home.loop.drain(promise)
            home.command(session, .load(game: "toss_up"))
            #expect(home.heard(session).isEmpty)
        }
    }

    @Test func homeOfAUserIsStableAndSpread() {
        var counts = [0, 0, 0, 0]
        for n in 0..<4_000 { counts[UserKey(realm: "demo", user: "user-\(n)").home(among: 4)] += 1 }
        #expect(counts.allSatisfy { (800...1_200).contains($0) })
        #expect(UserKey(realm: "demo", user: "a").home(among: 7) == UserKey(realm: "demo", user: "a").home(among: 7))
        #expect(UserKey(realm: "a", user: "bc") != UserKey(realm: "ab", user: "c"))
    }
}

@Suite struct HomePropertyTests {
    /// Random messages of two users with several sessions: balances stay non-negative and equal to the ledger, every accepted
    /// action is in the journal exactly once, no task hangs, and a state id is accepted at most once.
    @Test(arguments: [1, 2, 3, 4, 5, 6, 7, 8] as [UInt64])
    func randomMessagesNeverBreakTheRules(_ seed: UInt64) async throws {
        try onLoop { loop in
            var generator = Seeded(seed)
            let home = try HomeFixture(loop)
            var sessions: [(id: ConnectionID, user: String)] = []
            var accepted = 0
            for _ in 0..<1_500 {
                if sessions.count < 6 {
                    let user = Bool.random(using: &generator) ? "u" : "v"
                    let id = home.attach(user)
                    _ = home.heard(id)
                    sessions.append((id, user))
                }
                let index = Int.random(in: 0..<sessions.count, using: &generator)
                let (id, user) = sessions[index]
                let sid = Int.random(in: 0..<8, using: &generator) == 0 ? "82f304a9-8fd6-4c29-a513-e084b8769df9" : home.stateID(id) ?? ""
                if Int.random(in: 0..<12, using: &generator) == 0 {
                    let points: [StoreFaults.Point] = [.call, .statement, .commit, .answer]
                    home.faults.fail(points.randomElement(using: &generator)!, at: Int.random(in: 1...3, using: &generator))
                }
                switch Int.random(in: 0..<10, using: &generator) {
                case 0: home.command(id, .load(game: Bool.random(using: &generator) ? "toss_up" : "other"), user: user)
                case 1: home.command(id, .finish, user: user)
                case 2: home.action(id, "end", sid: sid, user: user)
                case 3: home.action(id, "extra", sid: sid, user: user)
                case 4: home.action(id, "boom", sid: sid, user: user)
                case 6: home.set(id, "k\(Int.random(in: 0..<3, using: &generator))", 1, user: user)
                case 5:
                    home.loop.receive(.detach(UserKey(realm: "demo", user: user), id))
                    sessions.remove(at: index)
                default: home.action(id, "bet", "{\"amount\":\(Int.random(in: -1...9, using: &generator))}", sid: sid, user: user)
                }
                // Components and starts take their time, for some steps.
                home.scripts.isHolding = Int.random(in: 0..<3, using: &generator) == 0
                if !home.scripts.isHolding { while !home.scripts.held.isEmpty { home.scripts.release(); home.settle() } }
                for (id, _) in sessions { accepted += home.heard(id).filter { $0.hasPrefix("state") }.count }
                if home.scripts.held.isEmpty { #expect(home.loop.pendingTasks == 0) }
            }
            #expect(accepted > 0)
            home.faults.clear()
            let sums = try #require(home.sums())
            #expect(sums.ledger == sums.heads)
            var balances: [AccountKey: Int64] = [:]
            var ids: Set<StateID> = []
            for entry in home.journal() {
                balances[entry.account, default: 0] += entry.delta
                #expect(balances[entry.account]! >= 0)
                #expect(balances[entry.account] == entry.credits)
                #expect(ids.insert(entry.id).inserted)
            }
        }
    }
}
