import Foundation
import Games
import NightjarTesting
import Testing

/// `fb_social` over the wire.
@Suite struct FacebookSocialTests {
    private func social(_ session: WireSession, _ message: String) throws {
        try session.send(#"{"t":"component","which":"fb_social","message":\#(message)}"#)
    }

    private static let site = #"{"id":"SITE","initial_credits":100,"manual_credits":MANUAL,"games":{"joker_bingo":{}}}"#

    private func options(debug: Bool) -> ServerOptions {
        var options = ServerOptions.casino()
        options.debug = debug
        for (name, manual) in [("free", "true"), ("strict", "false")] {
            options.files["Scripts/casino/sites/\(name).json"] = Self.site
                .replacingOccurrences(of: "SITE", with: name).replacingOccurrences(of: "MANUAL", with: manual)
        }
        return options
    }

    @Test func creditsAreBoughtAndSetWhereTheSiteAllowsIt() async throws {
        try await withTestServer(options(debug: false)) { server in
            let session = try server.session("ann", site: "free")
            try social(session, #"{"what":"manual_buy","amount":500}"#)
            try session.state()
            #expect(session.credits == 600)
            for message in [#"{"what":"set_credits","amount":7}"#, #"{"what":"set_credits","credits":7.0}"#] {
                try social(session, message)
                try session.state()
                #expect(session.credits == 7)
            }
            for wrong in [
                #"{"what":"manual_buy","amount":0}"#, #"{"what":"manual_buy","amount":1.5}"#, #"{"what":"manual_buy"}"#,
                #"{"what":"manual_buy","amount":1000000001}"#, #"{"what":"manual_buy","amount":"5"}"#, #"{"what":"set_credits","amount":-1}"#,
                #"{"what":"set_credits"}"#, #"{"what":"give"}"#, "{}", "[]", "7",
            ] {
                try social(session, wrong)
                #expect(try session.error() == "component_error", "\(wrong)")
            }
            try social(session, #"{"what":"manual_buy","amount":1}"#)
            try session.state()
            #expect(session.credits == 8)
        }
    }

    @Test(arguments: [true, false])
    func aSiteThatForbidsItGivesNothingOutsideOfDevelopment(debug: Bool) async throws {
        try await withTestServer(options(debug: debug)) { server in
            let session = try server.session("ann", site: "strict")
            try social(session, #"{"what":"manual_buy","amount":500}"#)
            if debug {
                try session.state()
                #expect(session.credits == 600)
            } else {
                #expect(try session.error() == "component_error")
            }
        }
    }

    @Test func theLevelRisesWithTheBetAndItsCurveIsLive() async throws {
        try await withTestServer(options(debug: true)) { server in
            let session = try server.session("ann", site: "free")
            _ = try session.load("joker_bingo")
            try session.act("bet", #"{"amount":88}"#)
            let data = try #require(try session.state()["userdata"] as? [String: Any])
            #expect(data["soc_level"] as? Int == 2 && data["spend_total"] as? Int == 88)
            #expect(data["soc_level_progress"] as? Double == 0.18 && data["soc_level_prog"] as? Double == 0.18)
            server.save("Scripts/casino/levels.lua", "return { widths = { 8, 40 }, step = 0 }")
            try await server.reload()
            await server.casino?.refreshSites()
            try session.act("end")
            let after = try #require(try session.state()["userdata"] as? [String: Any])
            #expect(after["soc_level"] as? Int == 4 && after["soc_level_progress"] as? Double == 0.0)
        }
    }

    @Test func aPlatformWithoutTheComponentKnowsNeitherItNorLevels() async throws {
        var options = options(debug: true)
        options.files["Scripts/casino/platforms/plain.lua"] = #"return { authenticate = function(c) return { uid = c.uid, profile = {} } end }"#
        try await withTestServer(options) { server in
            let session = try server.session()
            try session.send(#"{"auth":{"uid":"ann"},"platform":"plain","site":"free"}"#)
            let data = try #require(try session.state()["userdata"] as? [String: Any])
            #expect(data["soc_level"] == nil)
            try social(session, #"{"what":"manual_buy","amount":500}"#)
            #expect(try session.error() == "unknown_component")
        }
    }

    @Test func scriptsSendToTheSessionsOfAUser() async throws {
        var options = options(debug: true)
        options.packages["teller"] = """
            local nightjar = require "nightjar"
            nightjar.http.get("/tell/:user", function(request)
              nightjar.casino.send({ platform = "demo", user = request.params.user, site = request.query.site }, "news", { n = 1 })
              nightjar.casino.publish("all", "news", { n = 2 }, { interval = 1 })
              return "told"
            end)
            return {}
            """
        try await withTestServer(options) { server in
            let ann = try server.session("ann", site: "free"), bob = try server.session("bob", site: "free")
            #expect(try await server.get("/tell/ann?site=strict") == "told")
            #expect(try await server.get("/tell/ann") == "told")
            let heard = try ann.receive()
            #expect(heard["t"] as? String == "component" && heard["which"] as? String == "news")
            #expect((heard["message"] as? [String: Int]) == ["n": 1])
            try bob.send(#"{"t":"gamefinish"}"#)
            #expect(try bob.receive()["t"] as? String == "state", "bob hears nothing of it")
        }
    }

    @Test func aNewComponentIsLiveOnSaveAlsoForOpenSessions() async throws {
        var options = options(debug: true)
        let platform = { (components: String) in
            "return { components = { \(components) }, authenticate = function(c) return { uid = c.uid, profile = {} } end }"
        }
        options.files["Scripts/casino/platforms/club.lua"] = platform("")
        try await withTestServer(options) { server in
            let session = try server.session()
            try session.start("ann", platform: "club", site: "free")
            let greet = #"{"t":"component","which":"greeting","message":{"name":"Ann"}}"#
            try session.send(greet)
            #expect(try session.error() == "unknown_component")
            server.save("Scripts/casino/components/greeting.lua", """
                return { message = function(_, message) return { reply = { text = "hello " .. message.name } } end }
                """)
            server.save("Scripts/casino/platforms/club.lua", platform("\"greeting\""))
            #expect(try await server.casinoReload() == nil)
            try session.send(greet)
            let heard = try session.receive()
            #expect(heard["which"] as? String == "greeting" && heard["message"] as? [String: String] == ["text": "hello Ann"])
        }
    }

    /// The component that `docs/writing-components.md` shows, word for word.
    @Test func theExampleOfThePageGivesItsPresentOnce() async throws {
        let page = try String(contentsOfFile: TestFolder.project(of: #filePath) + "/docs/writing-components.md", encoding: .utf8)
        let start = try #require(page.range(of: "```lua\n")), end = try #require(page.range(of: "\n```", range: start.upperBound..<page.endIndex))
        var options = options(debug: true)
        options.files["Scripts/casino/components/bonus.lua"] = String(page[start.upperBound..<end.lowerBound])
        options.files["Scripts/casino/platforms/club.lua"] = """
            return {
              components = { "bonus", "fb_social" },
              authenticate = function(credentials) return { uid = credentials.uid, profile = {} } end,
            }
            """
        try await withTestServer(options) { server in
            let session = try server.session()
            try session.start("ann", platform: "club", site: "free")
            let take = #"{"t":"component","which":"bonus","message":{"what":"take"}}"#
            try session.send(take)
            #expect(try session.error() == "component_error")
            _ = try session.load("joker_bingo")
            try session.act("bet", #"{"amount":72}"#)
            try session.state()
            let before = session.credits
            try session.send(take)
            let data = try #require(try session.state()["userdata"] as? [String: Any])
            #expect(session.credits == before + 20 && data["took"] as? Bool == true && data["soc_level"] as? Int == 2)
            try session.send(take)
            #expect(try session.error() == "component_error")
        }
    }
}
