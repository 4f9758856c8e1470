import Foundation
import NightjarTesting
import NIOCore
import NIOEmbedded
import Store
import Testing
import Transport

@testable import Games

/// Rounds that there is nothing to be ended by: their game or their site is gone.
@Suite struct GoneRoundTests {
    private static let hour: Int64 = 60 * 60 * 1000
    private static let bet = #"{"amount":4}"#

    enum Loss: CaseIterable { case site, game }

    private func lose(_ loss: Loss, _ home: HomeFixture) {
        switch loss {
        case .site: #expect(home.loop.shared.sites.replace(Array("[]".utf8)))
        case .game: home.engines.manifests["toss_up"] = nil
        }
    }

    /// Lets an hour go by, in which rounds are looked for once.
    private func hour(_ home: HomeFixture, _ clock: ManualClock) {
        clock.advance(Self.hour)
        (home.loop.eventLoop as! EmbeddedEventLoop).advanceTime(by: .hours(1))
        home.settle()
    }

    private func hours(_ count: Int, _ home: HomeFixture, _ clock: ManualClock) {
        for _ in 0..<count { hour(home, clock) }
    }

    private func object(_ text: [UInt8]?) throws -> [String: Any] {
        let bytes = try #require(text)
        return try #require(try JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any])
    }

    @Test(arguments: Loss.allCases) func theyAreRefundedWhenTheServerHasBeenWithoutItForHalfADay(_ loss: Loss) async throws {
        try onLoop { loop in
            let clock = ManualClock()
            let home = try HomeFixture(loop, clock: clock, reports: true)
            let session = home.playing()
            home.action(session, "bet", Self.bet)
            _ = home.heard(session)
            home.action(session, "extra")
            let records = home.journal().compactMap { JournalRecord(parsing: $0.body) }
            let round = try #require(records.last?.steps.last?.round)
            // The server was off for days meanwhile, and does not know yet.
            clock.advance(100 * Self.hour)
            lose(loss, home)
            _ = home.heard(session)
            (loop as! EmbeddedEventLoop).advanceTime(by: .seconds(10))
            hours(11, home, clock)
            #expect(home.heard(session).isEmpty, "it may come back")
            hour(home, clock)
            #expect(home.heard(session) == ["state - 10"])

            let entry = try #require(home.journal().last)
            #expect(entry.kind == .settlement && entry.ledger == [LedgerEntry(.refund, 5)])
            let told = try object(entry.body)
            #expect(told["round"] as? String == round.description && told["outcome"] as? String == "voided")
            #expect(told["credits_before"] as? Int == 5 && told["credits_after"] as? Int == 10)
            #expect(JournalEvent(parsing: entry.body) == .finished(GameKey(site: "s", game: "toss_up"), round: round))
            #expect(home.sums().map { $0.ledger == 10 && $0.heads == 10 } == true)
            let report = try object(home.waiting(BackOfficeReports.Topic.rounds).last?.body)
            #expect(report["outcome"] as? String == "voided" && report["round_id"] as? String == round.description)
            #expect(report["total_in"] as? Int == 5 && report["total_out"] as? Int == 5 && report["balance"] as? Int == 10)
            #expect(report["denom"] as? String == (loss == .game ? "CRE" : "credit"))

            let entries = home.journal().count
            hours(3, home, clock)
            #expect(home.journal().count == entries, "once")
            home.command(session, .load(game: "other"))
            #expect(home.heard(session) == ["state idle 10"])
        }
    }

    /// A back office that is away, a file that is broken: what was only missing goes on as if nothing had been.
    @Test(arguments: Loss.allCases) func whatComesBackEndsThemItselfAndIsWaitedForAnew(_ loss: Loss) async throws {
        try onLoop { loop in
            let clock = ManualClock()
            let home = try HomeFixture(loop, clock: clock)
            let session = home.playing()
            home.action(session, "bet", Self.bet)
            let (manifest, site) = (home.engines.manifests["toss_up"], home.site.text)
            let comeBack = {
                home.engines.manifests["toss_up"] = manifest
                #expect((try? home.loop.shared.sites.put(site)) != nil)
            }
            clock.advance(25 * Self.hour)
            lose(loss, home)
            _ = home.heard(session)
            hours(11, home, clock)
            comeBack()
            hour(home, clock)
            #expect(home.heard(session) == ["state idle 8"], "it is paid")

            // Another one, of which the time before does not count.
            home.action(session, "bet", Self.bet)
            #expect(home.heard(session) == ["state game 4"])
            clock.advance(25 * Self.hour)
            lose(loss, home)
            hours(11, home, clock)
            #expect(home.heard(session).isEmpty)
            comeBack()
            hour(home, clock)
            #expect(home.heard(session) == ["state idle 6"])
        }
    }

    @Test func oneThatLiesAsideIsRefundedAndTheGameThatIsPlayedGoesOn() async throws {
        try onLoop { loop in
            let clock = ManualClock()
            let home = try HomeFixture(loop, clock: clock)
            let session = home.playing()
            home.action(session, "bet", Self.bet)
            let second = home.attach("u")
            home.command(second, .load(game: "other"))
            clock.advance(25 * Self.hour)
            home.engines.manifests["toss_up"] = nil
            hour(home, clock)
            _ = (home.heard(session), home.heard(second))
            hours(12, home, clock)
            #expect(home.heard(session) == ["state - 10"])
            #expect(home.heard(second) == ["state idle 10"])
            home.action(second, "bet", Self.bet)
            #expect(home.heard(second) == ["state game 6"])
        }
    }

    @Test func anOperatorIsOwedTheRefund() async throws {
        try onLoop { loop in
            let stand = try WalletStand(loop)
            let session = stand.home.playing()
            stand.home.action(session, "bet", Self.bet)
            #expect(stand.home.heard(session) == ["state game 6"] && stand.op.balances["u"] == 6)
            stand.home.engines.manifests["toss_up"] = nil
            stand.op.lines[.credit] = [.lostAnswer, .lostCall]
            for _ in 0..<42 { stand.wait(Self.hour) }
            #expect(stand.home.heard(session).last == "state - 10")
            #expect(stand.op.balances["u"] == 10 && stand.credits == 10 && stand.owed == 0)
            #expect(stand.op.count(.credit) == 1 && stand.op.asked(.rollback) == 0)
        }
    }

    /// Whose platform has lost its file may be an operator's player: a win or a refund that is made here would never get there.
    @Test(arguments: [nil, Loss.game]) func thoseOfAPlatformThatNobodyNamesWait(_ loss: Loss?) async throws {
        try onLoop { loop in
            let first = try WalletStand(EmbeddedEventLoop())
            let session = first.home.playing()
            first.home.action(session, "bet", Self.bet)
            #expect(first.home.heard(session) == ["state game 6"])
            let wallets = WalletDirectory()
            #expect(wallets.replace(Array(#"{"other":"stored"}"#.utf8)))
            let stand = try WalletStand(loop, balances: first.op.balances, after: first, wallets: wallets)
            if let loss { lose(loss, stand.home) }
            for _ in 0..<40 { stand.wait(Self.hour) }
            #expect(stand.credits == 6 && stand.owed == 0 && stand.home.journal().allSatisfy { $0.kind != .settlement })
            #expect(stand.log.count("error: unfinished rounds of this platform wait") == 1)

            #expect(wallets.replace(Array(#"{"demo":"remote"}"#.utf8)))
            for _ in 0..<14 { stand.wait(Self.hour) }
            #expect(stand.op.balances["u"] == (loss == nil ? 8 : 10) && stand.op.count(.credit) == 1)
            #expect(stand.credits == stand.op.balances["u"] && stand.owed == 0)
        }
    }

    /// Money of which nobody knows the name cannot be owed to anybody.
    @Test func anOperatorIsOwedNothingInMoneyThatNoSitePlaysFor() async throws {
        try onLoop { loop in
            let stand = try WalletStand(loop)
            let session = stand.home.playing()
            stand.home.action(session, "bet", Self.bet)
            lose(.site, stand.home)
            for _ in 0..<40 { stand.wait(Self.hour) }
            #expect(stand.op.asked(.credit) == 0 && stand.credits == 6 && stand.owed == 0)
            // Another site does, and the operator is told by its name.
            let other = String(decoding: stand.home.site.text, as: UTF8.self).replacing("\"s\"", with: "\"t\"")
            try stand.home.loop.shared.sites.put(Array(other.utf8))
            stand.wait(Self.hour)
            #expect(stand.op.balances["u"] == 10 && stand.credits == 10 && stand.owed == 0)
        }
    }
}
