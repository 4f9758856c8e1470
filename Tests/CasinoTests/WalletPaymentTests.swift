import NIOCore
import NIOEmbedded
import NightjarTesting
import Store
import Testing

@testable import Games

/// What is owed to an operator's wallet, until it is paid.
@Suite struct WalletPaymentTests {
    private static let bet = #"{"amount":4}"#

    @Test func aWinThatCannotBePaidIsOwedAndPlayGoesOn() async throws {
        try onLoop { loop in
            let stand = try WalletStand(loop)
            let session = stand.home.playing()
            stand.home.action(session, "bet", Self.bet)
            #expect(stand.home.heard(session) == ["state game 6"])
            stand.op.lines[.credit] = [.lostCall, .lostAnswer, .lostCall]
            stand.home.action(session, "end")
            #expect(stand.home.heard(session) == ["state idle 8"])
            #expect(stand.op.balances["u"] == 6 && stand.owed == 1)
            stand.home.action(session, "bet", Self.bet)
            #expect(stand.home.heard(session) == ["state game 4"])
            #expect(stand.op.balances["u"] == 2)
            for pause in [999, 1, 2_000, 4_000] as [Int64] { stand.wait(pause) }
            #expect(stand.op.balances["u"] == 4 && stand.owed == 0 && stand.op.count(.credit) == 1 && stand.op.asked(.credit) == 4)
            stand.home.action(session, "end")
            #expect(stand.home.heard(session) == ["state idle 6"])
            #expect(stand.op.balances["u"] == 6)
        }
    }

    /// What was not taken waits for its pause, however long the store takes to note that.
    @Test func aPaymentIsNotSentAgainWhileItsPauseIsBeingNoted() async throws {
        try onLoop { loop in
            let stand = try WalletStand(loop)
            let session = stand.home.playing()
            stand.home.action(session, "bet", Self.bet)
            _ = stand.home.heard(session)
            stand.outbox.hold()
            stand.op.lines[.credit] = [.lostCall]
            stand.home.action(session, "end")
            #expect(stand.home.heard(session) == ["state idle 8"])
            for _ in 0..<3 { stand.wait(0) }
            #expect(stand.op.asked(.credit) == 1)
            stand.outbox.release()
            stand.wait(999)
            #expect(stand.op.asked(.credit) == 1 && stand.owed == 1)
            stand.wait(1)
            #expect(stand.op.asked(.credit) == 2 && stand.owed == 0 && stand.op.balances["u"] == 8)
        }
    }

    /// Of two that are owed to one player the second waits for the first: what the store cannot note is not sent over and over for that.
    @Test(arguments: [TestOperator.Line.lostCall, .fine]) func whatTheStoreCannotNoteHasItsPauseAllTheSame(_ line: TestOperator.Line) async throws {
        try onLoop { loop in
            let stand = try WalletStand(loop)
            let session = stand.home.playing()
            stand.op.lines[.credit] = [.lostCall, .lostCall]
            for action in ["bet", "end", "bet", "end"] {
                stand.home.action(session, action, Self.bet)
                _ = stand.home.heard(session)
            }
            #expect(stand.owed == 2 && stand.op.asked(.credit) == 2)
            stand.faults.setDiskFull(true)
            // More are not answered, so that what goes on for ever ends.
            stand.op.lines[.credit] = Array(repeating: line, count: 50) + [.held, .held]
            stand.wait(1_000)
            #expect(stand.op.asked(.credit) == 4)
            stand.wait(1_999)
            #expect(stand.op.asked(.credit) == 4 && stand.owed == 2)
            stand.wait(1)
            #expect(stand.op.asked(.credit) == 6)
            stand.faults.setDiskFull(false)
            stand.op.lines[.credit] = []
            stand.wait(2_000)
            #expect(stand.owed == 0 && stand.op.count(.credit) == 2 && stand.op.balances["u"] == 6)
        }
    }

    /// Each item has its own pause; the look for the first one finds it without anybody's asking.
    @Test func whatWasPutOffIsSentWhenItsPauseIsOverThoughNobodyAsks() async throws {
        try onLoop { loop in
            let players = ["a", "b", "c"]
            let stand = try WalletStand(loop, balances: Dictionary(uniqueKeysWithValues: players.map { ($0, 10) }))
            stand.op.lines[.credit] = Array(repeating: .lostCall, count: 4)
            for (number, player) in players.enumerated() {
                play(player, stand)
                #expect(stand.op.asked(.credit) == number + 1)
            }
            func pass(_ milliseconds: Int64) { self.pass(milliseconds, stand) }
            pass(1_000)
            #expect(stand.op.asked(.credit) == 6 && stand.owed == 1, "the first one is lost again")
            pass(2_000)
            #expect(stand.op.asked(.credit) == 7 && stand.owed == 0)
        }
    }

    /// What is put off for longer than something else is still looked for when it is due.
    @Test func thePauseThatEndsLaterHasALookOfItsOwn() async throws {
        try onLoop { loop in
            let stand = try WalletStand(loop, balances: ["a": 10, "b": 10, "c": 10])
            stand.op.lines[.credit] = Array(repeating: .lostCall, count: 3)
            for player in ["a", "b", "c"] {
                play(player, stand)
                pass(300, stand)
            }
            #expect(stand.op.asked(.credit) == 3 && stand.owed == 3)
            for left in [2, 1, 0] {
                pass(left == 2 ? 100 : 300, stand)
                #expect(stand.owed == left)
            }
            #expect(stand.op.asked(.credit) == 6)
        }
    }

    private func play(_ player: String, _ stand: WalletStand) {
        let session = stand.home.attach(player)
        stand.home.command(session, .load(game: "toss_up"), user: player)
        _ = stand.home.heard(session)
        for action in ["bet", "end"] {
            stand.home.action(session, action, Self.bet, user: player)
            _ = stand.home.heard(session)
        }
    }

    /// Lets time go by in which nobody asks for what is owed.
    private func pass(_ milliseconds: Int64, _ stand: WalletStand) {
        stand.clock.advance(milliseconds)
        (stand.loop as! EmbeddedEventLoop).advanceTime(by: .milliseconds(milliseconds))
        stand.home.settle()
    }

    @Test func pausesBetweenAttemptsGrowFromASecondToFiveMinutes() {
        #expect((0..<12).map { WalletCourier.pause(after: $0) / 1_000 } == [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300])
    }

    @Test func aServerThatEndsBeforeAWinIsPaidPaysItAfterwards() async throws {
        try onLoop { loop in
            let stand = try WalletStand(loop)
            let session = stand.home.playing()
            stand.home.action(session, "bet", Self.bet)
            _ = stand.home.heard(session)
            stand.op.lines[.credit] = [.held]
            stand.home.action(session, "end")
            #expect(stand.home.heard(session) == ["state idle 8"])
            try stand.restart()
            #expect(stand.op.balances["u"] == 8 && stand.op.count(.credit) == 1 && stand.owed == 0)
            let again = stand.home.attach("u")
            #expect(stand.home.heard(again) == ["state - 8"])
        }
    }

    /// The operator has told a session's balance, and before his answer is here he is paid what a former server owed.
    @Test func aSessionThatArrivesWhileAnOldWinIsPaidStartsWithIt() async throws {
        try onLoop { loop in
            let stand = try WalletStand(loop)
            let session = stand.home.playing()
            stand.home.action(session, "bet", Self.bet)
            _ = stand.home.heard(session)
            stand.op.lines[.credit] = [.lostCall]
            stand.home.action(session, "end")
            #expect(stand.home.heard(session) == ["state idle 8"])
            try stand.restart()
            stand.op.lines[.authenticate] = [.heldAnswer]
            let arriving = stand.home.attach("u")
            #expect(stand.op.balances["u"] == 6 && stand.owed == 1)
            stand.wait(1_000)
            #expect(stand.op.balances["u"] == 8 && stand.owed == 0)
            stand.op.release()
            #expect(stand.home.heard(arriving) == ["state - 8"])
            #expect(stand.credits == 8)
            #expect(stand.home.journal().flatMap(\.ledger).count { $0.kind == WalletMovement.kind } == 1, "the opening balance only")
        }
    }

    /// Between what the operator says of a stake, or of a balance, and its arrival here an older win is paid.
    @Test(arguments: [WalletCall.Name.debit, .balance]) func whatWasToldBeforeAPaymentIsNotFollowedAfterIt(_ asked: WalletCall.Name) async throws {
        try onLoop { loop in
            let stand = try WalletStand(loop)
            let session = stand.home.playing()
            stand.home.action(session, "bet", Self.bet)
            _ = stand.home.heard(session)
            stand.op.lines[.credit] = [.lostCall]
            stand.home.action(session, "end")
            #expect(stand.home.heard(session) == ["state idle 8"])
            stand.op.lines[asked] = [.heldAnswer]
            // What the account does not cover has the operator asked for the balance.
            stand.home.action(session, "bet", asked == .debit ? Self.bet : #"{"amount":9}"#)
            #expect(stand.home.heard(session).isEmpty && stand.op.asked(asked) > 0 && stand.owed == 1)
            stand.wait(1_000)
            #expect(stand.owed == 0)
            stand.op.release()
            #expect(stand.home.heard(session) == (asked == .debit ? ["state game 4"] : ["error insufficient_funds", "state idle 8"]))
            #expect(stand.credits == stand.op.balances["u"])
        }
    }
}
