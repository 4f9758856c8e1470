import Foundation
import NIOCore
import NIOEmbedded
import NightjarTesting
import Store
import Testing

@testable import Games

/// What a user's home has to tell the back office.
@Suite struct HomeReportTests {
    private static let ids = Registration(session: "s-1", player: "p-1")

    private func reports(_ home: HomeFixture, _ topic: String) throws -> [[String: Any]] {
        try home.waiting(topic).map { try #require(try JSONSerialization.jsonObject(with: Data($0.body)) as? [String: Any]) }
    }

    @Test func aRoundIsToldWhenItEndsWithAllThatMovedInIt() async throws {
        try onLoop { loop in
            let clock = ManualClock(now: 5_000)
            let home = try HomeFixture(loop, clock: clock, reports: true)
            let session = home.playing(registration: Self.ids)
            home.action(session, "bet", #"{"amount":4}"#)
            _ = home.heard(session)
            let opened = try #require(home.stateID(session))
            #expect(try reports(home, "casino:rounds").isEmpty)
            clock.advance(70)
            home.action(session, "extra")
            _ = home.heard(session)
            // The bet ends one round and opens the next.
            home.action(session, "bet", #"{"amount":3}"#)
            #expect(home.heard(session) == ["state idle 7", "state game 4"])
            let told = try reports(home, "casino:rounds")
            try #require(told.count == 1)
            let round = told[0]
            #expect(round["round_id"] as? String == opened && round["outcome"] as? String == "settled")
            #expect(round["session_id"] as? String == "s-1" && round["player_id"] as? String == "p-1")
            #expect(round["platform"] as? String == "demo" && round["uid"] as? String == "u")
            #expect(round["site"] as? String == "s" && round["game"] as? String == "toss_up" && round["denom"] as? String == "CRE")
            #expect(round["started"] as? Int == 5_000 && round["ended"] as? Int == 5_070)
            #expect((round["ops"] as? [[String: Any]])?.map { "\($0["type"] ?? "") \($0["amount"] ?? "") \($0["direction"] ?? "")" } == ["bet 4 in", "extra 1 in", "win 2 out"])
            #expect(round["total_in"] as? Int == 5 && round["total_out"] as? Int == 2 && round["balance"] as? Int == 7)
            #expect((round["marks"] as? [String])?.isEmpty == true)
            home.action(session, "end")
            #expect(try reports(home, "casino:rounds").map { $0["balance"] as? Int } == [7, 6])
        }
    }

    /// The back office gives its money another name while somebody plays: from then on everything is told under that one.
    @Test func aNewNameOfTheMoneyHoldsForSessionsThatStayOpen() async throws {
        try onLoop { loop in
            let home = try HomeFixture(loop, reports: true)
            let session = home.playing(registration: Self.ids)
            home.action(session, "bet", #"{"amount":4}"#)
            _ = home.heard(session)
            func report() {
                (loop as! EmbeddedEventLoop).advanceTime(by: .seconds(30))
                home.settle()
            }
            report()
            #expect(try reports(home, "casino:players").map { $0["denom"] as? String } == ["CRE"])
            let renamed = String(decoding: home.site.text, as: UTF8.self).replacingOccurrences(of: #""rgs_id":"CRE""#, with: #""rgs_id":"CR2""#)
            #expect(home.loop.shared.sites.replace(Array("[\(renamed)]".utf8)))
            // Nothing has moved, but under this name nobody has heard of it.
            report()
            #expect(try reports(home, "casino:players").map { $0["denom"] as? String } == ["CRE", "CR2"])
            home.action(session, "end")
            #expect(home.heard(session) == ["state idle 8"])
            #expect(try reports(home, "casino:rounds").map { $0["denom"] as? String } == ["CR2"])
            report()
            #expect(try reports(home, "casino:players").map { "\($0["denom"] ?? "") \($0["credits"] ?? "")" } == ["CRE 6", "CR2 8"])
        }
    }

    @Test func whatTheHouseEndsIsToldAsExpired() async throws {
        try onLoop { loop in
            let clock = ManualClock(now: 5_000)
            let home = try HomeFixture(loop, clock: clock, reports: true)
            let session = home.playing()
            home.action(session, "bet", #"{"amount":4}"#)
            _ = home.heard(session)
            home.loop.receive(.detach(UserKey(realm: "demo", user: "u"), session))
            clock.advance(CasinoConfiguration().roundOpenMax + 1)
            _ = home.heard(home.attach("u", registration: Self.ids))
            let told = try reports(home, "casino:rounds")
            #expect(told.map { $0["outcome"] as? String } == ["expired"])
            #expect(told.first?["session_id"] as? String == "s-1")
        }
    }

    /// A failure at any store call leaves both or neither: the end of a round and its report.
    @Test(arguments: StoreFaults.Point.allCases)
    func aRoundAndItsReportAreOne(_ point: StoreFaults.Point) async throws {
        try onLoop { loop in
            for n in 1...14 {
                let home = try HomeFixture(loop, reports: true)
                home.faults.fail(point, at: n)
                let session = home.attach("u", registration: Self.ids)
                home.command(session, .load(game: "toss_up"))
                _ = home.heard(session)
                home.action(session, "bet", #"{"amount":4}"#)
                _ = home.heard(session)
                home.action(session, "end")
                home.faults.clear()
                let ended = home.journal().filter { String(decoding: $0.body, as: UTF8.self).contains("\"outcome\":\"settled\"") }
                #expect(try reports(home, "casino:rounds").count == ended.count, "\(point) \(n)")
            }
        }
    }

    @Test func endsOfSessionsAndBalancesAreTold() async throws {
        try onLoop { loop in
            let home = try HomeFixture(loop, levels: #"{"demo":{"widths":[2],"step":0}}"#, reports: true)
            let session = home.playing(registration: Self.ids)
            home.action(session, "bet", #"{"amount":4}"#)
            #expect(try reports(home, "casino:players").isEmpty)
            #expect(try reports(home, "casino:sessions").isEmpty)
            home.loop.receive(.detach(UserKey(realm: "demo", user: "u"), session))
            let players = try reports(home, "casino:players")
            #expect(players.count == 1 && players[0]["credits"] as? Int == 6 && players[0]["denom"] as? String == "CRE")
            #expect(players.first?["player_id"] as? String == "p-1" && players.first?["soc_level"] as? Int == 3 && players.first?["spend_total"] as? Int == 4)
            #expect(try reports(home, "casino:sessions").map { $0["session_id"] as? String } == ["s-1"])
            // Without a change there is nothing to tell of the player.
            let again = home.attach("u", registration: Registration(session: "s-2", player: "p-1"))
            let before = try home.waiting("casino:players").map(\.id)
            home.loop.receive(.detach(UserKey(realm: "demo", user: "u"), again))
            #expect(try home.waiting("casino:players").map(\.id) == before)
            #expect(try reports(home, "casino:sessions").count == 2)
        }
    }

    @Test func aSessionThatIsNotTakenIsEnded() async throws {
        try onLoop { loop in
            let home = try HomeFixture(loop, reports: true)
            for _ in 0..<CasinoLimits.sessionsPerUser { _ = home.attach("u") }
            _ = home.attach("u", registration: Self.ids)
            #expect(try reports(home, "casino:sessions").map { $0["session_id"] as? String } == ["s-1"])
        }
    }

    @Test func withoutABackOfficeNothingIsTold() async throws {
        try onLoop { loop in
            let home = try HomeFixture(loop)
            let session = home.playing(registration: Self.ids)
            home.action(session, "bet", #"{"amount":4}"#)
            home.action(session, "end")
            home.loop.receive(.detach(UserKey(realm: "demo", user: "u"), session))
            #expect(try home.waiting(nil).isEmpty)
        }
    }
}
