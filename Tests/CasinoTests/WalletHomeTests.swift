import Foundation
import NIOCore
import NightjarTesting
import Store
import Testing
import Transport

@testable import Games

/// Players whose money is at an operator's, in a home without sockets.
@Suite struct WalletHomeTests {
    private static let bet = #"{"amount":4}"#

    @Test func aSessionStartsWithWhatTheOperatorSays() async throws {
        try onLoop { loop in
            let stand = try WalletStand(loop)
            let session = stand.home.attach("u")
            #expect(stand.home.heard(session) == ["state - 10"])
            #expect(stand.credits == 10)
            stand.op.balances["u"] = 25
            let second = stand.home.attach("u")
            #expect(stand.home.heard(second) == ["state - 25"])
            #expect(stand.home.sums().map { $0.ledger == $0.heads } == true)
        }
    }

    @Test func aRoundTakesItsStakeAtTheOperatorAndPaysItsWinThere() async throws {
        try onLoop { loop in
            let stand = try WalletStand(loop)
            let session = stand.home.playing()
            stand.home.action(session, "bet", Self.bet)
            #expect(stand.home.heard(session) == ["state game 6"])
            #expect(stand.op.balances["u"] == 6)
            stand.home.action(session, "extra")
            #expect(stand.home.heard(session) == ["state game 5"])
            stand.home.action(session, "bet", Self.bet)
            #expect(stand.home.heard(session) == ["state idle 7", "state game 3"])
            stand.home.action(session, "end")
            #expect(stand.home.heard(session) == ["state idle 5"])
            #expect(stand.op.balances["u"] == 5 && stand.credits == 5 && stand.owed == 0)
            #expect(stand.op.count(.debit) == 3 && stand.op.count(.credit) == 2 && stand.op.asked(.rollback) == 0)
            #expect(stand.op.asked(.debit) == 3 && stand.op.asked(.credit) == 2)
        }
    }

    @Test func nothingIsShownBeforeTheOperatorHasTakenTheStakeAndNobodyElseWaits() async throws {
        try onLoop { loop in
            let stand = try WalletStand(loop, balances: ["u": 10, "v": 10])
            let slow = stand.home.playing()
            let other = stand.home.attach("v")
            stand.home.command(other, .load(game: "toss_up"), user: "v")
            _ = stand.home.heard(other)
            stand.op.lines[.debit] = [.held]
            stand.home.action(slow, "bet", Self.bet)
            #expect(stand.home.heard(slow).isEmpty)
            stand.home.action(other, "bet", Self.bet, user: "v")
            #expect(stand.home.heard(other) == ["state game 6"])
            stand.op.release()
            #expect(stand.home.heard(slow) == ["state game 6"])
        }
    }

    @Test func moneyThatIsOnlyAtTheOperatorCanBeStaked() async throws {
        try onLoop { loop in
            let stand = try WalletStand(loop, balances: ["u": 1])
            let session = stand.home.playing()
            stand.op.balances["u"] = 50
            stand.home.action(session, "bet", Self.bet)
            #expect(stand.home.heard(session) == ["state game 46"])
            #expect(stand.credits == 46)
        }
    }

    @Test func moneyThatIsGoneFromTheOperatorCannotBeStaked() async throws {
        try onLoop { loop in
            let stand = try WalletStand(loop)
            let session = stand.home.playing()
            stand.op.balances["u"] = 3
            stand.home.action(session, "bet", Self.bet)
            #expect(stand.home.heard(session) == ["error insufficient_funds", "state idle 3"])
            #expect(stand.op.count(.debit) == 0 && stand.credits == 3)
            // What else has changed there is followed with the stake.
            stand.op.balances["u"] = 9
            stand.home.action(session, "bet", #"{"amount":3}"#)
            #expect(stand.home.heard(session) == ["state game 6"])
            #expect(stand.credits == 6)
            // The books say what there was, not what was thought to be.
            let told = try #require(stand.home.journal().map(\.body).compactMap { Self.object($0) }.last)
            #expect(told["credits_before"] as? Int == 9 && told["credits_after"] as? Int == 6)
        }
    }

    /// However an operator's figure came here, no sum with it may end the server.
    @Test func aBalanceAtTheEndOf64BitsEndsNothing() async throws {
        try onLoop { loop in
            for balance in [Int64.max, .max - 1, .max - 2, .max - 3, WalletAnswer.balanceMax] as [Int64] {
                let stand = try WalletStand(loop)
                let session = stand.home.playing()
                stand.home.action(session, "bet", Self.bet)
                _ = stand.home.heard(session)
                // The bet ends the round that is open first: the balance before it is the operator's, and then comes a win.
                stand.op.balances["u"] = balance
                stand.home.action(session, "bet", Self.bet)
                let heard = stand.home.heard(session)
                #expect(heard.count == 2 && heard.allSatisfy { $0.hasPrefix("state ") }, "\(heard)")
                #expect(stand.op.count(.debit) == 2 && stand.op.asked(.rollback) == 0)
                #expect(stand.home.sums().map { $0.ledger == $0.heads } == true)
            }
        }
    }

    @Test func whatCameBeforeARefusedStakeStands() async throws {
        try onLoop { loop in
            let stand = try WalletStand(loop)
            let session = stand.home.playing()
            stand.home.action(session, "bet", Self.bet)
            _ = stand.home.heard(session)
            stand.op.refusals["u"] = .limitReached
            stand.home.action(session, "bet", Self.bet)
            #expect(stand.home.heard(session) == ["state idle 8", "error wallet_refused", "state idle 8"])
            #expect(stand.op.balances["u"] == 8 && stand.op.count(.credit) == 1)
            stand.op.refusals = [:]
            stand.home.action(session, "bet", Self.bet)
            #expect(stand.home.heard(session) == ["state game 4"])
        }
    }

    /// A refused stake has the operator asked for the balance, and meanwhile another server of the same store plays on.
    @Test func whatSomebodyElseHasPlayedWhileTheOperatorWasAskedStands() async throws {
        try onLoop { loop in
            let stand = try WalletStand(loop)
            let session = stand.home.playing()
            stand.home.action(session, "bet", Self.bet)
            #expect(stand.home.heard(session) == ["state game 6"])
            stand.op.lines[.balance] = [.held]
            stand.home.action(session, "bet", #"{"amount":9}"#)
            #expect(stand.home.heard(session).isEmpty && stand.op.asked(.balance) > 0)
            let last = try #require(stand.home.journal().last), id = StateID.random()
            let slot = GameSlot(
                key: GameKey(site: "s", game: "toss_up"), id: id, engineVersion: stand.home.engines.version,
                blob: TossEngines.idle.withUnsafeBytes { StateBlob.stamped(id, $0) })
            stand.store.commit(Transition(account: last.account, id: id, expectedVersion: last.version, slot: .set(slot)), on: loop) { _ in }
            // What the operator says is to be followed, which finds out.
            stand.op.balances["u"] = 7
            stand.op.release()
            #expect(stand.home.heard(session) == ["error stale_state", "state idle 6"])
            #expect(stand.home.stateID(session) == id.description)
            #expect(stand.home.journal().last?.id == id)
        }
    }

    @Test func aStakeWithoutAnAnswerIsRolledBack() async throws {
        try onLoop { loop in
            for lines in [[TestOperator.Line.lostCall, .lostCall], [.lostAnswer, .lostAnswer]] {
                let stand = try WalletStand(loop)
                let session = stand.home.playing()
                stand.op.lines[.debit] = lines
                stand.home.action(session, "bet", Self.bet)
                #expect(stand.home.heard(session) == ["error wallet_unavailable", "state idle 10"])
                #expect(stand.op.balances["u"] == 10 && stand.op.asked(.rollback) == 1 && stand.op.count(.debit) == 0)
                // Who looks for it later finds a round that never began.
                let void = try #require(stand.home.journal().map(\.body).compactMap { Self.object($0) }.last { $0["op"] as? String == "stake_void" })
                #expect(void["outcome"] as? String == "refused" && void["round"] as? String == void["state"] as? String && void["game"] as? String == "toss_up")
                stand.home.action(session, "bet", Self.bet)
                #expect(stand.home.heard(session) == ["state game 6"])
            }
        }
    }

    /// The store is away when a stake is taken, and is back for the next one.
    @Test func theStakeAfterOneThatIsHalfDoneIsTakenOnce() async throws {
        try onLoop { loop in
            let stand = try WalletStand(loop)
            let session = stand.home.playing()
            // The note is on disk; the round's commit, the look at the account and the void entry fail.
            stand.faults.fail(.call, at: 2, times: 3)
            stand.home.action(session, "bet", Self.bet)
            #expect(stand.home.heard(session) == ["error internal", "state idle 10"])
            #expect(stand.op.asked(.debit) == 1 && stand.op.balances["u"] == 6 && stand.op.asked(.rollback) == 0)
            stand.home.action(session, "bet", Self.bet)
            #expect(stand.home.heard(session).last == "state game 6")
            #expect(stand.op.asked(.debit) == 2 && stand.op.count(.debit) == 1 && stand.op.asked(.rollback) == 1)
            #expect(stand.op.balances["u"] == 6 && stand.credits == 6 && stand.owed == 0)
        }
    }

    private static func object(_ body: [UInt8]) -> [String: Any]? { (try? JSONSerialization.jsonObject(with: Data(body))) as? [String: Any] }

    @Test func aLostAnswerIsAskedForAgainWithTheSameID() async throws {
        try onLoop { loop in
            let stand = try WalletStand(loop)
            let session = stand.home.playing()
            stand.op.lines[.debit] = [.lostAnswer]
            stand.home.action(session, "bet", Self.bet)
            #expect(stand.home.heard(session) == ["state game 6"])
            #expect(stand.op.balances["u"] == 6 && stand.op.asked(.debit) == 2 && stand.op.count(.debit) == 1)
        }
    }

    @Test func componentsMakeNoCreditsThatTheOperatorDoesNotHave() async throws {
        try onLoop { loop in
            let stand = try WalletStand(loop)
            let session = stand.home.attach("u")
            _ = stand.home.heard(session)
            stand.home.answer(session, #"{"entries":[{"kind":"manual_buy","amount":500}],"userdata":{"bought":true}}"#)
            #expect(stand.home.heard(session) == ["error component_error"])
            #expect(stand.credits == 10 && stand.op.balances["u"] == 10)
        }
    }

    @Test func aServerThatEndsBetweenTheStakeAndTheRoundRollsItBack() async throws {
        try onLoop { loop in
            for line in [TestOperator.Line.held, .lostAnswer] {
                let stand = try WalletStand(loop)
                let session = stand.home.playing()
                // The answer to the stake is never read: the call arrives before or after the end of the server.
                stand.op.lines[.debit] = [line, .held]
                stand.home.action(session, "bet", Self.bet)
                #expect(stand.home.heard(session).isEmpty)
                try stand.restart()
                #expect(stand.op.balances["u"] == 10 && stand.op.asked(.rollback) == 1 && stand.owed == 0)
                #expect(stand.home.journal().last?.kind == .adjustment)
                stand.op.lines[.debit] = []
                let again = stand.home.playing()
                stand.home.action(again, "bet", Self.bet)
                #expect(stand.home.heard(again) == ["state game 6"])
                stand.op.release()  // and if it comes late, it is refused
                #expect(stand.op.balances["u"] == 6)
            }
        }
    }

    /// Before or after, never between: the store fails once at each of its calls in turn, at each of its points.
    @Test func aFailureOfTheStoreAtAnyCallOfARoundLosesNoMoneyAndMakesNone() async throws {
        try onLoop { loop in
            var failed = 0
            for point in StoreFaults.Point.allCases {
                for call in 1...40 {
                    let stand = try WalletStand(loop)
                    let session = stand.home.playing()
                    stand.faults.fail(point, at: call)
                    for action in ["bet", "end", "bet", "bet", "end"] {
                        stand.home.action(session, action, Self.bet)
                        stand.wait(3_000)  // for as long as a stake waits for the payment before it
                        _ = stand.home.heard(session)
                    }
                    let before = stand.faults.count(point)
                    stand.faults.clear()
                    if before >= call { failed += 1 }
                    // The account may have to be read again, and a stake to be mended, before the next round.
                    try stand.restart()
                    stand.wait(300_000)
                    let again = stand.home.attach("u")
                    let told = stand.home.heard(again).last ?? ""
                    #expect(stand.owed == 0)
                    // A stake of 4 for each round that stands, 2 for each that has ended.
                    let rounds = Int64(stand.op.count(.debit)), wins = Int64(stand.op.count(.credit))
                    #expect(stand.op.balances["u"] == 10 - 4 * rounds + 2 * wins, "\(point) \(call)")
                    #expect(told.hasSuffix(" \(stand.op.balances["u"] ?? -1)"), "\(point) \(call): \(told)")
                    let entries = stand.home.journal().flatMap(\.ledger)
                    #expect(entries.count { $0.kind == .bet } == Int(rounds), "\(point) \(call)")
                    #expect(entries.count { $0.kind == .win } == Int(wins), "\(point) \(call)")
                    #expect(stand.home.sums().map { $0.ledger == $0.heads } == true)
                }
            }
            #expect(failed > 60)
        }
    }

    @Test func whatOnlyMemoryHoldsLeavesNothingInTheStore() async throws {
        try onLoop { loop in
            let home = try HomeFixture(loop)
            home.wallet = .memory
            let session = home.playing()
            home.action(session, "bet", Self.bet)
            #expect(home.heard(session) == ["state game 6"])
            home.action(session, "end")
            #expect(home.heard(session) == ["state idle 8"])
            #expect(home.journal().isEmpty)
        }
    }

    /// The platform's file was edited while the player was away, but not forgotten.
    @Test func whoComesBackPlaysFromWhereThePlatformPlaysNow() async throws {
        try onLoop { loop in
            let home = try HomeFixture(loop)
            for (wallet, rounds) in [(WalletKind.memory, 0), (.stored, 1), (.memory, 1)] {
                home.wallet = wallet
                let session = home.playing()
                for action in ["bet", "end"] {
                    home.action(session, action, Self.bet)
                    _ = home.heard(session)
                }
                home.loop.receive(.detach(UserKey(realm: "demo", user: "u"), session))
                home.settle()
                #expect(home.journal().flatMap(\.ledger).count { $0.kind == .bet } == rounds, "\(wallet)")
            }
        }
    }

    @Test func whatAWalletSaysOfItsPlatformsIsTakenWholeOrNotAtAll() {
        let directory = WalletDirectory()
        #expect(directory.kind(of: "token") == .stored)
        #expect(directory.replace(Array(#"{"token":"remote","demo":"memory"}"#.utf8)))
        #expect(directory.kind(of: "token") == .remote && directory.kind(of: "demo") == .memory)
        #expect(!directory.replace(Array(#"{"token":"stored","demo":"elsewhere"}"#.utf8)))
        #expect(!directory.replace(Array("[]".utf8)))
        #expect(directory.kind(of: "token") == .remote)
        #expect(directory.platforms(playingFrom: .remote) == ["token"])
    }

    @Test func aPlatformThatNobodyNamesIsItsOperatorsIfThereIsOne() {
        let directory = WalletDirectory(addressed: ["house", "shop"])
        #expect(directory.kind(of: "house") == .remote && directory.kind(of: "demo") == .stored)
        #expect(directory.named("house") == nil && directory.named("demo") == nil)
        #expect(directory.replace(Array(#"{"shop":"stored"}"#.utf8)))
        #expect(directory.kind(of: "house") == .remote && directory.kind(of: "shop") == .stored)
        #expect(directory.named("house") == nil && directory.named("demo") == nil && directory.named("shop") == .stored)
        // The package that has named them is gone; what it has said still holds.
        directory.noteNone()
        #expect(directory.named("demo") == nil && directory.named("shop") == .stored)
        // There has never been one.
        let alone = WalletDirectory(addressed: ["house"])
        alone.noteNone()
        #expect(alone.named("house") == .remote && alone.named("demo") == .stored)
    }
}
