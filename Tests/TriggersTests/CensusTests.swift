import Foundation
import NightjarTesting
import Testing

/// Look-ups against a service that is slow, wrong, or down.
@Suite(.timeLimit(.minutes(3))) struct CensusTests {
    private static let ada = "5428010618015189713", ben = "5429026007696236657"
    /// Prints what a look-up gives.
    private static let names = """
        local names = require "names"
        local ps2 = require "ps2"
        ps2.trigger { name = "names", events = { "BattleRankUp" }, action = function(event)
          local who, code, detail = ps2.character(event.character_id)
          ps2.print(who and names.first(who) or code)
        end }
        """

    private func withNames(_ settings: [String: String] = [:], _ body: (TriggersServer) async throws -> Void) async throws {
        try await withTriggers(.init(triggers: ["names": Self.names], settings: settings)) { server in
            try await server.stream.commands(1)
            try await body(server)
        }
    }

    @Test func whatIsAskedAtTheSameTimeIsOneRequest() async throws {
        try await withNames { server in
            try await server.census.modes("slow")
            // One write, so that they come together.
            let characters = [Self.ada, Self.ben, "7", Self.ada]
            server.stream.storm(4) { FakeStream.rank(characters[$0], $0) }
            try await eventually("the question") { try await server.census.asked().count == 1 }
            // Comes while the others are on their way.
            server.stream.event(FakeStream.rank(Self.ben, 10))
            try await server.snapshot("the last one") { $0.trigger("names")?["started"] as? Int == 5 }
            try await server.census.go()
            #expect(try await server.base.output.wait(for: 5).sorted() == ["Ada", "Ada", "Ben", "Ben", "not_found"])
            #expect(try await server.census.asked() == [#"/get/ps2:v2/character?{"c:limit":"3","character_id":"\#(Self.ada),\#(Self.ben),7"}"#])
        }
    }

    @Test func answersAreRemembered() async throws {
        // Else the connection might be taken for dead when the clock jumps, and the event would be lost with it.
        try await withNames(["heartbeat_s": "86400"]) { server in
            for rank in 1...3 {
                server.stream.event(FakeStream.rank(Self.ada, rank))
                try await server.base.output.wait(for: rank)
            }
            #expect(try await server.census.asked().count == 1)
            server.clock.advance(300_000)
            server.stream.event(FakeStream.rank(Self.ada, 4))
            try await server.base.output.wait(for: 4)
            #expect(try await server.census.asked().count == 2)
        }
    }

    @Test(arguments: ["unavailable", "redirect", "garbage", "broken"])
    func whatMayPassIsTriedAgain(_ mode: String) async throws {
        try await withNames { server in
            try await server.census.modes(mode, mode, mode, "right")
            server.stream.event(FakeStream.rank(Self.ada, 1))
            #expect(try await server.base.output.wait(for: 1) == ["Ada"])
            #expect(try await server.census.asked().count == 4)
        }
    }

    @Test func aServiceThatStaysDownIsToldAfterSixTriesAndOthersAreToldAtOnce() async throws {
        try await withNames(["census_pause_s": "60"]) { server in
            try await server.census.modes("broken")
            server.stream.event(FakeStream.rank(Self.ada, 1))
            #expect(try await server.base.output.wait(for: 1) == ["unavailable"])
            #expect(try await server.census.asked().count == 6)
            server.stream.event(FakeStream.rank(Self.ben, 1))
            #expect(try await server.base.output.wait(for: 2).last == "unavailable")
            #expect(try await server.census.asked().count == 6)
            #expect(try await server.snapshot().string("census.down.detail") == "status 500")
            try await server.census.modes("right")
            server.clock.advance(61_000)
            server.stream.heartbeat()
            server.stream.event(FakeStream.rank(Self.ben, 2))
            #expect(try await server.base.output.wait(for: 3).last == "Ben")
        }
    }

    @Test func aServiceThatIsNotThereIsNoDifferentAndTheIdStaysSecret() async throws {
        try await withNames(["census_url": #""http://127.0.0.1:1""#]) { server in
            server.stream.event(FakeStream.rank(Self.ada, 1))
            let lines = try await server.base.output.wait(for: 1)
            #expect(lines == ["unavailable"])
            #expect(!server.base.log.all.contains { $0.description.contains("secret-id") })
        }
    }

    @Test func aRefusalIsNotTriedAgain() async throws {
        try await withNames { server in
            try await server.census.modes("limited")
            server.stream.event(FakeStream.rank(Self.ada, 1))
            #expect(try await server.base.output.wait(for: 1) == ["rate_limited"])
            #expect(try await server.census.asked().count == 1)
        }
    }

    @Test func theExamplesPrintAsTheyShouldOverTheWire() async throws {
        try await withTriggers(.init(settings: ["triggers": #"["rank_up","mutual_death","alert_board"]"#])) { server in
            try await server.stream.commands(3)
            server.stream.event(FakeStream.rank(Self.ada, 34))
            #expect(try await server.base.output.wait(for: 1) == ["Night Owl Ada has reached BR 34!"])
            server.stream.event(FakeStream.rank("1", 2))
            #expect(try await server.base.output.wait(for: 2).last == "Skipping anonymous player")
            server.stream.event(FakeStream.death(1, attacker: Self.ada, victim: Self.ben))
            server.stream.event(FakeStream.death(2, attacker: Self.ben, victim: Self.ada, time: 1_763_000_005))
            #expect(try await server.base.output.wait(for: 3).last == "2025-11-13 02:13:25+00:00: [Emerald] - Mutual death between Ada and Ben")
        }
    }

    @Test func theAlertBoardIsLive() async throws {
        try await withTriggers(.init(settings: ["triggers": #"["alert_board"]"#])) { server in
            try await server.stream.commands(1)
            let page = try await server.base.connect("/alerts/live")
            #expect(try await page.receiveText().contains(#""alerts":[]"#))
            func alert(_ state: Int, _ vs: String) -> [String: Any] {
                [
                    "event_name": "MetagameEvent", "experience_bonus": "25.0", "faction_nc": "33.3", "faction_tr": "30.2", "faction_vs": vs,
                    "instance_id": "12001", "metagame_event_id": "147", "metagame_event_state": "\(state)",
                    "metagame_event_state_name": "x", "timestamp": "1763000000", "world_id": "17", "zone_id": "2",
                ]
            }
            server.stream.event(alert(135, "36.5"))
            #expect(try await page.receiveText().contains(#""vs":36.5"#))
            #expect(try await page.receiveText().contains(#""name":"Indar Superiority""#))
            server.stream.event(alert(139, "40.04"))
            let update = try await page.receiveText()
            #expect(update.contains(#""vs":40.0"#) && update.contains(#""world":"Emerald""#) && update.contains(#""zone":"Indar""#))
            // A reload keeps the board and its watchers.
            try await server.save("other", StreamTests.deaths)
            server.stream.event(alert(138, "50"))
            #expect(try await page.receiveText().contains(#""alerts":[]"#))
            #expect(try await server.base.get("/alerts/").contains("<title>Alerts</title>"))
            // It is for everybody, also behind a proxy.
            #expect(try await server.base.request("GET", "/alerts/now", headers: [("x-forwarded-for", "203.0.113.9")]).status == 200)
        }
    }
}
