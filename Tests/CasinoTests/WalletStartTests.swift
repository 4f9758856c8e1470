import NIOCore
import NightjarTesting
import Store
import Testing
import Transport

@testable import Games

/// Sessions of players whose money is at an operator's: who is let in, and what is touched for whom.
@Suite struct WalletStartTests {
    private static let bet = #"{"amount":4}"#

    @Test func aTokenThatIsNotThePlayersStartsNothing() async throws {
        try onLoop { loop in
            let stand = try WalletStand(loop)
            stand.home.token = "wrong"
            let session = stand.home.attach("u")
            stand.home.command(session, .load(game: "toss_up"))
            #expect(stand.home.heard(session).isEmpty)
            #expect(stand.op.asked(.authenticate) == 1 && stand.op.asked(.debit) == 0)
        }
    }

    /// Names are their bytes: what Swift takes for equal may be two players.
    @Test func aTokenOfAPlayerWhoseNameOnlyLooksTheSameStartsNothing() async throws {
        try onLoop { loop in
            for (player, currency) in [("e\u{301}", nil), ("someone", nil), (nil, "EUR")] as [(String?, String?)] {
                let stand = try WalletStand(loop, balances: ["\u{e9}": 10])
                stand.op.tells = (player, currency)
                #expect(stand.home.heard(stand.home.attach("\u{e9}")).isEmpty)
                stand.op.tells = (nil, nil)
                #expect(stand.home.heard(stand.home.attach("\u{e9}")) == ["state - 10"])
            }
        }
    }

    @Test func aSessionWaitsForTheOperatorOnlySoLong() async throws {
        try onLoop { loop in
            let stand = try WalletStand(loop)
            stand.op.lines[.authenticate] = [.lostCall, .lostCall]
            _ = stand.home.attach("u")
            #expect(stand.op.asked(.authenticate) == 2)
            let again = stand.home.attach("u")
            #expect(stand.home.heard(again) == ["state - 10"])
        }
    }

    @Test func aPlatformWhoseWalletNobodyHasConfiguredStartsNothing() async throws {
        try onLoop { loop in
            let home = try HomeFixture(loop)
            home.wallet = .remote
            let session = home.attach("u")
            home.command(session, .load(game: "toss_up"))
            #expect(home.heard(session).isEmpty && home.journal().allSatisfy { $0.kind == .opening })
        }
    }

    /// Whoever claims to be somebody leaves nothing behind.
    @Test func aWrongTokenOfANewPlayerLeavesNothing() async throws {
        try onLoop { loop in
            let stand = try WalletStand(loop)
            stand.home.token = "wrong"
            stand.home.scripts.isHolding = true
            for _ in 0..<3 { #expect(stand.home.heard(stand.home.attach("u")).isEmpty) }
            #expect(stand.op.asked(.authenticate) == 3 && stand.home.scripts.held.isEmpty, "Lua is not asked")
            #expect(stand.home.journal().isEmpty)
            #expect(stand.home.sums().map { $0.accounts } == 0)
        }
    }

    /// Of the player whose id they name nobody and nothing waits.
    @Test func wrongTokensKeepNobodyWaitingAndNobodyOut() async throws {
        try onLoop { loop in
            let stand = try WalletStand(loop)
            let playing = stand.home.playing()
            stand.home.token = "wrong"
            stand.op.lines[.authenticate] = Array(repeating: .held, count: 20)
            let wrong = (0..<20).map { _ in stand.home.attach("u") }
            #expect(stand.op.asked(.authenticate) == 21)
            stand.home.action(playing, "bet", Self.bet)
            #expect(stand.home.heard(playing) == ["state game 6"])
            stand.home.token = "right"
            let right = stand.home.attach("u")
            #expect(stand.home.heard(right) == ["state - 6"])
            stand.op.release()
            #expect(wrong.allSatisfy { stand.home.heard($0).isEmpty } && stand.home.sockets.closed.isEmpty)
            stand.home.action(playing, "end")
            #expect(stand.home.heard(playing) == ["state idle 8"] && stand.home.heard(right) == ["state - 8"])
        }
    }

    @Test func soManyMayWaitForTheOperatorAndNoMore() async throws {
        try onLoop { loop in
            let stand = try WalletStand(loop)
            let most = CasinoLimits.arrivalsMax
            stand.op.lines[.authenticate] = Array(repeating: .held, count: most)
            for number in 0..<most { _ = stand.home.attach("stranger\(number)") }
            #expect(stand.home.heard(stand.home.attach("u")).isEmpty && stand.op.asked(.authenticate) == most)
            stand.op.release()
            stand.home.settle()
            #expect(stand.home.heard(stand.home.attach("u")) == ["state - 10"])
        }
    }

    @Test func anOperatorWhoDoesNotAnswerShutsOutNobodyElsesPlayers() async throws {
        try onLoop { loop in
            let stand = try WalletStand(loop), other = TestOperator(loop, balances: ["u": 20])
            stand.home.loop.wallets.use(other, for: "other")
            let most = CasinoLimits.arrivalsMax
            stand.op.lines[.authenticate] = Array(repeating: .held, count: most)
            for number in 0..<most { _ = stand.home.attach("stranger\(number)") }
            #expect(stand.home.heard(stand.home.attach("u")).isEmpty && stand.op.asked(.authenticate) == most)
            #expect(stand.home.heard(stand.home.attach("u", of: "other")) == ["state - 20"])
            stand.op.release()
            stand.home.settle()
            #expect(stand.home.heard(stand.home.attach("u")) == ["state - 10"])
        }
    }

    /// The operator has told a balance, and before the session is taken up another one of the player bets.
    @Test func aBalanceThatWasToldBeforeABetIsNotFollowedAfterIt() async throws {
        try onLoop { loop in
            let stand = try WalletStand(loop)
            let playing = stand.home.playing()
            stand.op.lines[.authenticate] = [.heldAnswer]
            let late = stand.home.attach("u")
            stand.home.action(playing, "bet", Self.bet)
            #expect(stand.home.heard(playing) == ["state game 6"])
            stand.op.release()
            #expect(stand.home.heard(late) == ["state - 6"])
            #expect(stand.credits == 6 && stand.op.asked(.balance) == 1)
            // Only the opening balance came from the operator.
            #expect(stand.home.journal().flatMap(\.ledger).count { $0.kind == WalletMovement.kind } == 1)
        }
    }

    /// What was told before the bet is outdated, and what there is now nobody says.
    @Test func aSessionWhoseBalanceIsNotToldAgainDoesNotStart() async throws {
        try onLoop { loop in
            let stand = try WalletStand(loop)
            let playing = stand.home.playing()
            stand.op.lines = [.authenticate: [.heldAnswer], .balance: [.lostCall]]
            let late = stand.home.attach("u")
            stand.home.action(playing, "bet", Self.bet)
            stand.op.release()
            #expect(stand.home.heard(late).isEmpty && stand.op.asked(.balance) == 1)
            #expect(stand.home.heard(stand.home.attach("u")) == ["state - 6"])
            #expect(stand.home.heard(playing) == ["state game 6"])
        }
    }

    /// The back office knows the session already; it hears that there is none.
    @Test func whoIsNotLetInOrLeavesBeforeIsEndedAtTheBackOffice() async throws {
        try onLoop { loop in
            let home = try HomeFixture(loop, reports: true), op = TestOperator(loop, balances: ["u": 10])
            home.loop.wallets.use(op, for: "demo")
            home.wallet = .remote
            home.token = "wrong"
            _ = home.attach("u", registration: Registration(session: "refused", player: "p"))
            #expect(try home.waiting("casino:sessions").count == 1)
            op.lines[.authenticate] = [.held]
            home.token = "right"
            let left = home.attach("u", registration: Registration(session: "left", player: "p"))
            home.loop.receive(.detach(UserKey(realm: "demo", user: "u"), left))
            #expect(try home.waiting("casino:sessions").count == 2)
            op.release()
            #expect(home.heard(left).isEmpty)
            #expect(try home.waiting("casino:sessions").map { String(decoding: $0.body, as: UTF8.self) } == ["refused", "left"].map { #"{"session_id":"\#($0)"}"# })
            #expect(home.journal().isEmpty)
        }
    }
}
