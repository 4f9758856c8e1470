import Bytes
import Foundation
import NightjarTesting
import Reload
import Synchronization
import Testing

/// The connection: when it is there, what is sent on it, and what becomes of a service that misbehaves.
@Suite(.timeLimit(.minutes(3))) struct StreamTests {
    /// Prints a line for every event of a kind.
    static func printing(_ name: String, _ event: String, _ more: String = "", line: String = "event.event_name .. ' ' .. event.world_id") -> String {
        """
        local ps2 = require "ps2"
        ps2.trigger {
          name = "\(name)", events = { "\(event)" }, \(more)
          action = function(event) ps2.print("\(name) " .. \(line)) end,
        }
        """
    }

    static let deaths = printing("deaths", "Death", line: "event.attacker_fire_mode_id")

    @Test func withoutTriggersNothingIsConnected() async throws {
        try await withTriggers { server in
            try await server.save("nothing", "-- no trigger")
            let snapshot = try await server.snapshot()
            #expect(snapshot.string("connection.state") == "closed")
            #expect(server.stream.opened == 0 && snapshot.list("triggers").isEmpty)
        }
    }

    @Test func theFirstTriggerOpensItAndTheLastClosesIt() async throws {
        try await withTriggers { server in
            try await server.save("deaths", Self.deaths)
            #expect(
                try await server.stream.commands(1) == [
                    #"{"action":"subscribe","eventNames":["Death"],"service":"event","characters":["all"],"worlds":["all"]}"#
                ])
            #expect(server.stream.targets == ["/streaming?environment=ps2&service-id=s:secret-id"])
            try await server.remove("deaths")
            try await server.stream.connected(0)
            try await server.snapshot("the end of the connection") { $0.string("connection.state") == "closed" }
            #expect(server.stream.opened == 1)
        }
    }

    @Test func eventsFireTriggers() async throws {
        try await withTriggers(.init(triggers: ["deaths": Self.deaths, "ranks": Self.printing("ranks", "BattleRankUp", #"worlds = { 1 },"#)])) { server in
            try await server.stream.commands(2)
            server.stream.event(FakeStream.death(7))
            server.stream.event(FakeStream.rank("5", 100, world: "17"))
            server.stream.event(FakeStream.rank("5", 100, world: "1"))
            #expect(try await server.base.output.wait(for: 2).sorted() == ["deaths 7", "ranks BattleRankUp 1"])
        }
    }

    @Test func afterALossEverythingIsSubscribedAgainAndTheTimeIsNoted() async throws {
        try await withTriggers(.init(triggers: ["a": Self.deaths, "b": Self.printing("ranks", "BattleRankUp")])) { server in
            let first = try await server.stream.commands(2)
            for (index, lose) in [{ $0.dropInTheMiddleOfAFrame() }, { $0.drop() }, { $0.close(1012) }].enumerated() as EnumeratedSequence<[(FakeStream) -> Void]> {
                lose(server.stream)
                let all = try await server.stream.commands(2 * (index + 2))
                #expect(Array(all.suffix(2)) == first)
            }
            let snapshot = try await server.snapshot("three times down") { $0.int("connection.down.count") == 3 && $0.string("connection.state") == "open" }
            #expect(snapshot.list("connection.down.list").allSatisfy { $0["to"] != nil && $0["reason"] is String })
            server.stream.event(FakeStream.death(8))
            #expect(try await server.base.output.wait(for: 1) == ["deaths 8"])
        }
    }

    @Test func aServiceThatRefusesTheHandshakeIsAskedAgain() async throws {
        try await withTriggers { server in
            server.stream.refuse(500)
            try await server.save("deaths", Self.deaths)
            try await eventually("five attempts") { server.stream.targets.count >= 5 }
            let snapshot = try await server.snapshot("the error") { $0.at("connection.error.status") as? Int == 500 }
            #expect(snapshot.int("connection.down.count") == 1)
            // Nobody sees the service id.
            #expect(!snapshot.text.contains("secret-id"))
            server.stream.refuse(nil)
            try await server.stream.commands(1)
            try await server.snapshot("the connection") { $0.string("connection.state") == "open" }
            #expect(!server.base.log.all.contains { $0.description.contains("secret-id") })
        }
    }

    @Test func withoutAHeartbeatItConnectsAnew() async throws {
        try await withTriggers(.init(triggers: ["deaths": Self.deaths])) { server in
            try await server.stream.commands(1)
            server.stream.heartbeat()
            try await server.snapshot("the heartbeat") { $0.list("connection.worlds").count == 3 }
            for number in 1...2 {
                server.clock.advance(89_000)
                server.stream.heartbeat()
                // It has been taken when the event behind it has.
                server.stream.event(FakeStream.death(number))
                try await server.base.output.wait(for: number)
            }
            #expect(server.stream.opened == 1)
            server.clock.advance(91_000)
            try await server.stream.opened(2)
            let snapshot = try await server.snapshot("the loss") { $0.int("connection.down.count") == 1 && $0.string("connection.state") == "open" }
            #expect((snapshot.list("connection.down.list")[0]["reason"] as? String) == "no heartbeat for 90 s")
        }
    }

    @Test func whatIsNoEventStopsNothing() async throws {
        try await withTriggers(.init(triggers: ["deaths": Self.deaths])) { server in
            try await server.stream.commands(1)
            for text in ["", "no JSON", "[", #"{"payload":"#, "7", "null", #"{"what":"is this"}"#, #"{"payload":7,"service":"event","type":"serviceMessage"}"#] { server.stream.say(text) }
            server.stream.say(binary: [0, 255, 1])
            server.stream.event(["event_name": "Death", "timestamp": "1", "world_id": "17", "character_id": "1"])
            server.stream.event(FakeStream.death(1).merging(["zone_id": "eight"]) { $1 })
            server.stream.say(#"{"payload":{"event_name":"NeverHeardOf","character_id":"1","world_id":"17"},"service":"event","type":"serviceMessage"}"#)
            server.stream.say(#"{"payload":{"recent_character_id_count":2,"recent_character_id_list":["1","2"]},"service":"event","type":"serviceMessage"}"#)
            server.stream.event(FakeStream.death(2))
            #expect(try await server.base.output.wait(for: 1) == ["deaths 2"])
            let snapshot = try await server.snapshot()
            #expect(snapshot.int("counts.skipped") == 2 && snapshot.int("counts.binary") == 1)
            #expect(snapshot.int("counts.garbage") == 6 && snapshot.int("counts.unknown") == 2)
            for words in ["the stream sent text that is not JSON", "the stream sent a message nobody knows", "an event was skipped"] {
                #expect(server.base.log.first(words) != nil, "\(words)")
            }
            #expect(server.stream.opened == 1)
        }
    }

    @Test func anUnknownEventHasItsRawFields() async throws {
        let script = Self.printing("news", "NeverHeardOf", line: "event.mood .. ' ' .. event.payload.character_id")
        try await withTriggers(.init(triggers: ["news": script])) { server in
            // The service of this test knows the name as little: it says so, and is told by hand.
            try await server.stream.commands(1)
            server.stream.say(#"{"payload":{"event_name":"NeverHeardOf","character_id":"5428010618015189713","mood":"curious","world_id":"17"},"service":"event","type":"serviceMessage"}"#)
            #expect(try await server.base.output.wait(for: 1) == ["news curious 5428010618015189713"])
            server.stream.state.withLock { $0.violations = [] }
        }
    }

    @Test func numbersMayBeNumbersAndIdsAreExact() async throws {
        let script = Self.printing("ranks", "BattleRankUp", #"characters = { "5428010618015189713" },"#, line: "event.character_id .. ' ' .. math.type(event.battle_rank)")
        try await withTriggers(.init(triggers: ["ranks": script])) { server in
            try await server.stream.commands(1)
            server.stream.say(#"{"payload":{"event_name":"BattleRankUp","character_id":5428010618015189713,"battle_rank":7,"timestamp":1763000000,"world_id":17,"zone_id":8},"service":"event","type":"serviceMessage"}"#)
            // Differs where a float ends.
            server.stream.say(#"{"payload":{"event_name":"BattleRankUp","character_id":"5428010618015189714","battle_rank":"7","timestamp":"1763000000","world_id":"17","zone_id":"8"},"service":"event","type":"serviceMessage"}"#)
            server.stream.event(FakeStream.rank("5428010618015189713", 8))
            #expect(try await server.base.output.wait(for: 2) == ["ranks 5428010618015189713 integer", "ranks 5428010618015189713 integer"])
            #expect(try await server.snapshot().seen("ranks") == 3)
        }
    }

    @Test func whatComesTwiceWithinTwoSecondsIsDropped() async throws {
        let experience: [String: Any] = [
            "event_name": "GainExperience", "amount": "75", "character_id": "5", "experience_id": "7", "loadout_id": "4", "other_id": "6",
            "timestamp": "1763000000", "world_id": "17", "zone_id": "8",
        ]
        let both = Self.deaths + "\n" + Self.printing("experience", "GainExperience").replacingOccurrences(of: "local ps2 = require \"ps2\"", with: "")
        for isOn in [true, false] {
            try await withTriggers(.init(triggers: ["both": both], settings: ["drop_duplicates": "\(isOn)"])) { server in
                try await server.stream.commands(2)
                for _ in 0..<2 {
                    server.stream.event(FakeStream.death(1))
                    server.stream.event(experience)
                }
                server.stream.event(FakeStream.death(2))
                try await server.base.output.wait(for: isOn ? 4 : 5)
                server.clock.advance(2_001)
                server.stream.event(FakeStream.death(1))
                server.stream.event(FakeStream.death(3))
                let lines = try await server.base.output.wait(for: isOn ? 6 : 7)
                #expect(lines.filter { $0 == "deaths 1" }.count == (isOn ? 2 : 3))
                #expect(lines.filter { $0.hasPrefix("experience") }.count == 2)
                #expect(try await server.snapshot().int("duplicates") == (isOn ? 1 : 0))
            }
        }
    }

    @Test func anAlteredSubscriptionIsNamedAndMended() async throws {
        try await withTriggers { server in
            server.stream.alter { $0.events.remove("Death") }
            try await server.save("deaths", Self.deaths)
            let line = try await server.base.log.wait(for: "the service has altered the subscription")
            #expect(line.fields["difference"] == "eventNames lacks Death")
            server.stream.alter(nil)
            // Asked again at once, and then with the answer to the question of every 30 seconds.
            try await server.pass("the mended subscription", step: 31_000) {
                server.stream.heartbeat()
                server.stream.event(FakeStream.death(1, time: Int(server.clock.now / 1_000)))
                return server.base.output.all.count >= 1
            }
            #expect(server.stream.opened == 1)
            try await server.snapshot("all as asked") { $0.at("connection.altered") == nil && $0.int("connection.counts.altered")! >= 1 }
        }
    }

    @Test func whatTheServiceForgetsLaterIsFoundByAskingIt() async throws {
        try await withTriggers(.init(triggers: ["deaths": Self.deaths])) { server in
            try await server.stream.commands(1)
            server.stream.alter { $0.worlds = [] }
            try await server.pass("the question and its consequence", step: 10_000) {
                server.stream.heartbeat()
                return server.stream.commands.contains(#"{"action":"subscribe","service":"event"}"#) && server.base.log.first("altered") != nil
            }
            #expect(server.base.log.first("altered")?.fields["difference"] == "worlds lacks all")
        }
    }

    @Test func aSilentWorldIsShownAndSubscribedAgain() async throws {
        try await withTriggers(.init(triggers: ["deaths": Self.deaths], settings: ["verify_s": "0"])) { server in
            try await server.stream.commands(1)
            server.stream.heartbeat()
            server.stream.event(FakeStream.death(1, world: "17"))
            try await server.base.output.wait(for: 1)
            try await server.pass("a stale world", step: 5_000) {
                server.stream.heartbeat()
                server.stream.event(FakeStream.death(Int(server.clock.now % 1_000_000), world: "1"))
                return try await server.snapshot().list("connection.worlds").contains { $0["stale"] != nil }
            }
            let worlds = try await server.snapshot().list("connection.worlds")
            #expect(worlds.filter { $0["stale"] != nil }.map { $0["name"] as? String } == ["Emerald"])
            #expect(worlds.contains { $0["name"] as? String == "Jaeger" && $0["online"] as? Bool == false })
            try await server.stream.commands(2)
            #expect(Set(server.stream.commands).count == 1)
            server.stream.event(FakeStream.death(999, world: "17"))
            try await server.pass("its return") {
                server.stream.heartbeat()
                return server.base.log.first("a world is heard again") != nil
            }
        }
    }

    @Test func onceAnHourEverythingIsSubscribedAnew() async throws {
        // Nobody takes the connection for dead in the hour that goes by at once.
        let settings = ["verify_s": "0", "silence_s": "{}", "heartbeat_s": "86400"]
        try await withTriggers(.init(triggers: ["deaths": Self.deaths], settings: settings)) { server in
            try await server.stream.commands(1)
            server.clock.advance(3_599_000)
            server.stream.heartbeat()
            server.clock.advance(1_000)
            try await server.stream.commands(2)
            try await server.base.log.wait(for: "subscribed anew, as every so often")
        }
    }

    @Test func scriptsCanWaitForAnEventAndCloseTheConnection() async throws {
        let script = """
            local nightjar = require "nightjar"
            local ps2 = require "ps2"
            nightjar.provide("test.wait", function(seconds)
              local event, code = ps2.wait_for({ events = { "BattleRankUp" } }, { events = { "Death" } }, seconds)
              return event and event.event_name or code, #ps2.triggers()
            end)
            nightjar.provide("test.ready", function()
              ps2.trigger { name = "kept", events = { "SkillAdded" }, action = print }
              ps2.wait_ready(0.01)
              return ps2.endpoint_status().Emerald
            end)
            nightjar.provide("test.last", function() ps2.remove_trigger("kept", true) return #ps2.triggers() end)
            nightjar.provide("test.close", function() ps2.close() ps2.disconnect() return true end)
            """
        try await withTriggers(.init(triggers: ["script": script])) { server in
            // Waiting connects, and nothing is left of it.
            async let waited = server.base.host.call("test.wait", json: [Array("20".utf8)])
            try await server.stream.commands(2)
            server.stream.event(FakeStream.rank("5", 7))
            #expect(try await waited.map { String(decoding: $0, as: UTF8.self) } == [#""BattleRankUp""#, "0"])
            try await server.stream.connected(0)
            #expect(try await server.base.host.call("test.wait", json: [Array("0.01".utf8)]).map { String(decoding: $0, as: UTF8.self) } == [#""timeout""#, "0"])

            _ = try await server.call("test.ready", [])
            // The last trigger goes, and the connection was asked to stay.
            #expect(try await server.call("test.last", []) as? Int == 0)
            try await server.save("other", "-- nothing")
            #expect(server.stream.connected == 1)
            _ = try await server.call("test.close", [])
            try await server.stream.connected(0)
            // A reload does not open what a script has closed; a trigger does.
            _ = try await server.call("test.ready", [])
            try await server.stream.connected(1)
        }
    }

    @Test func aBurstOfTenThousandWithActionsThatWaitLosesNone() async throws {
        let script = """
            local nightjar = require "nightjar"
            local ps2 = require "ps2"
            local state = ps2.state { ran = 0 }
            ps2.trigger { name = "slow", events = { "Death" }, action = function()
              nightjar.sleep(0.001)
              state.ran = state.ran + 1
            end }
            ps2.trigger { name = "last", events = { "BattleRankUp" }, action = function() ps2.print("there") end }
            """
        try await withTriggers(.init(triggers: ["slow": script])) { server in
            try await server.stream.commands(2)
            for part in 0..<10 { server.stream.storm(1_000) { FakeStream.death(part * 1_000 + $0) } }
            server.stream.event(FakeStream.rank("5", 1))
            try await server.base.output.wait(for: 1)
            let snapshot = try await server.snapshot("all actions") { $0.trigger("slow")?["finished"] as? Int == 10_000 }
            #expect(snapshot.seen("slow") == 10_000 && snapshot.int("actions.refused") == 0)
        }
    }

    /// Every event is evaluated; of the actions the newest run, and what was given up is counted.
    @Test func aStormOfFiftyThousandWithSlowActionsIsCountedToTheLast() async throws {
        let script = """
            local nightjar = require "nightjar"
            local ps2 = require "ps2"
            local held = true
            nightjar.provide("test.go", function() held = false nightjar.event.notify("go") return true end)
            ps2.trigger { name = "slow", events = { "Death" }, action = function(event)
              if held then nightjar.event.wait("go", 60) end
              if event.attacker_fire_mode_id == 49999 then ps2.print("the newest") end
            end }
            ps2.trigger { name = "last", events = { "BattleRankUp" }, action = function() ps2.print("there") end }
            """
        try await withTriggers(.init(triggers: ["slow": script])) { server in
            try await server.stream.commands(2)
            for part in 0..<50 { server.stream.storm(1_000) { FakeStream.death(part * 1_000 + $0) } }
            let full = try await server.snapshot("all events") { $0.seen("slow") == 50_000 }
            let refused = full.int("actions.refused") ?? 0, waiting = full.int("actions.waiting") ?? 0
            let running = full.int("actions.running") ?? 0
            #expect(full.fired("slow") == 50_000 && refused > 0 && refused + waiting + running == 50_000)
            #expect(waiting <= 10_000 && running == 256)
            _ = try await server.call("test.go", [])
            try await server.base.output.wait(for: 1)
            let done = try await server.snapshot("all actions") { $0.trigger("slow")?["finished"] as? Int == 50_000 - refused }
            #expect(done.int("actions.refused") == refused && done.int("actions.waiting") == 0)
            #expect(server.base.scriptErrors.isEmpty)
        }
    }
}
