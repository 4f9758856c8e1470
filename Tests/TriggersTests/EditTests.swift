import Foundation
import Host
import LuaRuntime
import NightjarTesting
import Reload
import Testing

/// Trigger files are edited while the stream runs.
@Suite(.timeLimit(.minutes(10))) struct EditTests {
    private static let ranks = StreamTests.printing("ranks", "BattleRankUp", line: "event.battle_rank")

    @Test func aNewFileIsLiveAndSendsOnlyTheDifference() async throws {
        try await withTriggers(.init(triggers: ["deaths": StreamTests.deaths])) { server in
            try await server.stream.commands(1)
            #expect(try await server.save("ranks", Self.ranks) == nil)
            let commands = try await server.stream.commands(2)
            #expect(commands[1].contains("BattleRankUp") && !commands[1].contains("Death"))
            try await server.remove("deaths")
            let after = try await server.stream.commands(3)
            #expect(after[2] == #"{"service":"event","action":"clearSubscribe","eventNames":["Death"]}"#)
            server.stream.event(FakeStream.death(1))
            server.stream.event(FakeStream.rank("5", 9))
            #expect(try await server.base.output.wait(for: 1) == ["ranks 9"])
            #expect(server.stream.opened == 1)
        }
    }

    @Test func anEditChangesItsOwnTriggersAndNoOthers() async throws {
        try await withTriggers(.init(triggers: ["deaths": StreamTests.deaths, "ranks": Self.ranks])) { server in
            try await server.stream.commands(2)
            server.stream.event(FakeStream.death(1))
            server.stream.event(FakeStream.rank("5", 1))
            try await server.base.output.wait(for: 2)
            #expect(try await server.save("ranks", Self.ranks.replacingOccurrences(of: "battle_rank", with: "character_id")) == nil)
            let line = try await server.base.log.wait(for: "new_or_changed=ranks")
            #expect(line.fields["as_before"] == "1" && line.fields["gone"] == "ranks")
            server.stream.event(FakeStream.death(2))
            server.stream.event(FakeStream.rank("5", 2))
            #expect(try await server.base.output.wait(for: 4).suffix(2).sorted() == ["deaths 2", "ranks 5"])
            let snapshot = try await server.snapshot()
            #expect(snapshot.fired("deaths") == 2 && snapshot.fired("ranks") == 1)
            // What is subscribed is the same: nothing is sent.
            #expect(server.stream.commands.count == 2 && server.stream.opened == 1)
        }
    }

    @Test func aBrokenFileChangesNothingAndIsTold() async throws {
        try await withTriggers(.init(triggers: ["deaths": StreamTests.deaths, "ranks": Self.ranks])) { server in
            try await server.stream.commands(2)
            for (text, problem) in [
                ("local ps2 = require \"ps2\"\nps2.trigger {", "ps2/triggers/ranks.lua:2"),
                (Self.ranks.replacingOccurrences(of: "events", with: "event"), #"a trigger has no "event"; did you mean "events"?"#),
                (Self.ranks.replacingOccurrences(of: "\"ranks\"", with: "\"deaths\""), #"The trigger "deaths" already exists"#),
                (Self.ranks + "\nerror('on purpose')", "on purpose"),
            ] {
                let said = try await server.save("ranks", text)
                #expect(said?.contains(problem) == true, "\(said ?? "nothing") instead of \(problem)")
                #expect(said?.contains("ranks.lua:") == true, "\(said ?? "")")
            }
            let pending = await server.base.host.status().first { $0.unit.description == "package ps2" }?.error
            #expect(pending?.description == "Scripts/ps2/triggers/ranks.lua:6: on purpose")
            server.stream.event(FakeStream.rank("5", 3))
            server.stream.event(FakeStream.death(3))
            #expect(try await server.base.output.wait(for: 2).sorted() == ["deaths 3", "ranks 3"])
            #expect(server.stream.commands.count == 2 && server.stream.opened == 1)
            #expect(try await server.save("ranks", Self.ranks) == nil)
        }
    }

    @Test func aFileThatIsBrokenAtTheStartKeepsNoOtherOneFromRunning() async throws {
        let broken = Self.ranks.replacingOccurrences(of: "events", with: "event")
        try await withTriggers(.init(triggers: ["deaths": StreamTests.deaths, "ranks": broken])) { server in
            #expect(try await server.stream.commands(1)[0].contains("Death"))
            server.stream.event(FakeStream.death(1))
            #expect(try await server.base.output.wait(for: 1) == ["deaths 1"])
            let problem = #"a trigger has no "event"; did you mean "events"?"#
            let line = try await server.base.log.wait(for: "a trigger file does not load, its triggers are off")
            #expect(line.fields["file"] == "triggers/ranks.lua" && line.fields["error"]?.contains(problem) == true)
            #expect(try await server.snapshot().string("broken.0.problem")?.contains("ranks.lua:2: ") == true)
            #expect(try await server.lines([:]).first?.contains("ranks.lua:2: ") == true)
            // From here on there is something to lose.
            #expect(try await server.save("deaths", StreamTests.deaths.replacingOccurrences(of: "\"deaths \"", with: "\"late \""))?.contains(problem) == true)
            #expect(try await server.save("ranks", Self.ranks) == nil)
            try await server.stream.commands(2)
            #expect(try await server.snapshot().list("broken").isEmpty)
            // What was saved meanwhile has come along.
            server.stream.event(FakeStream.death(2))
            #expect(try await server.base.output.wait(for: 2).last == "late 2")
        }
    }

    @Test func whatAScriptKeepsSurvivesAnEditOfIt() async throws {
        let detector = try String(contentsOfFile: TriggersServer.repository + "/Scripts/ps2/examples/mutual_death.lua", encoding: .utf8)
        try await withTriggers(.init(triggers: ["mutual_death": detector])) { server in
            try await server.stream.commands(1)
            let (ada, ben) = ("5428010618015189713", "5429026007696236657")
            server.stream.event(FakeStream.death(1, attacker: ada, victim: ben, time: 1_763_000_000))
            try await server.snapshot("the first death") { $0.trigger("mutual_death")?["finished"] as? Int == 1 }
            #expect(try await server.save("mutual_death", detector + "\n-- changed") == nil)
            server.stream.event(FakeStream.death(2, attacker: ben, victim: ada, time: 1_763_000_004))
            #expect(try await server.base.output.wait(for: 1) == ["2025-11-13 02:13:24+00:00: [Emerald] - Mutual death between Ada and Ben"])
        }
    }

    @Test func aSingleShotThatHasFiredStaysAwayUntilItsFileChanges() async throws {
        let once = StreamTests.printing("once", "BattleRankUp", "single_shot = true,")
        try await withTriggers(.init(triggers: ["once": once, "deaths": StreamTests.deaths])) { server in
            try await server.stream.commands(2)
            for rank in 1...3 { server.stream.event(FakeStream.rank("5", rank)) }
            server.stream.event(FakeStream.death(1))
            #expect(try await server.base.output.wait(for: 2).sorted() == ["deaths 1", "once BattleRankUp 17"])
            #expect(try await server.save("deaths", StreamTests.deaths + "\n-- changed") == nil)
            server.stream.event(FakeStream.rank("5", 4))
            server.stream.event(FakeStream.death(2))
            #expect(try await server.base.output.wait(for: 3).last == "deaths 2")
            #expect(try await server.save("once", once + "\n-- changed") == nil)
            try await eventually("the subscription again") { server.stream.commands.filter { $0.contains("subscribe\",\"eventNames\":[\"BattleRankUp") }.count == 2 }
            server.stream.event(FakeStream.rank("5", 5))
            #expect(try await server.base.output.wait(for: 4).last == "once BattleRankUp 17")
        }
    }

    @Test func anExampleIsSwitchedOnByItsNameOrByCopyingIt() async throws {
        try await withTriggers(.init(settings: ["triggers": #"["rank_up"]"#])) { server in
            try await server.stream.commands(1)
            server.stream.event(FakeStream.rank("5428010618015189713", 34))
            #expect(try await server.base.output.wait(for: 1) == ["Night Owl Ada has reached BR 34!"])
            let text = try server.base.folder.read("Scripts/ps2/examples/rank_up.lua")
            let said = try await server.save("rank_up", text)
            #expect(said?.contains(#"examples/rank_up.lua: "rank_up" is on already, in triggers/rank_up.lua"#) == true, "\(said ?? "")")
        }
    }

    @Test func aMisspeltExampleIsNamed() async throws {
        await #expect {
            try await withTriggers(.init(settings: ["triggers": #"["rankup"]"#])) { _ in }
        } throws: { "\($0)".contains(#"there is no example "rankup"; did you mean "rank_up"?"#) }
    }

    /// 200 saves of one file, some of them broken, while events pour in: a trigger of another file sees every event once, and its
    /// action runs once for each.
    @Test func twoHundredEditsInAStormLoseAndDoubleNothing() async throws {
        let counting = """
            local ps2 = require "ps2"
            local tally = ps2.state { seen = {}, ran = {}, lost = 0 }
            ps2.trigger {
              name = "counting", events = { "Death" },
              conditions = { function(event)
                local n = event.attacker_fire_mode_id
                tally.seen[n] = (tally.seen[n] or 0) + 1
                return true
              end },
              action = function(event)
                local n = event.attacker_fire_mode_id
                tally.ran[n] = (tally.ran[n] or 0) + 1
              end,
            }
            ps2.trigger {
              name = "verdict", events = { "BattleRankUp" },
              action = function(event)
                local seen, ran = { [0] = 0, 0, 0 }, { [0] = 0, 0, 0 }
                for n = 1, event.character_id do
                  local s, r = math.min(2, tally.seen[n] or 0), math.min(2, tally.ran[n] or 0)
                  seen[s], ran[r] = seen[s] + 1, ran[r] + 1
                end
                ps2.print(("seen never %d once %d more %d; ran never %d once %d more %d"):format(
                  seen[0], seen[1], seen[2], ran[0], ran[1], ran[2]))
              end,
            }
            """
        let edited = StreamTests.printing("edited", "BattleRankUp", #"worlds = { 1 },"#)
        try await withTriggers(.init(triggers: ["counting": counting, "edited": edited], settings: ["drop_duplicates": "false"])) { server in
            try await server.stream.commands(3)
            let isOver = StopMark()
            let storm = Task {
                var sent = 0
                while !isOver.isSet {
                    let from = sent
                    server.stream.storm(20) { FakeStream.death(from + $0 + 1) }
                    sent += 20
                    // As fast as they are taken, so that there is always something on the way.
                    try await eventually("events to be taken") { try await server.snapshot().int("counts.events")! >= sent - 200 }
                }
                return sent
            }
            for edit in 1...200 {
                if edit % 5 == 0 {
                    #expect(try await server.save("edited", "local ps2 = require \"ps2\"\nps2.trigger {") != nil)
                } else {
                    let said = try await server.save("edited", edited + "\n-- \(edit)")
                    #expect(said == nil, "\(said ?? "")")
                }
            }
            isOver.set()
            let sent = try await storm.value
            try await server.snapshot("all actions") { $0.trigger("counting")?["finished"] as? Int == sent }
            server.stream.event(FakeStream.rank("\(sent)", 1))
            #expect(try await server.base.output.wait(for: 1) == ["seen never 0 once \(sent) more 0; ran never 0 once \(sent) more 0"])
            #expect(try await server.snapshot().seen("counting") == sent)
            #expect(server.stream.opened == 1 && server.stream.commands.count == 3)
            #expect(sent >= 1_000)
        }
    }
}
