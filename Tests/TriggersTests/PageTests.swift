import Foundation
import NightjarTesting
import Testing

/// What the page and the command line are told, and who may ask.
@Suite(.timeLimit(.minutes(3))) struct PageTests {
    private static let headshots = """
        local ps2 = require "ps2"
        ps2.trigger {
          name = "headshots", events = { "Death" }, worlds = { 17 }, where = { is_headshot = true, zone_id = { ne = 2 } },
          action = function(event) ps2.print("bang") end,
        }
        """

    private func post(_ server: TriggersServer, _ path: String, _ body: [String: Any], headers: [(String, String)] = []) async throws -> (Int, Snapshot) {
        let text = String(decoding: try JSONSerialization.data(withJSONObject: body), as: UTF8.self)
        let response = try await server.base.request("POST", "/triggers/\(path)", headers: headers, body: text)
        return (response.status, Snapshot(text: response.text))
    }

    @Test func anEventThatDidNotFireIsExplained() async throws {
        try await withTriggers(.init(triggers: ["headshots": Self.headshots])) { server in
            try await server.stream.commands(1)
            server.stream.event(FakeStream.death(1))
            let snapshot = try await server.snapshot("the event") { $0.seen("headshots") == 1 }
            #expect(snapshot.int("recent.0.fired") == 0)
            let (status, answer) = try await post(server, "explain", ["seq": snapshot.int("recent.0.seq")!])
            #expect(status == 200)
            #expect(answer.string("results.0.words") == "does not fire: is_headshot is false; wanted is true")
            #expect(answer.string("results.0.failed_at") == "where.is_headshot")
            #expect(server.base.output.all.isEmpty)
        }
    }

    @Test func dullEventsDoNotPushOutTheInterestingOnes() async throws {
        try await withTriggers(.init(triggers: ["headshots": Self.headshots])) { server in
            try await server.stream.commands(1)
            server.stream.event(FakeStream.death(1).merging(["is_headshot": "1"]) { $1 })
            server.stream.event(FakeStream.death(2).merging(["is_headshot": "1", "zone_id": "2"]) { $1 })
            server.stream.storm(1_000) { FakeStream.death(10 + $0) }
            try await server.snapshot("all of them") { $0.seen("headshots") == 1_002 }
            // What is kept of events comes for the trigger that is looked at.
            let looked = Snapshot(text: try await server.base.get("/triggers/state?after=0&trigger=headshots"))
            #expect(looked.at("triggers.0.last_fired") == nil)
            #expect(looked.string("trigger.last_fired.text") == FakeStream.message(FakeStream.death(1).merging(["is_headshot": "1"]) { $1 }).text)
            let failed = looked.list("trigger.last_failed")
            #expect(failed.map { $0["test"] as? String } == ["where.is_headshot", "where.zone_id"])
            #expect((failed.last?["text"] as? String)?.contains(#""attacker_fire_mode_id":"2""#) == true)
        }
    }

    @Test func aPinnedEventIsTriedAgainstTheScriptsAsTheyAreNow() async throws {
        try await withTriggers(.init(triggers: ["headshots": Self.headshots])) { server in
            try await server.stream.commands(1)
            server.stream.event(FakeStream.death(1))
            let seq = try #require(try await server.snapshot("the event") { $0.seen("headshots") == 1 }.int("recent.0.seq"))
            #expect(try await post(server, "pin", ["seq": seq]).0 == 200)
            server.stream.storm(300) { FakeStream.death(10 + $0) }
            try await server.snapshot("the storm") { $0.seen("headshots") == 301 }
            #expect(try await post(server, "explain", ["seq": seq]).0 == 404)
            let text = try #require(try await server.snapshot().string("pinned.0.text"))
            #expect(try await post(server, "explain", ["event": text]).1.at("results.0.fires") as? Bool == false)
            #expect(try await server.save("headshots", Self.headshots.replacingOccurrences(of: "is_headshot = true", with: "is_headshot = false")) == nil)
            #expect(try await server.snapshot().string("pinned.0.text") == text)
            #expect(try await post(server, "explain", ["event": text]).1.at("results.0.fires") as? Bool == true)
            let id = try #require(try await server.snapshot().int("pinned.0.id"))
            #expect(try await post(server, "unpin", ["id": id]).1.at("removed") as? Bool == true)
            #expect(try await server.snapshot().list("pinned").isEmpty)
        }
    }

    @Test func whatIsNoEventCannotBePinnedOrTried() async throws {
        try await withTriggers(.init(triggers: ["headshots": Self.headshots])) { server in
            for (path, body, status) in [
                ("pin", ["event": "nonsense"], 400), ("explain", ["event": "{}"], 400), ("explain", ["seq": 99], 404), ("pin", [:], 404),
            ] as [(String, [String: Any], Int)] {
                let answer = try await post(server, path, body)
                #expect(answer.0 == status && answer.1.string("error.message") != nil, "\(path) \(body): \(answer)")
            }
            for index in 1...51 {
                let event = FakeStream.message(FakeStream.death(index)).text
                #expect(try await post(server, "pin", ["event": event]).0 == (index <= 50 ? 200 : 409))
            }
        }
    }

    @Test func whoComesThroughAProxyNeedsTheToken() async throws {
        try await withTriggers(.init(secrets: ["token": "right"])) { server in
            let forwarded = [("x-forwarded-for", "203.0.113.9")]
            for (headers, status) in [
                ([], 200), (forwarded, 401), (forwarded + [("authorization", "Bearer wrong")], 401), (forwarded + [("authorization", "Bearer right")], 200),
            ] as [([(String, String)], Int)] {
                let answer = try await server.base.request("GET", "/triggers/state", headers: headers)
                #expect(answer.status == status, "\(headers)")
            }
            for path in ["explain", "pin", "unpin"] {
                let answer = try await post(server, path, ["seq": 1], headers: forwarded)
                #expect(answer.0 == 401)
            }
        }
        try await withTriggers { server in
            // Without a token nobody but this machine gets in.
            let status = try await server.base.request("GET", "/triggers/state", headers: [("forwarded", "for=1"), ("authorization", "Bearer ")]).status
            #expect(status == 401)
        }
    }

    @Test func thePageRunsItsOwnScriptsOnly() async throws {
        try await withTriggers { server in
            let response = try await server.base.request("GET", "/triggers/")
            #expect(response.status == 200 && response["content-security-policy"]?.contains("default-src 'none'") == true)
            #expect(!response.text.contains("style=") && !response.text.contains("onclick="))
            for file in ["page/style.css", "page/js/main.js", "lib/dom.js", "page/mark.svg"] {
                #expect(try await server.base.request("GET", "/triggers/\(file)").status == 200)
            }
        }
    }

    @Test func theCommandLineGetsLines() async throws {
        try await withTriggers(.init(triggers: ["headshots": Self.headshots])) { server in
            try await server.stream.commands(1)
            server.stream.heartbeat()
            server.stream.event(FakeStream.death(1))
            try await server.snapshot("the event") { $0.seen("headshots") == 1 && !$0.list("connection.worlds").isEmpty }
            #expect(
                try await server.lines([:]) == [
                    "trigger    seen  fired  errors  rejected by          events",
                    "headshots     1      0       0  where.is_headshot 1  Death",
                ])
            let one = try await server.lines(["name": "headshots"])
            #expect(one.contains("  NO   is_headshot is false; wanted is true"), "\(one)")
            #expect(try await server.lines(["name": "headshot"]) == [#"there is no trigger "headshot"; did you mean "headshots"?"#])
            let event = FakeStream.message(FakeStream.death(9).merging(["is_headshot": "1"]) { $1 }).text
            #expect(try await server.lines(["name": "headshots", "event": event]).first == "headshots: fires: all 4 tests passed")
            #expect(try await server.lines(["event": "nonsense"]).first?.hasPrefix("this is no event") == true)
            let log = try await server.lines(["log": true])
            #expect(log.first == "stream \(server.stream.url): open" && log.contains { $0.hasPrefix("Emerald") && $0.contains("online") }, "\(log)")
        }
    }

    @Test func aRecordingIsWhatCame() async throws {
        try await withTriggers(.init(triggers: ["headshots": Self.headshots])) { server in
            try await server.stream.commands(1)
            try await server.snapshot("the echo") { $0.at("connection.echoed_ms") != nil }
            let first = try #require(try await server.call("ps2.record", [NSNull()]) as? [String: Any])
            server.stream.event(FakeStream.death(1))
            server.stream.say("<html>")
            try await server.snapshot("both") { $0.int("counts.garbage") == 1 }
            let piece = try #require(try await server.call("ps2.record", [first["next"]!]) as? [String: Any])
            #expect(
                piece["lines"] as? [String] == [
                    #"{"at":1763000000000,"message":\#(FakeStream.message(FakeStream.death(1)).text)}"#, #"{"at":1763000000000,"text":"<html>"}"#,
                ])
            // A recorder that does not ask again is forgotten.
            server.clock.advance(11_000)
            server.stream.heartbeat()
            server.stream.event(FakeStream.death(2))
            try await server.snapshot("the second") { $0.seen("headshots") == 2 }
            let late = try #require(try await server.call("ps2.record", [piece["next"]!]) as? [String: Any])
            #expect((late["lines"] as? [String])?.isEmpty == true)
        }
    }
}
